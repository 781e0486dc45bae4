"""Names are looked up on few threads, once for all who ask at the same time."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from puffle_jupyter.background.lookups import MOST_THREADS
from puffle_jupyter.background.loop import BackgroundLoop


class NameServer:
    """Keeps whoever asks waiting until `answers` is set."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, *_: Any, **__: Any) -> list[str]:
        self.asked.append(host)
        self.answers.wait(10)
        if host.startswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        if host.startswith("odd"):
            raise UnicodeError("label too long")
        return [host]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server)
    yield server
    server.answers.set()
    for thread in looking_up():
        thread.join(5)


@pytest.fixture
def background() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop("puffle-lookups-test")
    yield loop
    loop.stop()


def looking_up() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "name-lookup"]


async def ask(host: str, seconds: float = 5.0) -> Any:
    asked = asyncio.get_running_loop().getaddrinfo(host, 443)
    return await asyncio.wait_for(asked, seconds)


async def ask_in_vain(hosts: list[str]) -> int:
    """Ask for each host, give up at once, and count who heard nothing."""
    heard = await asyncio.gather(*(ask(host, 0.05) for host in hosts), return_exceptions=True)
    return sum(isinstance(one, TimeoutError) for one in heard)


def test_a_silent_name_server_costs_few_threads(background: BackgroundLoop, names: NameServer) -> None:
    """Asked again and again, for many hosts: a bounded number of threads waits for it."""
    hosts = [f"{number}.example" for number in range(20)]
    for _ in range(5):
        assert background.run(ask_in_vain(hosts)) == 20
        assert len(looking_up()) <= MOST_THREADS
    assert all(thread.daemon for thread in looking_up())


def test_one_host_is_asked_for_once(background: BackgroundLoop, names: NameServer) -> None:
    """A hundred polls of one address wait for the same answer, and one that gives up takes it from nobody."""

    async def scene() -> list[Any]:
        asking = [asyncio.ensure_future(ask("a.example")) for _ in range(100)]
        assert await ask_in_vain(["a.example"]) == 1
        assert len(looking_up()) == 1
        names.answers.set()
        return await asyncio.gather(*asking)

    assert background.run(scene()) == [["a.example"]] * 100
    assert names.asked == ["a.example"]


def test_questions_wait_for_a_thread(background: BackgroundLoop, names: NameServer) -> None:
    """More hosts than threads are all answered, and the threads end; a given up one is not asked for."""
    hosts = [f"{number}.example" for number in range(3 * MOST_THREADS)]

    async def scene() -> list[Any]:
        asking = [asyncio.ensure_future(ask(host)) for host in hosts]
        assert await ask_in_vain(["late.example"]) == 1
        names.answers.set()
        return await asyncio.gather(*asking)

    assert background.run(scene()) == [[host] for host in hosts]
    for thread in looking_up():
        thread.join(5)
    assert looking_up() == []
    assert "late.example" not in names.asked


def test_a_failure_is_passed_on(background: BackgroundLoop, names: NameServer) -> None:
    """Of the system's resolver as it is; what it chokes on is a failed look-up, too."""
    names.answers.set()
    with pytest.raises(socket.gaierror):
        background.run(ask("unknown.example"))
    with pytest.raises(OSError, match="UnicodeError"):
        background.run(ask("odd.example"))
    assert background.run(ask("a.example")) == ["a.example"]


FORKS = """
import asyncio, os, socket, threading
from puffle_jupyter.background import lookups

answers = threading.Event()
socket.getaddrinfo = lambda host, port: answers.wait(60) and [host]

async def ask(host, seconds):
    return await asyncio.wait_for(lookups.look_ups.ask(host, 443), seconds)

async def fill():
    asking = (ask(f"{number}.example", 0.1) for number in range(lookups.MOST_THREADS))
    await asyncio.gather(*asking, return_exceptions=True)

asyncio.run(fill())
child = os.fork()
if child == 0:
    answers.set()
    os._exit(0 if asyncio.run(ask("0.example", 10)) == ["0.example"] else 1)
print("child ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_starts_afresh() -> None:
    """Its parent's threads do not exist there: their places are free, and their questions asked anew."""
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=60)
    assert done.stdout == "child ended with 0\n", done.stderr


def test_a_silent_name_server_holds_up_no_exit() -> None:
    """A process ends at once although every thread still waits."""
    ends = FORKS.partition("child = os.fork()")[0] + "print('done')"
    done = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True, timeout=30)
    assert done.stdout == "done\n", done.stderr
