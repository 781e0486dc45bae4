"""Following one run from its first poll to its end. The clock, the sleep and the fetch are arguments."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from ..api.errors import ConnectionFailed, PuffleError, RateLimited, RunNotFound, WaitTimeout
from ..api.retry import deserves_retry, poll_delay, retry_delay
from ..api.run import Run
from .snapshot import Trouble, WatchPhase, WatchSnapshot

Fetch = Callable[[str], Awaitable[Run]]
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

LAST_POLL_SECONDS = 2.0
"""Seconds that the poll at the deadline of a watch may take."""

SHORTEST_INTERVAL = 0.1
"""Seconds; the documentation asks for 1 to 2."""


@dataclass
class Poller:
    """Polls one run until it ends.

    Args:
        fetch: asks for the run once; raises `PuffleError`.
        publish: given every new snapshot.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
        interval: seconds from poll to poll.
        timeout: seconds from ``timed_from`` after which to stop watching; None for never.
        chance: random numbers in [0, 1).
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
    _failures: int = field(default=0, init=False)
    _failing_since: float = field(default=0.0, init=False)
    _not_found_since: float | None = field(default=None, init=False)

    async def run(self) -> Run:
        """Poll at once, then every interval, until the run ended.

        Raises:
            PuffleError: one that another try cannot mend (`deserves_retry`), or `WaitTimeout`.
        """
        while True:
            started = self.clock()
            try:
                run = await self._ask()
            except PuffleError as error:
                delay = self._failed(error)
            else:
                if run.status.is_terminal:
                    return self._ended(run)
                self._answered(run)
                spent = self.clock() - started
                delay = max(poll_delay(self.interval, self.chance()) - spent, SHORTEST_INTERVAL / 2)
            await self._pause(delay)

    async def _ask(self) -> Run:
        """Ask once, not much longer than the timeout allows, and long enough to be answered after it."""
        asking = self.fetch(self.snapshot.run_id)
        if self.timeout is None:
            return await asking
        longest = max(self._seconds_left(), LAST_POLL_SECONDS)
        try:
            return await asyncio.wait_for(asking, longest)
        except asyncio.TimeoutError:
            raise ConnectionFailed(f"No answer within {longest:g} s.") from None

    async def _pause(self, delay: float) -> None:
        """Sleep, at most until the deadline, which counts only after a poll at or past it."""
        left = self._seconds_left()
        if left <= 0:
            message = (
                f"{self.snapshot.run_id} did not end within {self.timeout:g} s. "
                "The run goes on; watch it again to see it end."
            )
            raise WaitTimeout(message)
        await self.sleep(min(delay, left))

    def _seconds_left(self) -> float:
        if self.timeout is None:
            return math.inf
        return self.timed_from + self.timeout - self.clock()

    def _answered(self, run: Run) -> None:
        self._failures = 0
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
        """Publish the trouble and return the seconds to wait, or raise ``error``."""
        now = self.clock()
        if not isinstance(error, RunNotFound):
            self._not_found_since = None
        elif self._not_found_since is None:
            self._not_found_since = now
        if not deserves_retry(error, now - (self._not_found_since or now)):
            self.snapshot = replace(self.snapshot, polls=self.snapshot.polls + 1)
            raise error
        self._failures += 1
        if self._failures == 1:
            self._failing_since = now
        delay = retry_delay(error, self._failures, self.interval, self.chance())
        self._publish(phase=_phase_for(error), trouble=Trouble(str(error), self._failing_since, now + delay))
        return delay

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
    return WatchPhase.UNREACHABLE
