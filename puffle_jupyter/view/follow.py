"""Feeding views from a watch: rendering happens on a thread of its own, never on the poll loop's.

A view is told of every snapshot; while its watch is live it is also ticked once a second, for the
elapsed time.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from ..api.loop import BackgroundLoop, finished
from ..watching.listeners import SHOWING_SECONDS
from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from .courtesy import letting_others_run

T = TypeVar("T")

view_loop = BackgroundLoop("puffle-view")
"""The loop that views are rendered on and updated from."""

_TICK_SECONDS = 1.0
_log = logging.getLogger(__name__)


class View(Protocol):
    """Something that shows a watch. Both methods are called on the view thread."""

    def update(self, snapshot: WatchSnapshot) -> None:
        """Show ``snapshot``."""

    def tick(self, now: float) -> None:
        """Show the passing of time; ``now`` is in seconds of the watch's clock."""


def follow(watch: RunWatch, view: View) -> Following:
    """Keep ``view`` up to date until ``watch`` is done, or the following is ended. Returns at once."""
    return Following(watch, view)


class Following:
    """What one view is told of one watch. It keeps the view alive, and the watch keeps it, until `end`."""

    def __init__(self, watch: RunWatch, view: View) -> None:
        self._watch = watch
        self._view = view
        self._heard: WatchSnapshot | None = None
        self._polls_shown = -1
        self._over = False
        self._ticking: asyncio.Task[None] | None = None
        watch.observe(self._observe)
        self._caught_up = view_loop.submit(self._catch_up())
        view_loop.call_soon(self._start_ticking)

    def wait_until_caught_up(self) -> bool:
        """Wait until the view shows what had happened before it was known, and no longer than a stuck view
        deserves; whether it does.

        The end of the watch waits for a view's updates, but not for those of a view that came when it was
        decided. For cells that are over before the view thread has its turn: what it showed then would be
        lost.
        """
        return finished(self._caught_up, SHOWING_SECONDS)

    def end(self) -> None:
        """Tell the view nothing more. The watch goes on. May be called again, and on any thread."""
        self._over = True
        self._watch.unobserve(self._observe)
        if view_loop.running:
            view_loop.call_soon(self._stop_ticking)

    def _observe(self, snapshot: WatchSnapshot) -> concurrent.futures.Future[None] | None:
        """Pass a snapshot on, unless it is one more poll that changed nothing: the next tick tells of it."""
        uncounted = replace(snapshot, polls=0)
        if uncounted == self._heard:
            return None
        self._heard = uncounted
        return view_loop.submit(self._update(snapshot))

    async def _catch_up(self) -> None:
        await self._update(self._watch.snapshot)

    def _start_ticking(self) -> None:
        if not self._over and not self._watch.snapshot.phase.is_final:
            self._ticking = asyncio.ensure_future(self._tick_until_the_end())

    def _stop_ticking(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    async def _tick_until_the_end(self) -> None:
        while not self._watch.snapshot.phase.is_final:
            await asyncio.sleep(_TICK_SECONDS)
            if not self._watch.snapshot.phase.is_final:
                self._call(self._view.tick, self._watch.clock())

    async def _update(self, snapshot: WatchSnapshot) -> None:
        # What waited in the queue behind newer news must not turn the view back.
        if snapshot.polls >= self._polls_shown:
            self._polls_shown = snapshot.polls
            with letting_others_run():
                self._call(self._view.update, snapshot)
        if snapshot.phase.is_final:
            self._stop_ticking()

    def _call(self, method: Callable[[T], object], argument: T) -> None:
        """A view that fails must not end the watch, nor the other views."""
        if self._over:
            return
        try:
            method(argument)
        except Exception:
            if not self._over:  # one that was closed in the middle of it may fail
                _log.exception("%r failed", method)
