"""One heap of due times and one sleep for all watches of an account."""

from __future__ import annotations

import asyncio

from puffle_jupyter.watching.budget import PollBudget
from puffle_jupyter.watching.schedule import Schedule
from tests.support.scripted import SteppedClock, settled


def test_each_wakes_at_its_time_and_one_task_sleeps() -> None:
    """Whatever the order in which the times came in."""

    async def scene() -> None:
        clock = SteppedClock()
        schedule = Schedule(clock, clock.sleep)
        woken: list[tuple[float, float]] = []

        async def wait(until: float) -> None:
            await schedule.at(until)
            woken.append((until, clock.now))

        times = [1000.0 + number * 7 % 50 for number in range(50)]
        tasks = [asyncio.ensure_future(wait(time)) for time in times]
        await settled()
        assert len(clock.sleeping) == 1
        await clock.move(60)
        assert woken == [(time, time) for time in sorted(times)]
        await asyncio.gather(*tasks)
        assert not clock.sleeping

    asyncio.run(scene())


def test_nobody_sleeps_for_a_time_that_is_not_wanted_any_more() -> None:
    """A watch that was stopped leaves no sleeping task."""

    async def scene() -> None:
        clock = SteppedClock()
        schedule = Schedule(clock, clock.sleep)
        first, second = schedule.at(1010.0), schedule.at(1020.0)
        await settled()
        first.cancel()
        await settled()
        assert len(clock.sleeping) == 1
        second.set_result(None)
        await settled()
        assert not clock.sleeping
        third = schedule.at(1030.0)
        await clock.move(40)
        assert third.done()

    asyncio.run(scene())


def test_slots_are_given_in_order() -> None:
    """Who waits longest for the right to send a request gets it first: no watch is forgotten."""

    async def scene() -> list[int]:
        clock = SteppedClock()
        schedule = Schedule(clock, clock.sleep, PollBudget(in_flight=2))
        order: list[int] = []

        async def send(number: int) -> None:
            async with schedule.slot():
                order.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(send(number) for number in range(20)))
        return order

    assert asyncio.run(scene()) == list(range(20))


def test_another_loop_starts_afresh() -> None:
    """After ``%unload_ext`` another thread polls, and the schedule of a client is the same."""
    clock = SteppedClock()
    schedule = Schedule(clock, clock.sleep)

    async def abandoned() -> None:
        schedule.at(1005.0)
        await settled()

    async def works() -> None:
        future = schedule.at(1001.0)
        await clock.move(2)
        assert future.done()

    asyncio.run(abandoned())
    asyncio.run(works())
