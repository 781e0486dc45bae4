"""What a poll's answer or failure means for its watch: pure, no clock is read here and nothing is awaited.

begin ──► due ──► start_poll ──► on_answer ──► due …          (the run goes on)
│         └─► ended          (a terminal status)
└ on_error ──► due …          (`retry_policy.deserves_retry`)
└─► given up       (another try cannot mend it)
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..errors import PuffleError, RateLimited, ResponseError, RunNotFound, WaitTimeout
from ..run import Run
from .budget import PollBudget
from .retry_policy import deserves_retry, poll_delay, retry_delay
from .snapshot import RetryState, WatchPhase, WatchSnapshot

LAST_POLL_SECONDS = 2.0
"""Seconds that the poll at the deadline of a watch may take."""

SHORTEST_INTERVAL = 0.1
"""Seconds; the documentation asks for 1 to 2."""

_LATE_SECONDS = 1.0
"""A poll that took this much longer than it may was slept through, with the whole machine."""

_NOTHING = 1e-6  # seconds; what a clock of floats may be off
_LOOKS = 8  # from poll to poll, at most; a 429 makes no interval longer than this many
_WORTH_SAYING = 1.25
"""How much longer the interval must be than was asked for before the badge says so."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a poll came to.

    Attributes:
        snapshot: what is known now.
        due: the clock's time of the next poll; None when there is none: the run ended, or cannot be polled.
    """

    snapshot: WatchSnapshot
    due: float | None


@dataclass
class PollState:
    """The state of polling one run. All times are seconds of one monotonic clock; ``now`` is always given.

    Args:
        snapshot: what is known before the first poll.
        interval: seconds from poll to poll.
        timeout: seconds from ``timed_from`` after which to stop watching; None for never.
        random: random numbers in [0, 1).
        timed_from: when the timeout began.
        not_before: the time before which Puffle does not want to be asked.
        budget: what all watches of the account share.
    """

    snapshot: WatchSnapshot
    interval: float
    timeout: float | None = None
    random: Callable[[], float] = random.random
    timed_from: float = 0.0
    not_before: float = -math.inf
    budget: PollBudget = field(default_factory=PollBudget)
    _next_at: float = field(default=-math.inf, init=False)
    _stretch: float = field(default=1.0, init=False)
    _asked_at: float = field(default=-math.inf, init=False)
    _longest: float = field(default=math.inf, init=False)
    _failures: int = field(default=0, init=False)
    _failing_since: float | None = field(default=None, init=False)
    _not_found_since: float | None = field(default=None, init=False)

    def begin(self, now: float) -> WatchSnapshot | None:
        """Make the first poll due; the snapshot that says so when it has to wait for Puffle.

        An earlier watch of this run may have been asked to come back later, and many watches that begin in
        one go are spread over their interval.
        """
        self._next_at = max(self.not_before, now + self.budget.delay_of_first_poll(now, self.interval))
        return self._wait_as_told(now) if now < self.not_before else None

    def told_to_wait_until(self, now: float) -> float:
        """The time of the next poll, when Puffle asked for no earlier one; else minus infinity."""
        return max(self._next_at, self.not_before) if now < self.not_before else -math.inf

    def keep_to_pause(self, now: float) -> WatchSnapshot | None:
        """Do not poll while Puffle asked another watch of the account for time; spread out after it.

        Returns:
            The snapshot that says so, when that is news.
        """
        if not self._is_paused(now):
            return None
        until = self.not_before = self.budget.pause.until
        self._next_at = max(self._next_at, until + self.interval * self.random())
        self._stretch = 1.0
        return self._wait_as_told(now)

    def due(self) -> float:
        """When to look next: at the time of the next poll, or at the end of the timeout for a last one."""
        return min(self._next_at, self._ends_at())

    def look_at(self, now: float) -> float:
        """When to look again: at the time of the next poll, and a few times before it if it was put off.

        What kept the polls of the account down may be over by then, and the poll is due sooner.
        """
        if self._stretch == 1.0:
            return self.due()
        self._ease(now)
        return min(self.due(), now + max(self.interval, (self._next_at - self._asked_at) / _LOOKS))

    def is_due(self, now: float) -> bool:
        """Whether it is time to look, and no other watch of the account was asked to wait."""
        return self.due() - now <= _NOTHING and not self._is_paused(now)

    def start_poll(self, now: float) -> float | None:
        """A poll is sent ``now``; the seconds that it may take, None for as many as it needs.

        Raises:
            WaitTimeout: the timeout has come while Puffle asked for no request.
        """
        if self.not_before - now > _NOTHING:
            raise self.timed_out()
        self._asked_at = now
        self._longest = max(self._ends_at() - now, LAST_POLL_SECONDS)
        return None if self.timeout is None else self._longest

    def on_answer(self, now: float, run: Run) -> Step:
        """Puffle answered with ``run``."""
        self.budget.answered(now - self._asked_at)
        if run.status.is_terminal:
            ended = replace(
                self.snapshot, phase=WatchPhase.ENDED, failure=None, ended_at=now, stretched_to=None
            )
            return self._step(ended, None, run)
        self._failures = 0
        self._failing_since = self._not_found_since = None
        self._stretch = self.budget.stretch()
        stretched = self.interval * self._stretch
        regular = self._asked_at + poll_delay(stretched, self.random())
        self._next_at = max(regular, now + SHORTEST_INTERVAL / 2)
        said = _rounded(stretched) if stretched > self.interval * _WORTH_SAYING else None
        is_limited = said is not None and self.budget.is_limited
        watching = replace(
            self.snapshot,
            phase=WatchPhase.WATCHING,
            failure=None,
            stretched_to=said,
            is_limited=is_limited,
        )
        return self._step(watching, self._next_at, run)

    def on_error(self, now: float, error: PuffleError) -> Step:
        """The poll failed with ``error``; the step has no next poll when another try cannot mend it."""
        if not isinstance(error, RunNotFound):
            self._not_found_since = None
        elif self._not_found_since is None:
            self._not_found_since = now
        missing_for = 0.0 if self._not_found_since is None else now - self._not_found_since
        if not deserves_retry(error, missing_for):
            return self._step(self.snapshot, None)
        self._failures += 1
        self._stretch = 1.0
        if self._failing_since is None:
            self._failing_since = now
        self._learn(now, error)
        self._next_at = now + retry_delay(error, self._failures, self.interval, self.random())
        failure = RetryState(str(error), self._failing_since, self._next_at, error.short)
        return self._step(
            replace(self.snapshot, phase=_phase_for(error), failure=failure, stretched_to=None), self._next_at
        )

    def is_over(self, now: float) -> bool:
        """Whether the timeout has passed, and the last poll was not slept through with the whole machine.

        A poll that was says nothing about now: then one more is sent.
        """
        return self._ends_at() <= now <= self._asked_at + self._longest + _LATE_SECONDS

    def timed_out(self) -> WaitTimeout:
        """The error of a watch whose timeout has passed; what kept it from being answered is in its words."""
        failure = self.snapshot.failure
        why = "" if failure is None else f"; {self.snapshot.phase.value}: {failure.short or failure.reason}"
        what = f"did not end within {self.timeout:g} s{why.rstrip('.')}"
        error = WaitTimeout(
            f"{self.snapshot.run_id} {what}. The run continues; watch it again to see it end."
        )
        error.short = f"it {what}"
        return error

    def poll_now(self, now: float) -> None:
        """Poll now if polls were failing, or as soon as a shorter `interval` says.

        Not while Puffle has asked for more time: the time after that was chosen so that many watches do
        not come back at once.
        """
        if now < self.not_before:
            return
        if self._failing_since is not None:
            self._failures = 0
            self._next_at = max(now, self._asked_at + SHORTEST_INTERVAL)
        elif self._next_at > now:
            regular = self._asked_at + poll_delay(self.interval, self.random())
            self._next_at = min(self._next_at, max(now, regular))
            self._stretch = 1.0

    def extend(self, now: float, interval: float, timeout: float | None) -> None:
        """Take the shorter interval and the longer timeout of what was asked for and these."""
        self.interval = min(self.interval, interval)
        if timeout is None:
            self.timeout = None
        elif self.timeout is not None and now + timeout > self.timed_from + self.timeout:
            self.timed_from, self.timeout = now, timeout

    def _ease(self, now: float) -> None:
        """Make the next poll due sooner when the account may send more than when its time was set."""
        stretch = self.budget.stretch()
        if stretch < self._stretch:
            eased = self._asked_at + (self._next_at - self._asked_at) * stretch / self._stretch
            self._next_at, self._stretch = max(now, eased), stretch

    def _is_paused(self, now: float) -> bool:
        """Whether Puffle asked another watch of the account for time that this one does not know of yet."""
        return now < self.budget.pause.until and self.not_before < self.budget.pause.until

    def _learn(self, now: float, error: PuffleError) -> None:
        """What Puffle asks for holds from now on: of a 429 for all watches of the account."""
        if isinstance(error, RateLimited):
            self.budget.limited(now)
        if isinstance(error, ResponseError) and error.retry_after is not None:
            self.not_before = now + error.retry_after
            if isinstance(error, RateLimited):
                self.budget.pause.learn(self.not_before)

    def _ends_at(self) -> float:
        return math.inf if self.timeout is None else self.timed_from + self.timeout

    def _wait_as_told(self, now: float) -> WatchSnapshot:
        failure = RetryState("Puffle asked for some time before the next request.", now, self._next_at)
        self.snapshot = replace(self.snapshot, phase=WatchPhase.RATE_LIMITED, failure=failure)
        return self.snapshot

    def _step(self, snapshot: WatchSnapshot, due: float | None, run: Run | None = None) -> Step:
        self.snapshot = replace(snapshot, polls=snapshot.polls + 1)
        if run is not None:
            self.snapshot = replace(self.snapshot, run=run, status=run.status, status_text=run.status_text)
        return Step(self.snapshot, due)


def _rounded(seconds: float) -> float:
    """Seconds to say: coarse, so that a badge does not change with every poll."""
    return float(math.ceil(seconds) if seconds < 10 else math.ceil(seconds / 5) * 5)


def _phase_for(error: PuffleError) -> WatchPhase:
    if isinstance(error, RateLimited):
        return WatchPhase.RATE_LIMITED
    if isinstance(error, RunNotFound):
        return WatchPhase.NOT_FOUND
    if isinstance(error, ResponseError):
        return WatchPhase.ERROR_ANSWER
    return WatchPhase.UNREACHABLE
