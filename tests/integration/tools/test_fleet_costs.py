"""The figures of the benchmark ``fleet`` that hold on any machine: ratios, at a size that fits."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

import httpx
import pytest

from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.registry import WatchRegistry
from tests.support.scripted import client_for
from tests.tools.benchmarks.fleet import client, cost_of_peer, cost_of_poll
from tests.tools.benchmarks.lean_server import lean_server

pytestmark = pytest.mark.cost
CALLS = 300


def test_a_poll_of_many_watches_costs_little_more_than_a_bare_request() -> None:
    """All of it, over https: schedule, request, checks, snapshot, views; beside a loop over `httpx`.

    Five hundred, since a poll that has to wake an idle process costs twice as much as one among others. Other
    programs only ever add to a cost: the lowest of three ratios counts.
    """

    def ratio() -> float:
        with lean_server() as (address, authorities):
            measured = client(address, authorities, "500", "3", "idle", "default", "0")
            bare = cost_of_peer("httpx.AsyncClient", address, authorities, "200")
        assert not measured["unreachable"]
        return cost_of_poll(measured) / bare

    assert any(ratio() <= 1.8 for _ in range(3))


@pytest.mark.usefixtures("background")
def test_a_call_of_watch_waits_for_no_poll() -> None:
    """It takes a few round trips to the thread that polls, though no answer ever comes."""

    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(600)
        raise AssertionError

    def seconds_of(call: Callable[[int], object]) -> float:
        started = time.perf_counter()
        for number in range(CALLS):
            call(number)
        return time.perf_counter() - started

    def ratio() -> float:
        registry = WatchRegistry()
        puffle = client_for(never)  # type: ignore[arg-type]
        try:
            there_and_back = seconds_of(lambda _: poll_loop.run(asyncio.sleep(0)))
            watching = seconds_of(lambda number: registry.watch(f"run_{number}", puffle, 1.5, None))
            return watching / there_and_back
        finally:
            registry.stop()

    assert statistics.median(ratio() for _ in range(3)) <= 25
