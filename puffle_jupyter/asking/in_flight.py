"""Messages that a thread of this process is sending: their notes do not say yet what became of them."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator

from .start_limits import SLICE_SECONDS

Sleep = Callable[[float], object]
"""Waits that many seconds, in the thread that calls it."""


@contextlib.contextmanager
def alone_with(key: object, sleep: Sleep) -> Iterator[None]:
    """Wait until no other thread of this process is busy with the message ``key``: then its note says all."""
    while not _take(key):
        sleep(SLICE_SECONDS)
    try:
        yield
    finally:
        with _lock:
            _flying.discard(key)


def _take(key: object) -> bool:
    with _lock:
        if key in _flying:
            return False
        _flying.add(key)
        return True


def _forget_threads() -> None:
    """In a forked child, which has none of the threads that send."""
    global _lock
    _lock = threading.RLock()
    _flying.clear()


_flying: set[object] = set()
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
