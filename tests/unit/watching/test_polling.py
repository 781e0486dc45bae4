"""Following one run from its first poll to its end, with a scripted clock."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from puffle_jupyter import RunNotFound, RunStatus, Unauthorized, WaitTimeout
from puffle_jupyter.run import Run
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.polling import PollingSource
from puffle_jupyter.watching.schedule import Schedule
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.scripted import ScriptedClock, ScriptedPuffle, Step, told


class Followed:
    """A run followed to its end over a scripted Puffle."""

    def __init__(
        self, puffle: ScriptedPuffle, *, interval: float = 2.0, timeout: float | None = None
    ) -> None:
        self.clock = ScriptedClock()
        self.puffle = puffle
        self.published: list[WatchSnapshot] = []
        self._interval, self._timeout = interval, timeout

    def run(self) -> Run:
        return asyncio.run(self._follow())

    async def _follow(self) -> Run:
        async with self.puffle.client() as client:
            state = PollState(
                WatchSnapshot("run_a", started_at=self.clock()),
                self._interval,
                self._timeout,
                random=lambda: 0.5,
                timed_from=self.clock(),
            )
            schedule = Schedule(self.clock, self.clock.sleep)
            self.end = await PollingSource(state, client.get_run, schedule).follow(self.published.append)
            assert self.end.run is not None
            return self.end.run


def test_terminal_on_the_first_poll_sleeps_never() -> None:
    """A run that ended long ago is shown at once."""
    followed = Followed(ScriptedPuffle(told("completed")))
    assert followed.run().status is RunStatus.COMPLETED
    assert followed.clock.sleeps == []


def test_one_sleep_between_two_polls() -> None:
    """The first poll comes at once, the next after the interval with its little jitter."""
    followed = Followed(ScriptedPuffle(told("queued"), told("failed", error="x")))
    assert followed.run().error == "x"
    assert followed.clock.sleeps == [pytest.approx(2.0 * 0.96)]


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_every_terminal_status_ends_the_polling(status: str) -> None:
    """Not one poll after a terminal answer."""
    followed = Followed(ScriptedPuffle(told("running"), told(status), told("running")))
    assert followed.run().status == status
    assert len(followed.puffle.requests) == 2


def test_there_is_no_default_deadline() -> None:
    """Runs may be long; a day of polls is no reason to give up."""
    day = [told("running")] * 2000
    followed = Followed(ScriptedPuffle(*day, told("completed")), interval=60)
    assert followed.run().status is RunStatus.COMPLETED


def test_snapshots_tell_status_and_polls() -> None:
    """What a badge needs is in every snapshot."""
    followed = Followed(ScriptedPuffle(told("queued"), told("EXECUTING"), told("completed")))
    followed.run()
    assert [(shown.status_text, shown.polls, shown.phase) for shown in followed.published] == [
        ("queued", 1, WatchPhase.WATCHING),
        ("EXECUTING", 2, WatchPhase.WATCHING),
    ]
    end = followed.end
    assert (end.phase, end.status_text, end.polls) == (WatchPhase.ENDED, "completed", 3)


def test_rate_limit_is_honoured_and_shown() -> None:
    """The next try comes no earlier than Retry-After, and the badge can say when."""
    limited = (429, {"error": "slow"}, {"Retry-After": "12"})
    followed = Followed(ScriptedPuffle(limited, told("completed")))
    followed.run()
    (snapshot,) = followed.published
    assert snapshot.phase is WatchPhase.RATE_LIMITED
    assert snapshot.failure is not None
    assert snapshot.failure.next_try_at - 1000.0 >= 12
    assert followed.clock.sleeps[0] >= 12


def test_a_broken_network_does_not_end_a_watch() -> None:
    """Drops, 5xx, foreign pages and other runs' answers are waited out, since when they lasted is kept."""
    failures: list[Step] = [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
        (503, b""),
        (200, b"<html>log in</html>"),
        (302, b"", {"Location": "https://evil.example"}),
        told("completed", run_id="run_b"),
    ]
    followed = Followed(ScriptedPuffle(told("running"), *failures, told("completed")))
    assert followed.run().status is RunStatus.COMPLETED
    assert {shown.failure.since for shown in followed.published[1:] if shown.failure} == {1000 + 2 * 0.96}
    assert all(shown.status_text == "running" for shown in followed.published)


def test_recovery_clears_the_failure() -> None:
    """After the network came back the badge says nothing of it."""
    followed = Followed(ScriptedPuffle((500, b""), told("running"), (500, b""), told("completed")))
    followed.run()
    phases = [shown.phase for shown in followed.published]
    assert phases == [WatchPhase.ERROR_ANSWER, WatchPhase.WATCHING, WatchPhase.ERROR_ANSWER]
    assert followed.published[1].failure is None


def test_a_refused_key_ends_the_watch_after_one_request() -> None:
    """401: stop and ask, do not retry (docs.puffle.ai, authentication)."""
    followed = Followed(ScriptedPuffle((401, b"")))
    with pytest.raises(Unauthorized):
        followed.run()
    assert len(followed.puffle.requests) == 1


def test_a_missing_run_is_asked_for_again_for_a_while() -> None:
    """A run just started may lag; one that stays missing ends the watch."""
    followed = Followed(ScriptedPuffle((404, b""), told("completed")))
    assert followed.run().status is RunStatus.COMPLETED
    never = Followed(ScriptedPuffle((404, b"")))
    with pytest.raises(RunNotFound):
        never.run()
    assert 10 <= never.clock.now - 1000 < 13


def test_the_timeout_stops_the_watch_after_a_last_poll() -> None:
    """After a machine slept through the deadline the run is asked for once before giving up."""
    followed = Followed(ScriptedPuffle(told("running")), timeout=5)
    with pytest.raises(WaitTimeout, match="within 5 s"):
        followed.run()
    assert followed.clock.now == pytest.approx(1005)
    assert len(followed.puffle.requests) == 4


def test_a_slow_answer_does_not_stretch_the_interval() -> None:
    """The interval runs from the start of one poll to the start of the next."""
    followed = Followed(ScriptedPuffle(told("running"), told("completed")))
    answer = followed.puffle.__call__

    class Slow(ScriptedPuffle):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            followed.clock.now += 1.5
            return answer(request)

    followed.puffle = Slow()
    followed.run()
    assert followed.clock.sleeps == [pytest.approx(2.0 * 0.96 - 1.5)]
