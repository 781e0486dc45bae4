"""Who is notified by a watch: observers of every snapshot, callbacks of its end."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from ..background.loop import callback_loop
from .snapshot import WatchSnapshot

Observer = Callable[[WatchSnapshot], "concurrent.futures.Future[Any] | None"]
"""Told of every snapshot, on the poll thread, so it must return at once. It may return a future of
`concurrent.futures`: the end of a watch is announced only when every observer's future is done. Anything
else that it returns is ignored."""

SHOWING_SECONDS = 30.0
"""The longest wait, in seconds, for a view to show the state it was notified of."""

_log = logging.getLogger(__name__)


class Listeners:
    """Observers and callbacks of one watch, from any thread. None is kept once the watch is over.

    Args:
        over: whether it is from the start.
    """

    def __init__(self, *, over: bool = False) -> None:
        self._lock = threading.RLock()
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
        shown = [call_safely(observer, snapshot) for observer in observers]
        return [future for future in shown if isinstance(future, concurrent.futures.Future)]

    def call_at_end(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` on a thread for callbacks once the watch is over; here and now if it is."""
        with self._lock:
            if not self._over:
                self._callbacks.append(callback)
                return
        call_safely(callback)

    def end(self, settle: Callable[[], object]) -> None:
        """``settle`` the watch, so that who comes after it finds it over, and call the callbacks."""
        with self._lock:
            settle()
            self._over = True
            callbacks, self._callbacks = self._callbacks, []
            self._observers.clear()
        for callback in callbacks:
            callback_loop.call_soon(call_safely, callback)


async def until_shown(futures: list[concurrent.futures.Future[Any]]) -> None:
    """Block until every view shows the state it was notified of, at most `SHOWING_SECONDS`.

    A future that ends with an exception is done, and the exception is logged.
    """
    if not futures:
        return
    loop, all_done = asyncio.get_running_loop(), asyncio.Event()

    # Not `asyncio.wrap_future`: it cannot pass every exception on, and would then never be done.
    def look() -> None:
        if all(future.done() for future in futures):
            all_done.set()

    def look_on_loop(_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(look)

    for future in futures:
        future.add_done_callback(look_on_loop)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SHOWING_SECONDS):
            await all_done.wait()
    for future in futures:
        _log_failure(future)


def call_safely(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a user's function: whatever it raises is logged and ends nothing but this call.

    `SystemExit` and `KeyboardInterrupt` too: asyncio lets them pass through a loop, which ends its thread.

    Returns:
        What the function returned; None when it raised.
    """
    try:
        return function(*arguments)
    except BaseException:
        _log.exception("%r failed", function)
        return None


def _log_failure(future: concurrent.futures.Future[Any]) -> None:
    if future.done() and not future.cancelled() and (error := future.exception()) is not None:
        _log.error("the future of an observer failed", exc_info=error)
