"""A daemon thread with its own asyncio loop, started on first use.

A task on the kernel's own loop freezes while a cell runs; a thread per run dies on ipykernel 7.0 at
its first widget update. One long-lived thread, fed by ``run_coroutine_threadsafe``, does neither.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import functools
import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from .future import Outcome
from .lookups import look_ups

T = TypeVar("T")

_log = logging.getLogger(__name__)
_SLICE_SECONDS = 0.2
_JOIN_SECONDS = 1.0
_CANCEL_SECONDS = 0.05


class BackgroundLoop:
    """An asyncio loop on a daemon thread named ``name``.

    Its lock is reentrant, as every lock of this package: Python may collect garbage while it is held, and a
    finalizer (a widget's closes it, a coroutine's runs its ``finally``) may need the lock on the same thread.

    >>> loop = BackgroundLoop("puffle-example")
    >>> loop.run(asyncio.sleep(0, "done"))
    'done'
    >>> loop.stop()
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        _every_loop.add(self)

    @property
    def running(self) -> bool:
        """Whether the thread of the loop runs."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    @property
    def is_current(self) -> bool:
        """Whether the caller runs on this loop's thread."""
        return threading.current_thread() is self._thread

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run ``coroutine`` on the loop, starting the thread when there is none."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._started())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run ``coroutine`` on the loop and wait for its result; Ctrl-C ends both."""
        outcome: Outcome[T] = Outcome()
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            task = asyncio.ensure_future(coroutine)
            task.add_done_callback(functools.partial(_settle, outcome))
            tasks.append(task)

        self.call_soon(start)
        try:
            outcome.wait()
        except BaseException:
            self.call_soon(lambda: [task.cancel() for task in tasks])
            raise
        return outcome.result()

    def call_soon(self, function: Callable[..., object], *arguments: object) -> None:
        """Call ``function`` on the loop's thread, starting the thread when there is none."""
        self._started().call_soon_threadsafe(function, *arguments)

    def tasks(self) -> set[asyncio.Task[Any]]:
        """The tasks alive on the loop: for tests and bug reports."""
        return set() if self._loop is None else asyncio.all_tasks(self._loop)

    def stop(self) -> None:
        """Cancel what runs, end the thread, and wait for it at most a second. May be called again."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None or not thread.is_alive():
            return
        loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def forget(self) -> None:
        """Start afresh in a forked child, where the thread does not exist."""
        self._lock = threading.RLock()
        self._loop = self._thread = None

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None or not self.running:
                loop = _new_loop()
                thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
                self._loop, self._thread = loop, thread
                thread.start()
            return self._loop


def result_of(future: concurrent.futures.Future[T]) -> T:
    """Wait for ``future`` as `finished` does, and return its result or raise its exception."""
    finished(future)
    return future.result()


def finished(future: concurrent.futures.Future[Any], timeout: float | None = None) -> bool:
    """Wait for ``future``, at most ``timeout`` seconds; whether it is done.

    The wait is sliced, so that Ctrl-C is served within 0.25 s on every platform.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while not future.done():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        concurrent.futures.wait([future], min(_SLICE_SECONDS, left))
    return True


def on_background_thread() -> bool:
    """Whether the caller runs on one of our loops' threads."""
    return any(background.is_current for background in list(_every_loop))


def _settle(outcome: Outcome[T], task: asyncio.Task[T]) -> None:
    if task.cancelled():
        outcome.settle(error=concurrent.futures.CancelledError())
    elif error := task.exception():
        outcome.settle(error=error)
    else:
        outcome.settle(task.result())


def _new_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose name look-ups hold up no exit and cost few threads."""
    loop = asyncio.new_event_loop()
    loop.getaddrinfo = look_ups.ask  # type: ignore[method-assign]
    return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        _run_until_stopped(loop)
        if tasks := asyncio.all_tasks(loop):
            loop.run_until_complete(_end(tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _end(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel ``tasks`` until they have ended: a library may swallow a cancellation."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _JOIN_SECONDS / 2
    while tasks and loop.time() < deadline:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)


def _run_until_stopped(loop: asyncio.AbstractEventLoop) -> None:
    """Run ``loop`` until it is stopped; asyncio lets a `SystemExit` that a callback raised end it before."""
    while True:
        try:
            loop.run_forever()
            return
        except BaseException:
            _log.exception("a callback on %s failed", threading.current_thread().name)


_every_loop: weakref.WeakSet[BackgroundLoop] = weakref.WeakSet()


def _stop_every_loop() -> None:
    for background in list(_every_loop):
        background.stop()


def _forget_every_loop() -> None:
    for background in list(_every_loop):
        background.forget()


atexit.register(_stop_every_loop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_every_loop)

poll_loop = BackgroundLoop("puffle-watch")
"""The loop that all requests of this process are sent from."""

callback_loop = BackgroundLoop("puffle-callback")
"""Where users' callbacks and observers run: a slow one holds up neither polls nor views."""
