"""Feeding views from a watch: rendering happens on a thread of its own, never on the poll loop's.

A view gets every snapshot at once; while its watch is live it is also ticked, for the elapsed time: see
`ticker`.
"""

from __future__ import annotations

import concurrent.futures
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar, runtime_checkable

from ..background.loop import BackgroundLoop, finished
from ..background.responsive import responsive_rendering
from ..watching.listeners import SHOWING_SECONDS
from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from .ticker import Ticker

T = TypeVar("T")

view_loop = BackgroundLoop("puffle-view")
"""The loop that views are rendered on and updated from."""

_ticker = Ticker()
_log = logging.getLogger(__name__)


def start_ticking(tick: Callable[[], object]) -> None:
    """Call ``tick`` about once a second on the view thread, in turn with live views; it must not raise."""
    view_loop.call_soon(_ticker.add, tick)


def stop_ticking(tick: Callable[[], object]) -> None:
    """Call it no more; may be called again."""
    if view_loop.running:
        view_loop.call_soon(_ticker.remove, tick)


class View(Protocol):
    """Something that shows a watch. Its methods are called on the view thread."""

    def update(self, snapshot: WatchSnapshot) -> None:
        """Show ``snapshot``."""


@runtime_checkable
class TickedView(View, Protocol):
    """A view that shows the passing of time, too."""

    def tick(self, now: float) -> None:
        """Show the passing of time; ``now`` is in seconds of the watch's clock."""


def subscribe(watch: RunWatch, view: View) -> Subscription:
    """Keep ``view`` up to date until ``watch`` is done, or the following is ended. Returns at once."""
    return Subscription(watch, view)


class Subscription:
    """A view's connection to a watch, which notifies it of every snapshot.

    It keeps the view alive, and the watch keeps it, until `end`.
    """

    def __init__(self, watch: RunWatch, view: View) -> None:
        self._watch = watch
        self._view = view
        self._heard: WatchSnapshot | None = None
        self._newest: WatchSnapshot | None = None
        self._polls_shown = -1
        self._over = False
        watch.observe(self._observe)
        self._caught_up = view_loop.submit(self._catch_up())
        view_loop.call_soon(self._start_ticking)

    def wait_until_caught_up(self) -> bool:
        """Block until the view has rendered the state at subscription time, at most `SHOWING_SECONDS`.

        For cells that end before the view thread has its turn: what it shows after that would be lost. The
        end of a watch waits only for views that were subscribed before it.

        Returns:
            Whether the view rendered that state.
        """
        return finished(self._caught_up, SHOWING_SECONDS)

    def end(self) -> None:
        """Tell the view nothing more. The watch goes on. May be called again, and on any thread."""
        if self._over:
            return  # and take no lock: a closed widget is closed again by its finalizer, on any thread
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
        self._newest = snapshot
        return view_loop.submit(self._update(snapshot))

    async def _catch_up(self) -> None:
        await self._update(self._watch.snapshot)

    def _start_ticking(self) -> None:
        is_live = not self._over and not self._watch.snapshot.phase.is_final
        if is_live and isinstance(self._view, TickedView):
            _ticker.add(self._tick)

    def _stop_ticking(self) -> None:
        _ticker.remove(self._tick)

    def _tick(self) -> None:
        if self._watch.snapshot.phase.is_final:
            self._stop_ticking()
        elif isinstance(self._view, TickedView):
            self._call(self._view.tick, self._watch.clock())

    async def _update(self, snapshot: WatchSnapshot) -> None:
        if snapshot.preview is not None and self._newest is not None and self._newest is not snapshot:
            return  # a text that grows faster than it is rendered: the newest preview is enough
        # What waited in the queue behind newer news must not turn the view back.
        if snapshot.polls >= self._polls_shown:
            self._polls_shown = snapshot.polls
            with responsive_rendering():
                self._call(self._view.update, snapshot)
        if snapshot.phase.is_final:
            self._stop_ticking()

    def _call(self, method: Callable[[T], object], argument: T) -> None:
        """A view that fails must not end the watch, nor the other views."""
        if self._over:
            return
        try:
            method(argument)
        except BaseException:  # whatever a user's observer of a widget raised, see `call_safely`
            if not self._over:  # one that was closed in the middle of it may fail
                _log.exception("%r failed", method)
