"""Doing something as soon as it is asked for, but not more often than so many times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

UPDATE_SECONDS = 1 / 9
"""Between two updates of something that a person reads, at least. With the last one, which does not wait for
its time, there are ten in any second at most, and nobody reads more."""


class Throttle:
    """Calls ``act`` after each `ask`; all that ask within ``seconds`` get one call. Used on one loop.

    Args:
        act: what is done.
        seconds: the least time between two calls.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        act: Callable[[], object],
        seconds: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._act = act
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._last: float | None = None
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Call ``act`` now, or when its time has come."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._wait_and_act())

    def cancel(self) -> None:
        """Do not do what was asked for and not done yet."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _wait_and_act(self) -> None:
        while self._last is not None and (left := self._last + self._seconds - self._clock()) > 0:
            await self._sleep(left)  # which may be a little shorter
        self._task = None
        self._last = self._clock()
        self._act()
