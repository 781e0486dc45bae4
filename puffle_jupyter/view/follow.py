"""Feeding views from a watch: rendering happens on a thread of its own, never on the poll loop's.

A view is told of every snapshot; while its watch is live it is also ticked once a second, for the
elapsed time.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from dataclasses import replace
from typing import Protocol

from ..api.loop import BackgroundLoop, finished
from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch

view_loop = BackgroundLoop("puffle-view")
"""The loop that views are rendered on and updated from."""

_TICK_SECONDS = 1.0
_SHOWING_SECONDS = 30.0
_log = logging.getLogger(__name__)


class View(Protocol):
    """Something that shows a watch. Both methods are called on the view thread."""

    def update(self, snapshot: WatchSnapshot) -> None:
        """Show ``snapshot``."""

    def tick(self, now: float) -> None:
        """Show the passing of time; ``now`` is in seconds of the watch's clock."""


def follow(watch: RunWatch, view: View) -> concurrent.futures.Future[None]:
    """Keep ``view`` up to date until ``watch`` is done. Returns at once.

    Returns:
        A future that is done when ``view`` shows what had happened before it was known. The end of the
        watch waits for a view's updates, but not for those of a view that came when it was decided.
    """
    feed = _Feed(watch, view)
    watch.observe(feed.observe)
    caught_up = view_loop.submit(feed.catch_up())
    view_loop.submit(feed.tick_until_the_end())
    return caught_up


class _Feed:
    """What one view was told of one watch."""

    def __init__(self, watch: RunWatch, view: View) -> None:
        self._watch = watch
        self._view = view
        self._heard: WatchSnapshot | None = None
        self._polls_shown = -1

    def observe(self, snapshot: WatchSnapshot) -> concurrent.futures.Future[None] | None:
        """Pass a snapshot on, unless it is one more poll that changed nothing: the next tick tells of it."""
        uncounted = replace(snapshot, polls=0)
        if uncounted == self._heard:
            return None
        self._heard = uncounted
        return view_loop.submit(self._update(snapshot))

    async def catch_up(self) -> None:
        """Show what happened before the view was known."""
        await self._update(self._watch.snapshot)

    async def tick_until_the_end(self) -> None:
        """Show the passing of time."""
        while not self._watch.snapshot.phase.is_final:
            await asyncio.sleep(_TICK_SECONDS)
            if not self._watch.snapshot.phase.is_final:
                _guard(self._view.tick, self._watch.clock())

    async def _update(self, snapshot: WatchSnapshot) -> None:
        # What waited in the queue behind newer news must not turn the view back.
        if snapshot.polls >= self._polls_shown:
            self._polls_shown = snapshot.polls
            _guard(self._view.update, snapshot)


def caught_up_in_time(caught_up: concurrent.futures.Future[None]) -> bool:
    """Wait until a view that `follow` feeds has caught up, and no longer than a stuck view deserves.

    For cells that are over before the view thread has its turn: what it showed then would be lost.
    """
    return finished(caught_up, _SHOWING_SECONDS)


def _guard(method: object, argument: object) -> None:
    """A view that fails must not end the watch, nor the other views."""
    try:
        method(argument)  # type: ignore[operator]
    except Exception:
        _log.exception("%r failed", method)
