"""One timer for all live views: a tick a second for a few, ten ticks a second for however many."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from puffle_jupyter.display.ticker import Ticker, seconds_between


class Time:
    """Seconds that pass only when somebody sleeps; the sleep after the last one never ends."""

    def __init__(self, last: float) -> None:
        self.now = 0.0
        self._last = last
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > self._last + 1e-6:
            self.over.set()
            await asyncio.Event().wait()


async def ticks_within(seconds: float, views: int) -> Counter[int]:
    """How often each of ``views`` is ticked within ``seconds``."""
    time, counted = Time(seconds), Counter[int]()
    ticker = Ticker(time.sleep)
    ticks = [lambda view=view: counted.update([view]) for view in range(views)]
    for tick in ticks:
        ticker.add(tick)
    await time.over.wait()
    for tick in ticks:
        ticker.remove(tick)
    return counted


@pytest.mark.parametrize(("views", "each"), [(1, 60), (5, 60), (10, 60), (50, 12), (600, 1)])
def test_many_views_are_ticked_less_often(views: int, each: int) -> None:
    """In a minute each of a few views gets 60 ticks, and all together never more than 600."""
    counted = asyncio.run(ticks_within(60.0, views))
    assert set(counted.values()) == {each}
    assert len(counted) == views
    assert counted.total() <= 600


def test_the_time_between_ticks() -> None:
    """Ten a second at most, however many views there are."""
    assert [seconds_between(views) for views in (1, 2, 10, 50)] == [1.0, 0.5, 0.1, 0.1]


def test_the_timer_ends_with_the_last_view() -> None:
    """And begins again with the next one; a view that removes itself while it is ticked is ticked no more."""

    async def steps() -> list[int]:
        time, counted = Time(3.0), [0]
        ticker = Ticker(time.sleep)

        def once() -> None:
            counted[0] += 1
            ticker.remove(once)

        ticker.add(once)
        while asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.sleep(0)
        ticker.remove(once)
        ticker.add(once)
        while asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.sleep(0)
        return counted

    assert asyncio.run(steps()) == [2]


def test_views_of_a_loop_that_ended_are_forgotten() -> None:
    """After %unload_ext, or in a forked child, only what is shown there is ticked."""
    ticked: list[str] = []
    ticker = Ticker(lambda _: asyncio.sleep(0))

    async def add(name: str, turns: int) -> None:
        def tick() -> None:
            ticked.append(name)

        ticker.add(tick)
        for _ in range(turns):
            await asyncio.sleep(0)

    for name, turns in (("old", 0), ("new", 10)):
        with asyncio.Runner() as runner:  # `asyncio.run` keeps one loop once nest_asyncio was applied
            runner.run(add(name, turns))
    assert set(ticked) == {"new"}
