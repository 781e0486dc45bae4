"""A 429 that one watch gets holds for all watches of the account."""

from __future__ import annotations

import asyncio
import math

import pytest

from puffle_jupyter import WaitTimeout
from puffle_jupyter.run import Run
from puffle_jupyter.watching.budget import PollBudget
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.polling import PollingSource
from puffle_jupyter.watching.registry import WatchRegistry
from puffle_jupyter.watching.schedule import Schedule
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.scripted import ScriptedClock, ScriptedPuffle, told

INTERVAL = 2.0


def answer(status: str) -> Run:
    return Run.from_dict({"runId": "run_a", "status": status})


class Watched:
    """A poller whose first answer comes while another watch of its account learns of a pause."""

    def __init__(self, *, pause: float, timeout: float | None = None, chance: float = 0.5) -> None:
        self.clock = ScriptedClock()
        self.budget = PollBudget()
        self.asked_at: list[float] = []
        self.published: list[WatchSnapshot] = []
        self._seconds = pause
        self.started_at = self.clock()
        state = PollState(
            WatchSnapshot("run_a", started_at=self.started_at),
            INTERVAL,
            timeout,
            random=lambda: chance,
            timed_from=self.started_at,
            budget=self.budget,
        )
        schedule = Schedule(self.clock, self.clock.sleep, self.budget)
        self.source = PollingSource(state, self._fetch, schedule)

    async def _fetch(self, _: str) -> Run:
        self.asked_at.append(self.clock() - self.started_at)
        if len(self.asked_at) > 1:
            return answer("completed")
        self.budget.pause.learn(self.clock() + self._seconds)
        return answer("running")

    def run(self) -> WatchSnapshot:
        return asyncio.run(self.source.follow(self.published.append))


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.99])
def test_no_watch_asks_earlier_than_one_was_told(chance: float) -> None:
    """And they come back spread over an interval, not all at once."""
    watched = Watched(pause=30.0, chance=chance)
    assert watched.run().status == "completed"
    assert watched.asked_at == [0.0, pytest.approx(30.0 + INTERVAL * chance)]


def test_the_badge_says_what_is_waited_for() -> None:
    """It is not "running" while nobody may ask whether it is."""
    watched = Watched(pause=30.0)
    watched.run()
    phases = [(shown.phase, shown.status_text) for shown in watched.published]
    assert phases == [(WatchPhase.WATCHING, "running"), (WatchPhase.RATE_LIMITED, "running")]
    failure = watched.published[-1].failure
    assert failure is not None
    assert failure.next_try_at - watched.started_at == pytest.approx(31.0)


def test_a_pause_that_is_over_changes_nothing() -> None:
    """Neither the interval nor the phase."""
    watched = Watched(pause=-1.0)
    watched.run()
    assert watched.asked_at[1] == pytest.approx(INTERVAL * 0.96)
    assert [shown.phase for shown in watched.published] == [WatchPhase.WATCHING]


def test_a_timeout_within_the_pause_sends_no_last_poll() -> None:
    """What Puffle asked for holds at the end of a watch, too."""
    watched = Watched(pause=30.0, timeout=10.0)
    with pytest.raises(WaitTimeout):
        watched.run()
    assert watched.asked_at == [0.0]


def test_a_watch_that_was_limited_teaches_the_others() -> None:
    """Only a 429 does: a 503 is about one answer, and an answer without a time about nothing."""

    def learned(status: int, headers: dict[str, str]) -> float:
        async def follow() -> float:
            clock, budget = ScriptedClock(), PollBudget()
            published: list[WatchSnapshot] = []
            puffle = ScriptedPuffle((status, {}, headers), told("completed"))
            async with puffle.client() as client:
                snapshot = WatchSnapshot("run_a", started_at=clock())
                state = PollState(snapshot, INTERVAL, budget=budget)
                source = PollingSource(state, client.get_run, Schedule(clock, clock.sleep, budget))
                await source.follow(published.append)
            return budget.pause.until - snapshot.started_at

        return asyncio.run(follow())

    assert learned(429, {"Retry-After": "12"}) == pytest.approx(12.0)
    assert learned(503, {"Retry-After": "12"}) == -math.inf
    assert learned(429, {}) == -math.inf


@pytest.mark.usefixtures("background")
def test_watches_of_one_client_share_it() -> None:
    """Whatever run they are of; those of another client do not."""
    registry = WatchRegistry()
    one, other = ScriptedPuffle(told("running")).client(), ScriptedPuffle(told("running")).client()
    watches = [
        registry.watch(run_id, client, 600.0, None)
        for client in (one, other)
        for run_id in ("run_a", "run_b")
    ]
    pauses = [registry._schedule(watch.client) for watch in watches]
    registry.stop()
    assert pauses[0] is pauses[1]
    assert pauses[2] is pauses[3]
    assert pauses[0] is not pauses[2]
