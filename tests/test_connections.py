"""Connections: how many at once, how long they are kept, and what a given-up one costs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from puffle_jupyter import AsyncPuffleClient, ConnectionFailed, InvalidSetting, UnreadableAnswer
from puffle_jupyter.api import connections
from tests.scripted import KEY, ScriptedPuffle, told

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


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> httpx.Limits:
    """What httpx is told of connections when a client opens its first."""
    told_httpx: dict[str, Any] = {}
    monkeypatch.setattr(httpx, "AsyncClient", lambda **options: told_httpx.update(options))
    connections.open_http(AsyncPuffleClient(KEY, "https://puffle.example")._account, None, None)
    given: httpx.Limits = told_httpx["limits"]
    return given


def test_connections_outlive_the_longest_usual_interval(limits: httpx.Limits) -> None:
    """A poll every ten seconds opens no new connection, as httpx's own five seconds would."""
    assert limits.keepalive_expiry is not None
    assert limits.keepalive_expiry >= 60


def test_few_idle_connections_are_kept(limits: httpx.Limits) -> None:
    """httpcore's pool is quadratic in them: a hundred would slow a hundred watches to a fifth."""
    assert limits.max_keepalive_connections is not None
    assert limits.max_keepalive_connections <= 20


def test_a_place_is_waited_for_within_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds every place taken by a hanging server learns so, and in half the deadline."""
    monkeypatch.setattr(connections, "_CONNECTIONS", 2)

    async def scene() -> None:
        puffle = ScriptedPuffle(told("running"))
        async with puffle.client(deadline=0.2) as client:
            places = client._connections().places
            await places.acquire()
            await places.acquire()
            with pytest.raises(ConnectionFailed, match="2 other requests still wait"):
                await client.get_run("run_a")
            assert puffle.requests == []
            places.release()
            assert (await client.get_run("run_a")).status == "running"
            assert not places.locked()

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
