"""Ctrl-C during a blocking wait: it ends the wait, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter import RunWatch
from puffle_jupyter.api.loop import BackgroundLoop, poll_loop
from puffle_jupyter.api.outcome import Outcome
from tests.scripted import ScriptedPuffle, told

# A process of its own with a server that answers, a watch that polls, and 200 interrupts at random moments.
# Every wait ends by an interrupt alone, so each moment from its first line to its last can be struck.
STORM = r"""
import asyncio, json, os, random, signal, sys, threading, time
sys.setswitchinterval(1e-4)
import psutil
import puffle_jupyter
from puffle_jupyter.api.loop import poll_loop

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
before = len(poll_loop.tasks()), len(process.net_connections())

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
after = len(poll_loop.tasks()), len(process.net_connections())
print(json.dumps({"polled": polls - asked, "done": watch.done, "before": before, "after": after,
                  "late": late, "words": sorted(words), "waiters": waiters}))
watch.stop()
"""


def test_200_interrupts_at_random_moments_leak_nothing(tmp_path: Path) -> None:
    """The watch goes on polling on its one connection; no task, socket or live waiter is left behind."""
    import json

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


def interrupted_while(action: Callable[[], Any], after: float) -> float:
    """Seconds from the interrupt of this very thread to the end of ``action``."""
    struck = [0.0]

    def strike() -> None:
        struck[0] = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, strike)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt, match=r"still watching run_a|^$"):
            action()
        return time.monotonic() - struck[0]
    finally:
        timer.join()


@pytest.mark.parametrize("after", [0.03, 0.1, 0.3])
def test_an_interrupted_wait_says_that_the_watch_goes_on(background: None, after: float) -> None:
    """And the prompt is back within half a second."""
    watch = RunWatch("run_a", ScriptedPuffle(told("running")).client(), interval=600)
    assert interrupted_while(watch.wait, after) < 0.5
    assert not watch.done
    watch.stop()


def test_an_interrupted_request_is_given_up(background: None) -> None:
    """`PuffleClient.get_run` leaves no task behind that would wait for the answer."""
    import asyncio

    loop = BackgroundLoop("puffle-example")
    assert interrupted_while(lambda: loop.run(asyncio.sleep(600)), 0.1) < 0.5
    deadline = time.monotonic() + 5
    while loop.tasks() and time.monotonic() < deadline:
        time.sleep(0.001)
    assert not loop.tasks()
    loop.stop()


def test_an_interrupt_in_the_waiters_own_lines_cannot_hold_up_who_settles() -> None:
    """Struck at every line of the wait in turn: the result still comes through."""
    for line in range(1, 40):
        outcome: Outcome[str] = Outcome()
        steps = 0

        def strike(frame: Any, event: str, _: Any, line: int = line) -> Any:
            nonlocal steps
            if "outcome.py" in frame.f_code.co_filename or "threading.py" in frame.f_code.co_filename:
                steps += event == "line"
                if steps == line:
                    raise KeyboardInterrupt
            return strike

        previous = sys.gettrace()
        sys.settrace(strike)
        try:
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
    watch = RunWatch("run_a", ScriptedPuffle(told("running")).client(), interval=600)
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
