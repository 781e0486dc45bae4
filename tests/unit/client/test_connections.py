"""Connections: how many at once, how long they are kept, and what a given-up one costs."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

import aiohttp
import httpx
import psutil
import pytest

from puffle_jupyter import AsyncPuffleClient, ConnectionFailed, InvalidSetting, UnreadableAnswer
from puffle_jupyter.background.loop import BackgroundLoop, poll_loop
from puffle_jupyter.client import connections
from tests.support.proxy import AnsweringPuffle
from tests.support.scripted import KEY, ScriptedPuffle, told

Connections = list[int]


def over_a_socket(
    scene: Callable[[AsyncPuffleClient, Connections], Awaitable[Any]], answers: list[int], **options: Any
) -> Any:
    """A server whose nth connection gives ``answers[n]`` answers and then closes on the next request."""
    seen: Connections = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(seen)
        seen.append(0)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                if seen[number] >= answers[min(number, len(answers) - 1)]:
                    return
                seen[number] += 1
                body = json.dumps({"runId": "run_a", "status": "running"}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def played() -> Any:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with AsyncPuffleClient(KEY, f"http://127.0.0.1:{port}", **options) as client:
            result = await scene(client, seen)
        server.close()
        return result

    return asyncio.run(played())


def test_a_kept_connection_that_was_given_up_costs_no_failure() -> None:
    """The request is sent once more, on a new connection, within the same poll."""

    async def scene(client: AsyncPuffleClient, seen: Connections) -> None:
        for _ in range(4):
            assert (await client.get_run("run_a")).status == "running"
        assert seen == [1, 1, 1, 1]

    over_a_socket(scene, [1])


def test_a_new_connection_that_is_dropped_is_a_failure() -> None:
    """One request, no more: the poller decides when to come back."""

    async def scene(client: AsyncPuffleClient, seen: Connections) -> None:
        with pytest.raises(ConnectionFailed):
            await client.get_run("run_a")
        assert seen == [0]

    over_a_socket(scene, [0])


def test_the_second_sending_is_the_last() -> None:
    """A server that drops whatever it is sent gets two requests, not an endless row."""

    async def scene(client: AsyncPuffleClient, seen: Connections) -> None:
        await client.get_run("run_a")
        with pytest.raises(ConnectionFailed):
            await client.get_run("run_a")
        assert seen == [1, 0]

    over_a_socket(scene, [1, 0])


def options_of(monkeypatch: pytest.MonkeyPatch, library: ModuleType, name: str) -> dict[str, Any]:
    """What the class ``name`` of a library will have been given when one of it has been made."""
    given: dict[str, Any] = {}
    kind = getattr(library, name)

    def made(**options: Any) -> Any:
        given.update(options)
        return kind(**options)

    monkeypatch.setattr(library, name, made)
    return given


def test_connections_outlive_the_longest_usual_interval(
    answering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll a minute opens no new connection, as five seconds (httpx) or fifteen (aiohttp) would."""
    given = options_of(monkeypatch, aiohttp, "TCPConnector")

    async def ask_once() -> None:
        async with AsyncPuffleClient(KEY, answering) as client:
            await client.get_run("run_a")

    asyncio.run(ask_once())
    assert given["keepalive_timeout"] >= 60


def test_over_socks_few_idle_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """httpcore's pool is quadratic in them: a hundred would slow a hundred watches to a fifth."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example:1080")
    given = options_of(monkeypatch, httpx, "AsyncHTTPTransport")

    async def opened() -> None:
        async with AsyncPuffleClient(KEY, "https://puffle.example") as client:
            await client._connections()

    asyncio.run(opened())
    assert given["limits"].max_keepalive_connections <= 20
    assert given["limits"].keepalive_expiry >= 60


def test_waiting_for_a_slot_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline begins with the slot: our own queue, however long, is never called an outage of Puffle."""
    monkeypatch.setattr(connections, "CONNECTIONS", 2)

    async def scene() -> None:
        puffle = ScriptedPuffle(told("running"))
        async with puffle.client(deadline=0.2) as client:
            slots = (await client._connections()).slots
            await slots.acquire()
            await slots.acquire()
            asking = asyncio.ensure_future(client.get_run("run_a"))
            await asyncio.sleep(0.3)  # longer than the deadline
            assert puffle.requests == []
            assert not asking.done()
            slots.release()
            assert (await asking).status == "running"
            assert not slots.locked()

    asyncio.run(scene())


def test_the_largest_answer_can_be_chosen() -> None:
    """`body_limit` bytes are let in, and not one more."""
    code, answer = told("running", text="x" * 1000)
    size = len(json.dumps(answer))

    async def ask(limit: int) -> Any:
        async with ScriptedPuffle((code, answer)).client(body_limit=limit) as client:
            return await client.get_run("run_a")

    assert asyncio.run(ask(size)).status == "running"
    with pytest.raises(UnreadableAnswer, match="is larger than"):
        asyncio.run(ask(size - 1))


def test_cookies_are_not_kept() -> None:
    """The key is all that says who asks: a proxy or a server cannot mark this client beside it."""

    async def scene() -> None:
        async with AnsweringPuffle() as puffle:
            puffle.headers = "Set-Cookie: session=1; Path=/\r\n"
            async with AsyncPuffleClient(KEY, f"http://127.0.0.1:{puffle.port}") as client:
                for run_id in ("run_a", "run_b", "run_b"):
                    await client.get_run(run_id)
            assert len(puffle.received) == 3
            assert b"cookie" not in b"".join(puffle.received).lower()

    asyncio.run(scene())


def descriptors() -> int:
    return psutil.Process().num_fds()


@pytest.fixture
def answering() -> Iterator[str]:
    """A Puffle on a thread of its own, whose descriptors do not come and go."""
    loop = BackgroundLoop("puffle-answering")
    puffle = AnsweringPuffle()
    loop.run(puffle.__aenter__())
    yield f"http://127.0.0.1:{puffle.port}"
    loop.run(puffle.__aexit__())
    loop.stop()


@pytest.mark.skipif(not hasattr(psutil.Process, "num_fds"), reason="Windows counts handles")
def test_no_descriptor_is_left_by_a_loop_that_ended(answering: str) -> None:
    """A client used in one ``asyncio.run`` after the other, never closed: each run closes its connections."""
    client = AsyncPuffleClient(KEY, answering)
    gc.disable()
    try:
        asyncio.run(client.get_run("run_a"))
        before = settled_at(descriptors)
        for _ in range(5):
            asyncio.run(client.get_run("run_a"))
        assert falls_to(before, descriptors)
        assert len(client._open) <= 1
    finally:
        gc.enable()


@pytest.mark.skipif(not hasattr(psutil.Process, "num_fds"), reason="Windows counts handles")
def test_no_descriptor_is_left_by_a_client_that_is_forgotten(answering: str, background: None) -> None:
    """A client that nobody holds any more closes its connections on the loop that goes on."""

    async def ask_once() -> None:
        await AsyncPuffleClient(KEY, answering).get_run("run_a")

    poll_loop.run(ask_once())
    gc.collect()
    before = settled_at(descriptors)
    for _ in range(5):
        poll_loop.run(ask_once())
        gc.collect()
    assert falls_to(before, descriptors)


def falls_to(most: int, count: Callable[[], int]) -> bool:
    """Whether ``count()`` is no more than ``most`` in the end: on a busy machine the server closes late."""
    deadline = time.monotonic() + 20
    while count() > most and time.monotonic() < deadline:
        time.sleep(0.005)
    return count() <= most


def settled_at(count: Callable[[], int]) -> int:
    """``count()`` when it changes no more: the server, too, closes what was closed."""
    last, same = count(), 0
    for _ in range(200):
        time.sleep(0.005)
        now = count()
        last, same = now, same + 1 if now == last else 0
        if same == 20:
            break
    return last


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "64 MB", None, float("nan")])
def test_an_impossible_body_limit_is_refused(limit: Any) -> None:
    """The message names the value."""
    with pytest.raises(InvalidSetting, match="body_limit must be"):
        AsyncPuffleClient(KEY, "https://puffle.example", body_limit=limit)


@pytest.mark.parametrize("deadline", [0, -1, float("nan"), float("inf"), True, "x", None])
def test_an_impossible_deadline_is_refused(deadline: Any) -> None:
    """The message names the value."""
    with pytest.raises(InvalidSetting, match="deadline must be"):
        AsyncPuffleClient(KEY, "https://puffle.example", deadline=deadline)
