"""Ctrl-C during a blocking wait: it ends the wait, and nothing else."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter.background.future import Outcome
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.polled import watch_by_polling
from tests.support.paths import TESTS
from tests.support.scripted import ScriptedPuffle, told

# A process of its own with a server that answers, a watch that polls, and 200 interrupts at random moments.
# Every wait ends by an interrupt alone, so each moment from its first line to its last can be struck.
STORM = r"""
import asyncio, json, os, random, signal, sys, threading, time
sys.setswitchinterval(1e-4)
import psutil
import puffle_jupyter
from puffle_jupyter.background.loop import poll_loop

seed, count = int(sys.argv[1]), int(sys.argv[2])
chance, process, main = random.Random(seed), psutil.Process(), threading.main_thread().ident
polls = 0

async def serve(reader, writer):
    global polls
    while await reader.readuntil(b"\r\n\r\n"):
        body = json.dumps({"runId": "run_a", "status": "running"}).encode()
        polls += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

serving = asyncio.new_event_loop()
threading.Thread(target=serving.run_forever, daemon=True).start()
server = asyncio.run_coroutine_threadsafe(asyncio.start_server(serve, "127.0.0.1", 0), serving).result()
address = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
client = puffle_jupyter.AsyncPuffleClient("pk_live_0123456789abcdef", address)
watch = puffle_jupyter.watch("run_a", client=client, interval=0.1)
while polls < 3:
    time.sleep(0.01)

def held():
    # The most of some moments: between two steps of a poll there is a task less.
    moments = []
    for _ in range(50):
        moments.append((len(poll_loop.tasks()), len(process.net_connections())))
        time.sleep(0.002)
    return max(moments)

before = held()

def interrupt(delay):
    end = time.perf_counter() + delay
    while time.perf_counter() < end:
        pass
    signal.pthread_kill(main, signal.SIGINT)

late, words = 0, set()
for number in range(count):
    delay = chance.choice([0, 1e-4, 1e-3, 0.02]) * chance.random()
    striker = threading.Thread(target=interrupt, args=(delay,))
    try:
        try:
            striker.start()
            watch.wait()
        finally:
            started = time.perf_counter()
    except KeyboardInterrupt as interrupted:
        words.add(str(interrupted))
    while striker.is_alive():
        time.sleep(0.0001)
    late += time.perf_counter() - started > 0.5

asked = polls
deadline = time.monotonic() + 20
while polls < asked + 3 and time.monotonic() < deadline:
    time.sleep(0.01)
waiters = len(watch._ended._bells)
after = held()
print(json.dumps({"polled": polls - asked, "done": watch.done, "before": before, "after": after,
                  "late": late, "words": sorted(words), "waiters": waiters}))
watch.stop()
"""


def test_200_interrupts_at_random_moments_leak_nothing(tmp_path: Path) -> None:
    """The watch goes on polling on its one connection; no task, socket or live waiter is left behind."""
    done = subprocess.run(
        [sys.executable, "-c", STORM, "4", "200"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["polled"] >= 3
    assert not seen["done"]
    assert seen["after"] == seen["before"]
    assert seen["late"] <= 2  # a busy machine pauses a process for as long now and then
    assert "stopped waiting; still watching run_a in the background." in seen["words"]


# Waits without end, and is interrupted once it waits: at no other moment can the interrupt strike.
INTERRUPTED = r"""
import asyncio, json, signal, sys, threading, time
import httpx
from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.background.loop import BackgroundLoop
from puffle_jupyter.watching.polled import watch_by_polling

what, after = sys.argv[1], float(sys.argv[2])
signal.signal(signal.SIGINT, signal.default_int_handler)
main, struck = threading.main_thread().ident, [0.0]

def waits():
    frame = sys._current_frames()[main]
    while frame is not None:
        if frame.f_code.co_name == "wait" and frame.f_code.co_filename.endswith("future.py"):
            return True
        frame = frame.f_back
    return False

def strike():
    while not waits():
        time.sleep(0.001)
    time.sleep(after)
    struck[0] = time.monotonic()
    signal.pthread_kill(main, signal.SIGINT)

def running(request):
    return httpx.Response(200, json={"runId": "run_a", "status": "running"})

if what == "wait":
    transport = httpx.MockTransport(running)
    client = AsyncPuffleClient("pk_live_0123456789abcdef", "https://puffle.example", transport=transport)
    watch = watch_by_polling("run_a", client, interval=600)
    action, left = watch.wait, lambda: watch.done
else:
    loop = BackgroundLoop("puffle-example")
    action, left = lambda: loop.run(asyncio.sleep(600)), loop.tasks

striker = threading.Thread(target=strike)
striker.start()
words = None
try:
    action()
except KeyboardInterrupt as interrupt:
    words, took = str(interrupt), time.monotonic() - struck[0]
striker.join()
deadline = time.monotonic() + 5
while left() and time.monotonic() < deadline:
    time.sleep(0.001)
print(json.dumps({"words": words, "took": took, "left": bool(left())}))
watch.stop() if what == "wait" else loop.stop()
"""


def interrupted(folder: Path, what: str, after: float) -> dict[str, Any]:
    """What is told of an interrupt ``after`` seconds of waiting, by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, what, str(after)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("after", [0.03, 0.1, 0.3])
def test_an_interrupted_wait_says_that_the_watch_goes_on(tmp_path: Path, after: float) -> None:
    """And the prompt is back within half a second."""
    seen = interrupted(tmp_path, "wait", after)
    assert seen["words"] == "stopped waiting; still watching run_a in the background."
    assert seen["took"] < 0.5
    assert not seen["left"]  # the watch is not done


def test_an_interrupted_request_is_given_up(tmp_path: Path) -> None:
    """`PuffleClient.get_run` leaves no task behind that would wait for the answer."""
    seen = interrupted(tmp_path, "request", 0.1)
    assert seen["words"] == ""
    assert seen["took"] < 0.5
    assert not seen["left"]


# What would send a signal, or an exception from outside, to the process that calls it.
STRIKES = {
    "os": {"kill", "killpg", "abort"},
    "signal": {"raise_signal", "pthread_kill", "alarm", "setitimer"},
    "_thread": {"interrupt_main"},
}
STRIKES_OF_ANY = {"PyThreadState_SetAsyncExc"}


def strikes(tree: ast.AST) -> Iterator[int]:
    """The lines that call one of `STRIKES`. The script of a child is a string, and so is none of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in STRIKES.get(module, set()) | STRIKES_OF_ANY:
                yield node.lineno
        if isinstance(node, ast.ImportFrom) and {name.name for name in node.names} & STRIKES.get(
            node.module or "", set()
        ):
            yield node.lineno


def test_no_test_signals_the_process_of_the_tests() -> None:
    """An interrupt that comes late strikes pytest itself and ends the whole suite: children are for that."""
    here = TESTS
    found = [
        f"{path.relative_to(here)}:{line}"
        for path in sorted(here.rglob("*.py"))
        if "node_modules" not in path.parts
        for line in strikes(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "os.kill(os.getpid(), 2)",
        "signal.raise_signal(2)",
        "from signal import alarm",
        "signal.alarm(1)",
    ],
)
def test_a_signal_to_oneself_is_found(code: str) -> None:
    """In code, and not in the text of a child."""
    assert list(strikes(ast.parse(code))) == [1]
    assert not list(strikes(ast.parse(repr(code))))


def test_an_interrupt_in_the_waiters_own_lines_cannot_hold_up_who_settles() -> None:
    """Struck at every line of the wait in turn: the result still comes through."""
    for line in range(1, 40):
        outcome: Outcome[str] = Outcome()
        steps = 0

        def strike(frame: Any, event: str, _: Any, line: int = line) -> Any:
            nonlocal steps
            if "future.py" in frame.f_code.co_filename or "threading.py" in frame.f_code.co_filename:
                steps += event == "line"
                if steps == line:
                    raise KeyboardInterrupt
            return strike

        previous = sys.gettrace()
        try:
            sys.settrace(strike)  # raises in the two files above, and there `outcome.wait` is all that runs
            outcome.wait(timeout=0)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(previous)
        settling = threading.Thread(target=outcome.settle, args=("x",), daemon=True)
        settling.start()
        settling.join(5)
        assert not settling.is_alive(), f"an interrupt at step {line} hangs who settles"
        assert outcome.result() == "x"


def test_many_threads_may_wait_for_one_watch(background: None) -> None:
    """Each gets the same end."""
    watch = watch_by_polling("run_a", ScriptedPuffle(told("running")).client(), interval=600)
    ends: list[str] = []

    def wait() -> None:
        try:
            watch.wait(timeout=20)
        except Exception as error:
            ends.append(type(error).__name__)

    threads = [threading.Thread(target=wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    watch.stop()
    for thread in threads:
        thread.join(20)
    assert ends == ["WatchStopped"] * 20
    assert not watch._ended._bells
    assert poll_loop.running
