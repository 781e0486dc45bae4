"""`RunWatch`: the handle of a run that is being followed, safe to use from any thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import logging
import time
from collections.abc import Callable, Generator
from typing import Any

from .. import displayed
from ..background.future import Outcome
from ..background.loop import on_background_thread, poll_loop
from ..client.client import AsyncPuffleClient
from ..errors import PuffleError, RunNotEnded, WatchStopped
from ..run import Run, check_completed
from ..run_data import RunStatus
from ..untrusted import untrusted_words
from .approval_members import ApprovalMembers
from .forked import stop_in_forked_children
from .history import Recorder, WatchEventKind, WatchHistory
from .listeners import Listeners, Observer, until_shown
from .run_members import RunMembers
from .schedule import Clock
from .snapshot import WatchSnapshot, broken_off, stopped
from .source import Source
from .waiting import wait_for_end

_log = logging.getLogger(__name__)


class RunWatch(RunMembers, ApprovalMembers):
    """Follows one run in the background. Made by `puffle_jupyter.watch` and ``%puffle_wait``.

    Once the run has ended, the watch has the members of `Run` too; before, they raise `RunNotEnded`.

    >>> watch = puffle_jupyter.watch("run_abc")        # doctest: +SKIP
    >>> watch.wait().status
    <RunStatus.COMPLETED: 'completed'>
    """

    def __init__(
        self,
        snapshot: WatchSnapshot,
        source: Source,
        client: AsyncPuffleClient,
        *,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
        at_end: Callable[[RunWatch], object] | None = None,
    ) -> None:
        self.client = client
        self.clock = clock
        self._at_end = at_end
        self._listeners = Listeners()
        self._decided: Outcome[Run] = Outcome()
        self._ended: Outcome[Run] = Outcome()
        self._stopping = False
        self._task: asyncio.Task[WatchSnapshot] | None = None
        self._snapshot = snapshot
        self._source = source
        self._approvals = source.approvals
        self._recorder = Recorder(snapshot.started_at, clock, wall_clock, client.without_key)
        stop_in_forked_children(self)
        poll_loop.submit(self._follow())

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self._snapshot.run_id

    @property
    def snapshot(self) -> WatchSnapshot:
        """All that is known now; never changes once taken."""
        return self._snapshot

    @property
    def status(self) -> RunStatus:
        """The run's last known status; `RunStatus.UNKNOWN` before the first answer."""
        return self._snapshot.status

    @property
    def run(self) -> Run | None:
        """The last answer about the run; None before the first."""
        return self._snapshot.run

    @property
    def history(self) -> WatchHistory:
        """What happened so far, oldest first: a list of `WatchEvent`, printed one a line.

        Failed polls stay in it after the watch recovered; the same failure again is counted, and at most
        200 events are kept. It holds no key and no word of what the run said: fit for a bug report.

        >>> print(watch.history)                           # doctest: +SKIP
        2026-03-01 09:30:06Z +0.0 s started
        2026-03-01 09:30:06Z +0.2 s status: running
        2026-03-01 09:30:12Z +6.0 s poll failed: Puffle answered 503: … (3 times, last +14.2 s)
        2026-03-01 09:30:25Z +19.1 s recovered
        2026-03-01 09:30:25Z +19.1 s ended: completed
        """
        return self._recorder.events

    @property
    def done(self) -> bool:
        """Whether the watch polls no more: the run ended, or the watch was stopped or refused."""
        return self._ended.done

    @property
    def not_before(self) -> float:
        """The clock's time of the next poll, when Puffle asked for no earlier one; else minus infinity."""
        return self._source.not_before

    @property
    def is_ending(self) -> bool:
        """Whether the watch was asked to stop, or its end is being shown, or it is done."""
        return self._stopping or self._snapshot.phase.is_final or self.done

    def wait(self, timeout: float | None = None, *, nested: bool = False) -> Run:
        """Wait until the run ended; Ctrl-C ends the wait, not the watch.

        Args:
            timeout: seconds; None waits as long as it takes.
            nested: keep the caller's own event loop turning meanwhile, so that other asyncio tasks of a
                notebook go on. It applies nest_asyncio to the whole process.

        Returns:
            The Run, whatever its terminal status.

        Raises:
            WaitTimeout: ``timeout`` seconds passed; the watch goes on.
            KeyboardInterrupt: Ctrl-C, with words that say that the watch goes on.
            WatchStopped: the watch was stopped.
            CannotWaitHere: called on the thread that polls.
            ApprovalNeeded: a call waits for a decision, which nobody can make meanwhile; the watch goes on.
            Unauthorized, Forbidden, BadRequest, RunNotFound: what ended the watch.
        """
        # An observer may wait for the very watch that waits until it was notified.
        ended = self._decided if on_background_thread() else self._ended
        return wait_for_end(
            self.run_id, ended, timeout, nested=nested, check=self._refuse_to_wait_for_a_person
        )

    def result(self, timeout: float | None = None) -> str:
        """Wait, and return the run's final text.

        Raises:
            RunFailed, RunCancelled: it ended without one.
            WaitTimeout, WatchStopped and the rest: see `wait`.
        """
        run = self.wait(timeout)
        check_completed(run)
        return run.text or ""

    def __await__(self) -> Generator[Any, None, Run]:
        return self._outcome().__await__()

    async def _outcome(self) -> Run:
        # Not `asyncio.wrap_future`: an interrupt then takes seconds and cancels the poll.
        while not self._ended.done:
            await asyncio.sleep(0.1)
            self._refuse_to_wait_for_a_person()
        return self._ended.result()

    def _ended_run(self) -> Run:
        if not self._decided.done:
            status = untrusted_words(self._snapshot.status_text or "status not known yet", 40)
            raise RunNotEnded(
                f"{self.run_id} has not ended ({status}): wait with watch.wait(), or look at watch.status"
            )
        try:
            return self._decided.result()
        except PuffleError as reason:
            raise RunNotEnded(
                f"{self.run_id} was not watched to its end, so its answer is not known here. {reason}"
            ) from None

    def stop(self) -> None:
        """Stop watching. The run continues: Puffle has no way to cancel it. May be called again."""
        self._stopping = True
        if poll_loop.running and not self.done:
            poll_loop.call_soon(self._cancel)

    def extend(self, interval: float, timeout: float | None) -> None:
        """Take the shorter interval and the longer timeout of this watch and another request for its run.

        Polls that were failing are tried again at once, but never earlier than Puffle asked for.

        Args:
            interval: seconds between two polls.
            timeout: seconds from now after which to stop watching; None for never.
        """
        if not self.done:
            poll_loop.call_soon(self._extend, interval, timeout)

    def show(self) -> None:
        """Show the live view here. It follows the same watch: nothing more is polled."""
        displayed.show(self)

    def add_done_callback(self, callback: Callable[[RunWatch], object]) -> None:
        """Call ``callback(watch)`` once the watch is done, on a thread for callbacks; now if it is."""
        self._listeners.call_at_end(functools.partial(callback, self))

    def _after_fork(self) -> None:
        """Be stopped at once, unless the end is known: in a forked child nobody polls any more."""
        self._listeners = Listeners(over=True)  # a thread that the child does not have may hold the lock
        if not self._decided.done:
            error = WatchStopped(
                f"{self.run_id} is watched by the parent process only; here, watch it again."
            )
            error.short = "watched by the parent process only"
            self._stopping = True
            self._snapshot = broken_off(self._snapshot, error, self.clock())
            self._decided = Outcome()
            self._decided.settle(error=error)
        self._ended = self._decided

    def observe(self, observer: Observer) -> None:
        """Notify ``observer`` of every snapshot from now on; see `Observer`."""
        self._listeners.observe(observer)

    def unobserve(self, observer: Observer) -> None:
        """Notify ``observer`` no more."""
        self._listeners.unobserve(observer)

    def __repr__(self) -> str:
        words = untrusted_words(self._snapshot.status_text or self._snapshot.phase.value, 40)
        return f"<RunWatch {self.run_id} {ascii(words)[1:-1]}{'' if self.done else ', watching'}>"

    def _ipython_display_(self) -> None:
        displayed.show_unless_shown(self)

    def _repr_html_(self) -> str:
        # Where there is no IPython, such as in marimo: as it is now.
        return displayed.html_of(self)

    async def _follow(self) -> None:
        self._task = asyncio.ensure_future(self._source.follow(self._publish))
        if self._stopping:
            self._task.cancel()
        last: WatchSnapshot | None = None
        error: BaseException | None = None
        try:
            last = await self._task
        except asyncio.CancelledError:
            error = stopped(self._snapshot)
        except PuffleError as reason:
            error = reason
        except (Exception, SystemExit, KeyboardInterrupt) as reason:  # a user's own client may raise these
            _log.exception("watching %s ended unexpectedly", self.run_id)
            error = PuffleError(f"Watching {self.run_id} broke off: {type(reason).__name__}. Watch it again.")
        await self._finish(last, error)

    async def _finish(self, last: WatchSnapshot | None, error: BaseException | None) -> None:
        snapshot = broken_off(self._snapshot, error, self.clock()) if error is not None else last
        assert snapshot is not None
        run = None if error is not None else snapshot.run
        self._decided.settle(run, error)
        await until_shown(self._publish(snapshot))
        if self._at_end is not None:  # who waits for the end finds it done
            self._at_end(self)
        self._listeners.end(lambda: self._ended.settle(run, error))

    def _publish(self, snapshot: WatchSnapshot) -> list[concurrent.futures.Future[Any]]:
        before, self._snapshot = self._snapshot, snapshot
        self._recorder.note(before, snapshot)
        return self._listeners.tell(snapshot)

    def _extend(self, interval: float, timeout: float | None) -> None:
        if not self.is_ending:
            self._recorder.add(WatchEventKind.WATCHED_AGAIN, f"every {interval:g} s")
            self._source.extend(interval, timeout)

    def _cancel(self) -> None:
        self._source.stop()
        if self._task is not None:
            self._task.cancel()
