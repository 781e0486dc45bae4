"""`Lease`: the part of the shared budget that one holder has, asked for again several times a second."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType

from ..watching.schedule import Clock, Sleep
from .budget import RENEW_SECONDS, News, Share

Renew = Callable[[News], Awaitable[Share]]
"""Tells the budget what was learned, and returns the share from now on."""


class Lease:
    """Gives out the slots of one holder, on one event loop.

    Args:
        renew: asks the budget.
        clock: seconds, monotonic.
        sleep: waits that many seconds.
    """

    def __init__(self, renew: Renew, *, clock: Clock, sleep: Sleep) -> None:
        self._ask = renew
        self._clock = clock
        self._sleep = sleep
        self._share = Share(0)
        self._under_way = self._answered = 0
        self._not_before = self._next_at = -math.inf
        self._turn = asyncio.Lock()  # who came first is served first
        self._changed = asyncio.Event()
        self._failure: Exception | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Lease:
        await self._renew(News())
        if self._share.spacing:  # the holder before may just have sent its last request
            self._next_at = self._clock() + self._share.spacing
        self._task = asyncio.ensure_future(self._renew_for_ever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        with contextlib.suppress(Exception):  # the budget forgets who is silent
            await self._ask(News(self._answered, is_leaving=True))

    @property
    def slots(self) -> int:
        """Requests that may be under way now."""
        return self._share.slots

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """The right to have one request under way.

        Raises:
            Exception: the budget cannot be reached any more.
        """
        async with self._turn:
            while (wait := self._wait()) > 0:
                if wait < math.inf:
                    await self._sleep(min(wait, RENEW_SECONDS))
                else:
                    self._changed.clear()
                    await self._changed.wait()
            self._next_at = max(self._next_at, self._clock()) + self._share.spacing
            self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._changed.set()

    def answered(self) -> None:
        """Puffle answered a request: said with the next renewal."""
        self._answered += 1

    async def limited(self, pause: float) -> None:
        """Puffle answered 429: nobody sends for ``pause`` seconds, which the budget hears at once."""
        self._not_before = max(self._not_before, self._clock() + pause)
        await self._renew(News(pause=pause))

    def _wait(self) -> float:
        """Seconds until a request may be sent; infinite until somebody gives a slot back."""
        if self._failure is not None:
            raise self._failure
        now = self._clock()
        if (wait := max(self._not_before, self._next_at) - now) > 0:
            return wait
        return 0.0 if self._under_way < self._share.slots else math.inf

    async def _renew(self, news: News) -> None:
        self._share = await self._ask(news)
        if self._share.pause > 0:
            self._not_before = max(self._not_before, self._clock() + self._share.pause)
        self._changed.set()

    async def _renew_for_ever(self) -> None:
        try:
            while True:
                await self._sleep(RENEW_SECONDS)
                answered, self._answered = self._answered, 0
                await self._renew(News(answered))
        except Exception as error:
            self._failure = error
            self._changed.set()
