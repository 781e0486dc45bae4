"""Who is told of a watch: observers of every snapshot, callbacks of its end."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable
from typing import Any

from ..api.loop import callback_loop
from .snapshot import WatchSnapshot

Observer = Callable[[WatchSnapshot], "concurrent.futures.Future[Any] | None"]
"""Told of every snapshot, on the poll thread, so it must return at once. It may return a future: the
end of a watch is announced only when every observer's future is done."""

SHOWING_SECONDS = 30.0
"""How long one waits for a view to show what it was told: no longer than a stuck one deserves."""

_log = logging.getLogger(__name__)


class Listeners:
    """Observers and callbacks of one watch, from any thread. None is kept once the watch is over.

    Args:
        over: whether it is from the start.
    """

    def __init__(self, *, over: bool = False) -> None:
        self._lock = threading.Lock()
        self._over = over
        self._observers: list[Observer] = []
        self._callbacks: list[Callable[[], object]] = []

    def observe(self, observer: Observer) -> None:
        """Tell ``observer`` of every snapshot from now on."""
        with self._lock:
            if not self._over:  # a watch that is done has nothing to tell, and is remembered for long
                self._observers.append(observer)

    def unobserve(self, observer: Observer) -> None:
        """Tell ``observer`` no more."""
        with self._lock:
            if observer in self._observers:
                self._observers.remove(observer)

    def tell(self, snapshot: WatchSnapshot) -> list[concurrent.futures.Future[Any]]:
        """Tell every observer; the futures of those who need a while to show it."""
        with self._lock:
            observers = list(self._observers)
        shown = [_call(observer, snapshot) for observer in observers]
        return [future for future in shown if future is not None]

    def call_at_end(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` on a thread for callbacks once the watch is over; here and now if it is."""
        with self._lock:
            if not self._over:
                self._callbacks.append(callback)
                return
        _call(callback)

    def end(self, settle: Callable[[], object]) -> None:
        """``settle`` the watch, so that who comes after it finds it over, and call the callbacks."""
        with self._lock:
            settle()
            self._over = True
            callbacks, self._callbacks = self._callbacks, []
            self._observers.clear()
        for callback in callbacks:
            callback_loop.call_soon(_call, callback)


async def until_shown(futures: list[concurrent.futures.Future[Any]]) -> None:
    """Wait until every view shows what it was told, and no longer than a stuck view deserves."""
    if futures:
        await asyncio.wait([asyncio.wrap_future(future) for future in futures], timeout=SHOWING_SECONDS)


def _call(function: Callable[..., Any], *arguments: object) -> Any:
    """Call somebody's function; its failure is logged and ends nothing."""
    try:
        return function(*arguments)
    except Exception:
        _log.exception("%r failed", function)
        return None
