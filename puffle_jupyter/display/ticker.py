"""One timer for all live views of a kernel: the more there are, the less often each is ticked.

A tick of a widget is a message to every page that shows it. Fifty badges with a tick a second each would be
fifty messages a second, on a line that the user's own outputs need too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

TICK_SECONDS = 1.0
"""Time between two ticks of a view, when there are few."""
MOST_TICKS_PER_SECOND = 10.0
"""Of all views together."""

Tick = Callable[[], object]


def seconds_between(views: int) -> float:
    """The time between two ticks, whichever views they are of.

    Args:
        views: how many views are ticked in turn; at least 1.

    >>> [round(views * seconds_between(views), 3) for views in (1, 5, 50)]  # seconds between ticks of a view
    [1.0, 1.0, 5.0]
    """
    return max(TICK_SECONDS / views, 1 / MOST_TICKS_PER_SECOND)


class Ticker:
    """Calls functions in turn, each about once a second. Its methods are called on one event loop.

    Args:
        sleep: waits for some seconds.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._turns: dict[Tick, None] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, tick: Tick) -> None:
        """Call ``tick`` from now on; it must not raise."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            # The old ones are of a loop that was stopped, or of the process that this one was forked from.
            # Its task may still be ending on its own thread, and must not take turns of ours.
            self._turns = {}
            self._task = loop.create_task(self._run(self._turns))
        self._turns[tick] = None

    def remove(self, tick: Tick) -> None:
        """Call ``tick`` no more; may be called again. The timer ends with the last one."""
        self._turns.pop(tick, None)
        if not self._turns and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self, turns: dict[Tick, None]) -> None:
        try:
            while turns:
                await self._sleep(seconds_between(len(turns)))
                if turns:
                    _tick_next(turns)
        finally:
            turns.clear()  # a loop that is stopped keeps no view


def _tick_next(turns: dict[Tick, None]) -> None:
    """Give the first its turn. Not in the task itself: while it sleeps, its variables would keep a view."""
    tick = next(iter(turns))
    del turns[tick]  # to the end of the queue, before it may remove itself
    turns[tick] = None
    tick()
