"""Following one run from its first poll to its end. The clock, the sleep and the fetch are arguments."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ..errors import ConnectionFailed, PuffleError, RateLimited, ResponseError, RunNotFound, WaitTimeout
from ..run import Run
from .account_pause import AccountPause
from .retry_policy import deserves_retry, poll_delay, retry_delay
from .snapshot import Trouble, WatchPhase, WatchSnapshot

Fetch = Callable[[str], Awaitable[Run]]
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

LAST_POLL_SECONDS = 2.0
"""Seconds that the poll at the deadline of a watch may take."""

SHORTEST_INTERVAL = 0.1
"""Seconds; the documentation asks for 1 to 2."""

_LATE_SECONDS = 1.0
"""A poll that took this much longer than it may was slept through, with the whole machine."""

_NOTHING = 1e-6


@dataclass
class Poller:
    """Polls one run until it ends.

    Args:
        fetch: asks for the run once; raises `PuffleError`.
        publish: given every new snapshot.
        clock: seconds, monotonic. The wall clock, which jumps, plays no part.
        sleep: waits that many seconds; cancelled when `ask_again` wakes it.
        interval: seconds from poll to poll.
        timeout: seconds from ``timed_from`` after which to stop watching; None for never.
        chance: random numbers in [0, 1).
        not_before: the clock's time before which Puffle does not want to be asked.
        pause: what Puffle asked of all watches of the account.
    """

    snapshot: WatchSnapshot
    fetch: Fetch
    publish: Callable[[WatchSnapshot], object]
    clock: Clock
    sleep: Sleep
    interval: float
    timeout: float | None = None
    chance: Callable[[], float] = random.random
    timed_from: float = 0.0
    not_before: float = -math.inf
    pause: AccountPause = field(default_factory=AccountPause)
    stopping: bool = field(default=False, init=False)
    _next_at: float = field(default=-math.inf, init=False)
    _asked_at: float = field(default=-math.inf, init=False)
    _sleeping: asyncio.Future[None] | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)
    _failing_since: float | None = field(default=None, init=False)
    _not_found_since: float | None = field(default=None, init=False)

    @property
    def told_to_wait_until(self) -> float:
        """The clock's time of the next poll, when Puffle asked for no earlier one; else minus infinity."""
        return max(self._next_at, self.not_before) if self.clock() < self.not_before else -math.inf

    async def run(self) -> Run:
        """Poll at once, then every interval, until the run ended.

        Raises:
            PuffleError: one that another try cannot mend (`deserves_retry`), or `WaitTimeout`.
            asyncio.CancelledError: cancelled, or `stopping` was set.
        """
        self._next_at = self.not_before
        if self.clock() < self.not_before:
            self._wait_as_told()
        while True:
            await self._until_due()
            self._asked_at = self.clock()
            longest = max(self._ends_at() - self._asked_at, LAST_POLL_SECONDS)
            try:
                run = await self._ask(longest)
            except PuffleError as error:
                self._next_at = self._failed(error)
            else:
                if run.status.is_terminal:
                    return self._ended(run)
                self._answered(run)
                self._next_at = max(self._next_regular(), self.clock() + SHORTEST_INTERVAL / 2)
            # A poll that the machine slept through says nothing about now: then one more is sent.
            if self._ends_at() <= self.clock() <= self._asked_at + longest + _LATE_SECONDS:
                raise self._timed_out()

    def ask_again(self) -> None:
        """Poll now if polls were failing, or as soon as a shorter `interval` says; on the loop's thread.

        Not while Puffle has asked for more time: the time after that was chosen so that many watches do
        not come back at once.
        """
        now = self.clock()
        if now >= self.not_before:
            if self._failing_since is not None:
                self._failures = 0
                self._next_at = max(now, self._asked_at + SHORTEST_INTERVAL)
            elif self._next_at > now:
                self._next_at = min(self._next_at, max(now, self._next_regular()))
        if self._sleeping is not None:
            self._sleeping.cancel()

    async def _ask(self, longest: float) -> Run:
        """Ask once, not much longer than the timeout allows, and long enough to be answered after it."""
        asking = self.fetch(self.snapshot.run_id)
        if self.timeout is None:
            return await asking
        try:
            return await asyncio.wait_for(asking, longest)
        except TimeoutError:
            raise ConnectionFailed(f"No answer within {longest:g} s.") from None

    async def _until_due(self) -> None:
        """Sleep until the next poll: at its time, or at the end of the timeout for a last one.

        Both are looked at again whenever the sleep ends: they may have changed meanwhile.
        """
        self._keep_to_pause()
        while not self.stopping and (left := self._seconds_left()) > _NOTHING:
            await self._nap(left)
            self._keep_to_pause()
        if self.stopping:  # `wait_for` of Python 3.11 and before can swallow a cancellation
            raise asyncio.CancelledError
        if self.not_before - self.clock() > _NOTHING:
            raise self._timed_out()

    def _keep_to_pause(self) -> None:
        """Do not poll while Puffle asked another watch of the account for time; spread out after it."""
        if self.clock() < self.pause.until and self.not_before < self.pause.until:
            self.not_before = self.pause.until
            self._next_at = max(self._next_at, self.pause.until + self.interval * self.chance())
            self._wait_as_told()

    async def _nap(self, seconds: float) -> None:
        self._sleeping = asyncio.ensure_future(self.sleep(seconds))
        try:
            await asyncio.wait([self._sleeping])
            if not self._sleeping.cancelled():
                self._sleeping.result()
        finally:
            self._sleeping.cancel()
            self._sleeping = None

    def _seconds_left(self) -> float:
        return min(self._next_at, self._ends_at()) - self.clock()

    def _next_regular(self) -> float:
        return self._asked_at + poll_delay(self.interval, self.chance())

    def _ends_at(self) -> float:
        return math.inf if self.timeout is None else self.timed_from + self.timeout

    def _timed_out(self) -> WaitTimeout:
        return WaitTimeout(
            f"{self.snapshot.run_id} did not end within {self.timeout:g} s. "
            "The run continues; watch it again to see it end."
        )

    def _wait_as_told(self) -> None:
        """Show that an earlier watch of this run was asked to come back later."""
        trouble = Trouble("Puffle asked for some time before the next request.", self.clock(), self._next_at)
        self.snapshot = replace(self.snapshot, phase=WatchPhase.RATE_LIMITED, trouble=trouble)
        self.publish(self.snapshot)

    def _answered(self, run: Run) -> None:
        self._failures = 0
        self._failing_since = None
        self._not_found_since = None
        self._publish(phase=WatchPhase.WATCHING, run=run, trouble=None)

    def _ended(self, run: Run) -> Run:
        # Not published here: the watch shows the end to every view before it lets anyone past `wait`.
        self.snapshot = replace(
            self.snapshot,
            phase=WatchPhase.ENDED,
            run=run,
            status=run.status,
            status_text=run.status_text,
            polls=self.snapshot.polls + 1,
            ended_at=self.clock(),
            trouble=None,
        )
        return run

    def _failed(self, error: PuffleError) -> float:
        """Publish the trouble and return when to poll again, or raise ``error``."""
        now = self.clock()
        if not isinstance(error, RunNotFound):
            self._not_found_since = None
        elif self._not_found_since is None:
            self._not_found_since = now
        missing_for = 0.0 if self._not_found_since is None else now - self._not_found_since
        if not deserves_retry(error, missing_for):
            self.snapshot = replace(self.snapshot, polls=self.snapshot.polls + 1)
            raise error
        self._failures += 1
        if self._failing_since is None:
            self._failing_since = now
        if isinstance(error, ResponseError) and error.retry_after is not None:
            self.not_before = now + error.retry_after
            if isinstance(error, RateLimited):
                self.pause.learn(self.not_before)
        next_at = now + retry_delay(error, self._failures, self.interval, self.chance())
        trouble = Trouble(str(error), self._failing_since, next_at, error.short)
        self._publish(phase=_phase_for(error), trouble=trouble)
        return next_at

    def _publish(self, *, phase: WatchPhase, trouble: Trouble | None, run: Run | None = None) -> None:
        self.snapshot = replace(self.snapshot, phase=phase, trouble=trouble, polls=self.snapshot.polls + 1)
        if run is not None:
            self.snapshot = replace(self.snapshot, run=run, status=run.status, status_text=run.status_text)
        self.publish(self.snapshot)


def _phase_for(error: PuffleError) -> WatchPhase:
    if isinstance(error, RateLimited):
        return WatchPhase.RATE_LIMITED
    if isinstance(error, RunNotFound):
        return WatchPhase.NOT_FOUND
    if isinstance(error, ResponseError):
        return WatchPhase.ERROR_ANSWER
    return WatchPhase.UNREACHABLE
