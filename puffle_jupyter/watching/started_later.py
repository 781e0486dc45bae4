"""A watch that is there before its run: it waits for the start, then follows the run's own watch."""

from __future__ import annotations

import asyncio
import enum
import math
import threading
import time
from collections.abc import Callable

from ..background.loop import poll_loop
from ..client.client import AsyncPuffleClient
from ..errors import NotSent, PuffleError, StartNotConfirmed
from .approvals import Approvals
from .schedule import Clock
from .snapshot import WatchPhase, WatchSnapshot
from .source import Publish
from .watch import RunWatch

Follow = Callable[[str], RunWatch]
"""Watches a run that was started; called on the poll thread."""


class _State(enum.Enum):
    """How far the message is. It goes one way: waiting, being sent, and then there is a run or an error."""

    WAITING = enum.auto()
    SENDING = enum.auto()
    DECIDED = enum.auto()
    STOPPED = enum.auto()


class StartedLater:
    """The source of a run that is yet to be started: see `Source`.

    Nothing is polled here. The run has a watch of its own, which others may share; its news are passed on.

    Args:
        name: what it is called before it has a run id.
        follow: watches the run once it is started.
    """

    def __init__(self, name: str, follow: Follow) -> None:
        self.approvals = Approvals(name)  # a poll asks for none
        self._name = name
        self._follow = follow
        self._lock = threading.RLock()
        self._state = _State.WAITING
        self._decided = asyncio.Event()
        self._run_id: str | None = None
        self._error: PuffleError | None = None
        self._run: RunWatch | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nothing was sent yet, and nobody stopped it."""
        return self._state is _State.WAITING

    @property
    def not_before(self) -> float:
        """See `Source`."""
        return -math.inf if self._run is None else self._run.not_before

    def claim(self) -> bool:
        """Take the message for being sent from now on; whether it still waits. Any thread."""
        return self._go(_State.WAITING, _State.SENDING)

    def give_back(self) -> bool:
        """It is certain that nothing was started: let it wait again. Any thread."""
        return self._go(_State.SENDING, _State.WAITING)

    def decide(self, run_id: str | None = None, error: PuffleError | None = None) -> None:
        """What became of the message: a run, or an error. Any thread; what comes later is ignored."""
        with self._lock:
            if self._state in (_State.DECIDED, _State.STOPPED):
                return
            self._state = _State.DECIDED
            self._run_id, self._error = run_id, error
        poll_loop.call_soon(self._decided.set)

    def _go(self, before: _State, after: _State) -> bool:
        with self._lock:
            if self._state is not before:
                return False
            self._state = after
            return True

    async def follow(self, publish: Publish) -> WatchSnapshot:
        """See `Source`."""
        try:
            await self._decided.wait()
        except asyncio.CancelledError:
            raise self._stopped_too_early() from None
        if self._error is not None:
            raise self._error
        assert self._run_id is not None
        self._run = run = self._follow(self._run_id)
        try:
            return await _news_of(run, publish)
        except asyncio.CancelledError:
            run.stop()
            raise

    def extend(self, interval: float, timeout: float | None) -> None:
        """See `Source`."""
        if self._run is not None:
            self._run.extend(interval, timeout)

    def poll_now(self) -> None:
        """See `Source`."""

    def stop(self) -> None:
        """See `Source`."""
        self._go(_State.WAITING, _State.STOPPED)

    def _stopped_too_early(self) -> PuffleError:
        if self._state is _State.SENDING:
            return StartNotConfirmed(
                f"{self._name} was stopped while its message was being sent. It is noted what becomes of it: "
                "run the cell again to see."
            )
        return NotSent("Stopped before it was started; nothing was sent.")


async def _news_of(run: RunWatch, publish: Publish) -> WatchSnapshot:
    """Pass on what ``run`` learns, until its end."""
    is_over = asyncio.Event()

    def pass_on(snapshot: WatchSnapshot) -> None:
        if snapshot.phase.is_final:
            is_over.set()
        else:
            publish(snapshot)

    run.observe(pass_on)
    try:
        pass_on(run.snapshot)
        await is_over.wait()
        await run
    finally:
        run.unobserve(pass_on)
    return run.snapshot


class LaterWatch(RunWatch):
    """A `RunWatch` whose run is started later; until then ``run_id`` is the name of its row.

    Args:
        name: what it is called before it has a run id.
        client: sends the requests.
        follow: watches the run once it is started.
        clock: seconds, monotonic.

    Attributes:
        start_no_more: called with the reason when whoever waits for the rows was interrupted.
    """

    def __init__(
        self, name: str, client: AsyncPuffleClient, follow: Follow, *, clock: Clock = time.monotonic
    ) -> None:
        self.name = name
        self.start_no_more: Callable[[str], object] = bool
        self.start = StartedLater(name, follow)
        snapshot = WatchSnapshot(name, WatchPhase.TO_START, started_at=clock())
        super().__init__(snapshot, self.start, client, clock=clock)
