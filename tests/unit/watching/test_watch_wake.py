"""A watch that is asked for again, told to come back later, or slept through with the whole machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

import puffle_jupyter
from puffle_jupyter import Run, WaitTimeout, WatchStopped
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.polling import PollingSource
from puffle_jupyter.watching.registry import registry
from puffle_jupyter.watching.schedule import Schedule
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.scripted import ScriptedPuffle, Step, SteppedClock, settled, told

DOWN = (503, b"")
HOURS = 8 * 3600.0


def limited(seconds: object) -> Step:
    return 429, b"", {"Retry-After": str(seconds)}


class Polled:
    """A source whose time passes when the test says so."""

    def __init__(self, *steps: Step, interval: float = 2.0, timeout: float | None = None) -> None:
        self.clock = SteppedClock()
        self.puffle = ScriptedPuffle(*steps)
        self.published: list[WatchSnapshot] = []
        self.asked_at: list[float] = []
        state = PollState(
            WatchSnapshot("run_a", started_at=self.clock()),
            interval,
            timeout,
            random=lambda: 0.5,
            timed_from=self.clock(),
        )
        self.source = PollingSource(state, self._ask, Schedule(self.clock, self.clock.sleep))

    async def _ask(self, run_id: str) -> Run:
        return await self.fetch(run_id)

    async def fetch(self, run_id: str) -> Run:
        self.asked_at.append(self.clock() - 1000)
        return await self._client.get_run(run_id)

    def play(self, scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def played() -> None:
            async with self.puffle.client() as self._client:
                self.task = asyncio.ensure_future(self.source.follow(self.published.append))
                await settled()
                try:
                    await scene()
                finally:
                    self.task.cancel()
                    await asyncio.gather(self.task, return_exceptions=True)

        asyncio.run(played())


def test_failing_polls_are_tried_again_at_once_when_somebody_asks() -> None:
    """Who runs the magic again has mended the network and wants to see it."""
    polled = Polled(DOWN)

    async def scene() -> None:
        await polled.clock.move(300)
        asked = len(polled.asked_at)
        polled.source.poll_now()
        await settled()
        assert polled.asked_at[asked:] == [300]

    polled.play(scene)


def test_waking_starts_the_backoff_anew_and_keeps_since_when() -> None:
    """The try after the woken one comes soon too; the badge still says since when nothing worked."""
    polled = Polled(DOWN)

    async def scene() -> None:
        await polled.clock.move(300)
        polled.source.poll_now()
        await settled()
        failure = polled.published[-1].failure
        assert failure is not None
        assert failure.since == 1000
        assert failure.next_try_at - polled.clock() <= 2

    polled.play(scene)


def test_waking_never_polls_earlier_than_told() -> None:
    """Retry-After holds against an impatient user; after it one more request is sent at once."""
    polled = Polled(limited(30))

    async def scene() -> None:
        for _ in range(29):
            await polled.clock.move(1)
            polled.source.poll_now()
            await settled()
        assert polled.asked_at == [0]
        await polled.clock.move(1.5)
        polled.source.poll_now()
        await settled()
        assert polled.asked_at == [0, 30.5]

    polled.play(scene)


def test_waking_a_watch_that_does_well_adds_no_poll() -> None:
    """A second view of the same run costs nothing."""
    polled = Polled(told("running"))

    async def scene() -> None:
        for _ in range(100):
            polled.source.poll_now()
            await polled.clock.move(0.1)
        assert 5 <= len(polled.asked_at) <= 7

    polled.play(scene)


def test_waking_in_a_tight_loop_is_no_storm() -> None:
    """At most ten requests a second, whoever asks how often."""
    polled = Polled(DOWN)

    async def scene() -> None:
        for _ in range(1000):
            polled.source.poll_now()
            await polled.clock.move(0.001)
        assert len(polled.asked_at) <= 11

    polled.play(scene)


@pytest.mark.parametrize(("after", "polls"), [(1.0, [0, pytest.approx(4.8)]), (30.0, [0, 30])])
def test_a_shorter_interval_holds_from_now(after: float, polls: list[Any]) -> None:
    """It counts from the last poll; when that is longer ago than the interval the next comes at once."""
    polled = Polled(told("running"), interval=60)

    async def scene() -> None:
        await polled.clock.move(after)
        polled.source.extend(5, None)
        await polled.clock.move(5)
        assert polled.asked_at[:2] == polls

    polled.play(scene)


def test_more_patience_while_asleep_means_no_poll_at_the_old_end() -> None:
    """The end of the timeout is looked at again when it has come."""
    polled = Polled(told("running"), interval=60, timeout=10)

    async def scene() -> None:
        await polled.clock.move(5)
        polled.source.extend(60, None)
        await polled.clock.move(50)
        assert polled.asked_at == [0]
        assert not polled.task.done()

    polled.play(scene)


def test_the_timeout_sends_no_last_poll_before_the_time_told() -> None:
    """Giving up is no reason to ask earlier than Puffle wants to be asked."""
    polled = Polled(limited(60), timeout=5)

    async def scene() -> None:
        await polled.clock.move(5)
        with pytest.raises(WaitTimeout):
            await polled.task
        assert polled.asked_at == [0]

    polled.play(scene)


def test_the_run_is_asked_for_once_after_the_machine_slept() -> None:
    """A timeout that passed while the machine slept is declared after a poll, which may find the end."""
    polled = Polled(told("running"), told("completed"), timeout=60)

    async def scene() -> None:
        await polled.clock.move(HOURS, at_once=True)
        assert (await polled.task).status == "completed"
        assert len(polled.asked_at) == 2

    polled.play(scene)


@pytest.mark.parametrize("failure", [None, httpx.ReadError("gone")])
def test_a_poll_that_was_slept_through_is_not_the_last(failure: Exception | None) -> None:
    """What it says is as old as the sleep was long: one more is sent before the timeout is declared."""
    polled = Polled(failure or told("running"), told("completed"), timeout=60)
    answer = polled.fetch

    async def fetch(run_id: str) -> Run:
        if not polled.asked_at:
            polled.clock.now += HOURS
        return await answer(run_id)

    polled.fetch = fetch  # type: ignore[method-assign]

    async def scene() -> None:
        assert (await polled.task).status == "completed"

    polled.play(scene)


def test_a_long_sleep_of_the_machine_ends_no_watch_without_a_timeout() -> None:
    """After it the run is polled once, and then in the old rhythm."""
    polled = Polled(told("running"))

    async def scene() -> None:
        await polled.clock.move(HOURS, at_once=True)
        assert len(polled.asked_at) == 2
        await polled.clock.move(4)
        assert len(polled.asked_at) == 4

    polled.play(scene)


def test_a_stop_whose_cancellation_was_swallowed_still_stops() -> None:
    """`asyncio.wait_for` of Python 3.11 and before may lose a cancellation."""
    polled = Polled(told("running"))

    async def scene() -> None:
        polled.source.stop()
        await polled.clock.move(10)
        with pytest.raises(asyncio.CancelledError):
            await polled.task
        assert polled.asked_at == [0]

    polled.play(scene)


@pytest.mark.usefixtures("background")
def test_a_second_watch_call_wakes_the_first() -> None:
    """`watch` of a run whose polls fail, an hour before the next try: it is asked for at once."""
    puffle = ScriptedPuffle(DOWN, told("completed"))
    client = puffle.client()
    first = puffle_jupyter.watch("run_a", client=client, interval=3600)
    while first.snapshot.failure is None:
        pass
    assert puffle_jupyter.watch("run_a", client=client, interval=3600) is first
    assert first.wait(timeout=10).status == "completed"
    assert [str(event.what) for event in first.history][1:] == [
        "poll failed",
        "watched again",
        "recovered",
        "ended",
    ]
    assert str(first.history[2]).endswith("s watched again, every 3600 s")


@pytest.mark.usefixtures("background")
def test_a_watch_made_anew_keeps_to_what_its_predecessor_was_told() -> None:
    """Stopping and watching again does not get round Retry-After; the badge says what it waits for."""
    puffle = ScriptedPuffle(limited(3000), told("completed"))
    client = puffle.client()
    first = puffle_jupyter.watch("run_a", client=client)
    while first.snapshot.failure is None:
        pass
    due = first.snapshot.failure.next_try_at
    first.stop()
    with pytest.raises(WatchStopped):
        first.wait()
    second = puffle_jupyter.watch("run_a", client=client)
    assert second is not first
    poll_loop.run(settled())
    assert len(puffle.requests) == 1
    assert second.snapshot.phase is WatchPhase.RATE_LIMITED
    assert second.snapshot.failure is not None
    assert second.snapshot.failure.next_try_at == due
    assert second.snapshot.polls == 0
    assert [str(event.what) for event in second.history] == ["started", "waiting"]
    assert registry.live() == [second]
