"""When each poll of an account is due: one heap of times, one sleep, and a bound on requests in flight."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import weakref
from collections.abc import Awaitable, Callable

from .budget import PollBudget

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

_NOTHING = 1e-6  # seconds; what a clock of floats may be off


class Schedule:
    """Wakes each watch of an account at its time, and gives out the slots for requests.

    Args:
        clock: seconds, monotonic. The wall clock, which jumps, plays no part.
        sleep: waits that many seconds; cancelled when an earlier time comes in.
        budget: what all watches of the account share.
    """

    def __init__(self, clock: Clock, sleep: Sleep, budget: PollBudget | None = None) -> None:
        self.clock = clock
        self.budget = PollBudget() if budget is None else budget
        self._sleep = sleep
        # The loop that polls is another one after `%unload_ext`.
        self._here: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _DueTimes] = (
            weakref.WeakKeyDictionary()
        )

    def at(self, time: float) -> asyncio.Future[None]:
        """A future of the running loop that is done at ``time``, or before by its caller."""
        return self._due_times().add(time)

    def slot(self) -> asyncio.Semaphore:
        """The right to send one request; who came first gets the next that is free."""
        return self._due_times().slots

    def _due_times(self) -> _DueTimes:
        loop = asyncio.get_running_loop()
        known = self._here.get(loop)
        if known is None:
            known = self._here[loop] = _DueTimes(self.clock, self._sleep, self.budget.in_flight)
        return known


class _DueTimes:
    """The times of one event loop. However many watches wait, one task sleeps: until the earliest."""

    def __init__(self, clock: Clock, sleep: Sleep, in_flight: int) -> None:
        self.slots = asyncio.Semaphore(in_flight)
        self._clock = clock
        self._sleep = sleep
        self._numbers = itertools.count()
        self._heap: list[tuple[float, int, asyncio.Future[None]]] = []
        self._waiting = 0
        self._sleeping: asyncio.Future[None] | None = None
        self._sleeps_until = math.inf

    def add(self, time: float) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._heap, (time, next(self._numbers), future))
        self._waiting += 1
        future.add_done_callback(self._left)
        if time < self._sleeps_until:
            self._sleep_until_first()
        return future

    def _left(self, _: object) -> None:
        self._waiting -= 1
        if not self._waiting:  # nobody needs the sleep any more
            self._heap.clear()
            self._sleep_no_more()

    def _sleep_until_first(self) -> None:
        self._sleep_no_more()
        while self._heap and self._heap[0][2].done():
            heapq.heappop(self._heap)
        if self._heap:
            self._sleeps_until = self._heap[0][0]
            self._sleeping = asyncio.ensure_future(self._sleep(max(0.0, self._sleeps_until - self._clock())))
            self._sleeping.add_done_callback(self._wake)

    def _sleep_no_more(self) -> None:
        sleeping, self._sleeping, self._sleeps_until = self._sleeping, None, math.inf
        if sleeping is not None:
            sleeping.cancel()

    def _wake(self, slept: asyncio.Future[None]) -> None:
        """Wake those whose time has come; after a sleep that failed everybody, with its error."""
        if slept is not self._sleeping or slept.cancelled():
            return
        self._sleeping, self._sleeps_until = None, math.inf
        failure = slept.exception()
        now = math.inf if failure else self._clock() + _NOTHING
        while self._heap and self._heap[0][0] <= now:
            _, _, future = heapq.heappop(self._heap)
            if not future.done():
                future.set_exception(failure) if failure else future.set_result(None)
        self._sleep_until_first()
