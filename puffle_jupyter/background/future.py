"""A result that comes once, from another thread, and can be waited for without holding that thread up."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_SLICE_SECONDS = 0.2


class Outcome(Generic[T]):
    """What a thread waits for: a value or an error.

    Not a `concurrent.futures.Future`: its lock is taken and left in Python code, and a Ctrl-C that strikes
    in between leaves it taken for ever. The thread that sets the result would then hang in it, and with it
    every watch. Here each waiter has a lock of its own, which nobody else ever waits for. It is the one
    plain lock of this package: see `BackgroundLoop`.

    >>> outcome = Outcome()
    >>> outcome.settle("done")
    >>> outcome.wait(), outcome.result()
    (True, 'done')
    """

    __slots__ = ("_bells", "_error", "_settled", "_value")

    def __init__(self) -> None:
        self._bells: list[threading.Lock] = []
        self._value: T | None = None
        self._error: BaseException | None = None
        self._settled = False

    @property
    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self._settled

    def settle(self, value: T | None = None, error: BaseException | None = None) -> None:
        """Set the result, once; what is set later is ignored."""
        if self._settled:
            return
        self._value, self._error = value, error
        self._settled = True
        for bell in list(self._bells):
            bell.release()

    def wait(self, timeout: float | None = None, check: Callable[[], object] = bool) -> bool:
        """Wait at most ``timeout`` seconds, None for ever; whether there is a result.

        ``check`` is called several times a second; what it raises ends the wait.

        The wait is sliced, so that Ctrl-C is served within 0.25 s on every platform.
        """
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        bell = threading.Lock()
        bell.acquire()
        self._bells.append(bell)  # before the look at `_settled`: what settles after it rings
        try:
            while not self._settled and (left := deadline - time.monotonic()) > 0:
                bell.acquire(timeout=min(_SLICE_SECONDS, left))
                if not self._settled:
                    check()
        finally:
            self._bells.remove(bell)
        return self._settled

    def result(self) -> T:
        """The value, or the error raised. Only once `done`."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]
