"""A cancellation is never lost, also when it arrives together with what was waited for."""

from __future__ import annotations

import ast
import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.polling import PollingSource
from puffle_jupyter.watching.schedule import Schedule
from puffle_jupyter.watching.snapshot import WatchSnapshot
from tests.support.paths import PACKAGE
from tests.support.scripted import KEY


def test_nothing_waits_with_wait_for() -> None:
    """`asyncio.wait_for` of Python 3.11 can swallow a cancellation: `asyncio.timeout` does not."""
    for file in sorted(PACKAGE.rglob("*.py")):
        names = {
            node.attr if isinstance(node, ast.Attribute) else node.name
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute | ast.alias)
        }
        assert "wait_for" not in names, file


class _Body(httpx.AsyncByteStream):
    """A body that comes a few turns of the loop after the head."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(3):
            await asyncio.sleep(0)
        yield self._content


def _client(code: int) -> AsyncPuffleClient:
    content = json.dumps({"runId": "run_a", "status": "running", "error": "no"}).encode()

    async def answer(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return httpx.Response(code, stream=_Body(content))

    return AsyncPuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(answer))


async def _ask() -> Any:
    return await _client(200).get_run("run_a")


async def _be_refused() -> Any:
    return await _client(503).get_run("run_a")


async def _poll() -> Any:
    schedule, now = Schedule(time.monotonic, asyncio.sleep), time.monotonic()
    snapshot = WatchSnapshot("run_a", started_at=now)
    state = PollState(snapshot, 1.5, 60.0, timed_from=now, not_before=-math.inf, budget=schedule.budget)
    source = PollingSource(state, _client(200).get_run, schedule)
    return await source.follow(lambda snapshot: None)


@pytest.mark.parametrize("work", [_ask, _be_refused, _poll])
def test_a_cancellation_that_comes_with_the_answer_is_not_lost(work: Callable[[], Awaitable[Any]]) -> None:
    """At whichever turn of the loop it comes: who cancelled does not go on with an answer."""

    async def cancel(after: int) -> bool:
        task = asyncio.ensure_future(work())
        for _ in range(after):
            await asyncio.sleep(0)
        was_under_way = task.cancel()
        await asyncio.wait([task], timeout=5)
        assert task.done()
        return not was_under_way or task.cancelled()

    for after in range(24):
        assert asyncio.run(cancel(after)), after
