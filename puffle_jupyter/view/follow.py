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

from ..api.loop import BackgroundLoop
from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch

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


def follow(watch: RunWatch, view: View) -> None:
    """Keep ``view`` up to date until ``watch`` is done. Returns at once."""

    last: WatchSnapshot | None = None

    def observe(snapshot: WatchSnapshot) -> concurrent.futures.Future[None] | None:
        nonlocal last
        uncounted = replace(snapshot, polls=0)
        if uncounted == last:
            return None  # one more poll that changed nothing: the next tick tells of it
        last = uncounted
        return view_loop.submit(_update(view, snapshot))

    watch.observe(observe)
    view_loop.submit(_catch_up(watch, view))


async def _catch_up(watch: RunWatch, view: View) -> None:
    """Show what happened before the view was known, then tick until the end."""
    await _update(view, watch.snapshot)
    while not watch.snapshot.phase.is_final:
        await asyncio.sleep(_TICK_SECONDS)
        if not watch.snapshot.phase.is_final:
            _guard(view.tick, watch.clock())


async def _update(view: View, snapshot: WatchSnapshot) -> None:
    _guard(view.update, snapshot)


def _guard(method: object, argument: object) -> None:
    """A view that fails must not end the watch, nor the other views."""
    try:
        method(argument)  # type: ignore[operator]
    except Exception:
        _log.exception("%r failed", method)
