"""`Starter`: starts the run of each row once, no faster than is allowed, in a thread that ends with its work.

Nothing is decided twice here: whether a message was sent before is decided by the note before it, under the
lock of the database, so another cell, another kernel and a kernel that starts anew find the same.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ..client.client import AsyncPuffleClient
from ..errors import (
    BadRequest,
    ConnectionFailed,
    MessageTooLarge,
    NotSent,
    PuffleError,
    RateLimited,
    StartNotConfirmed,
)
from ..watching.schedule import Clock
from ..watching.started_later import LaterWatch
from .database import NotesUnusable
from .in_flight import Sleep, alone_with
from .notes import Draft
from .sending import Sent, kept_notes, send, unconfirmed_before
from .start_limits import SLICE_SECONDS, AccountStarts, StartLimits

MOST_LOST = 8
"""Messages in a row of which no answer came, after which the rest is not sent: each may have to be paid."""
MOST_UNREACHED = 8
"""Failures to connect in a row after which the rest is not sent; the pauses between them grow to a minute."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_EXIT_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RowToStart:
    """A row: its message, and the watch that follows its run once there is one."""

    draft: Draft
    watch: LaterWatch

    @property
    def key(self) -> tuple[str, str, str]:
        """What must not be sent twice."""
        return self.draft.server, self.draft.name, self.draft.message


class Starter:
    """Starts the rows of one `each`.

    Args:
        rows: what is to be started, in order.
        client: sends the messages.
        account: the starts of the client's account.
        limits: what this `each` keeps to.
        clock: seconds, monotonic; the clock of the registry's watches.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        rows: Sequence[RowToStart],
        client: AsyncPuffleClient,
        account: AccountStarts,
        limits: StartLimits,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._queue = deque(rows)
        self._client = client
        self._account = account
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.RLock()
        self._sending: set[int] = set()
        self._pauses = self._unreached = self._lost = 0
        self._reason = ""
        self._thread = threading.Thread(target=self._work, name="puffle-each", daemon=True)
        self.sent_before = 0

    @property
    def reason(self) -> str:
        """Why no more is started; "" while there is none."""
        return self._reason

    @property
    def held_for(self) -> float:
        """Seconds for which Puffle wants no start; 0 when it takes them."""
        return max(0.0, self._account.held_until - self._clock()) if self._queue else 0.0

    def begin(self) -> None:
        """Start the thread.

        Raises:
            NotSent: no thread can be started.
        """
        try:
            self._thread.start()
        except RuntimeError as error:
            raise NotSent(f"Not sent: {error}.") from None
        _at_work.add(self)

    def stop(self, reason: str) -> None:
        """Start no more; what is being sent is not cut off. Returns at once, and may be called again."""
        with self._lock:
            self._reason = self._reason or reason

    def join(self, timeout: float) -> bool:
        """Wait until the thread ended, at most ``timeout`` seconds; whether it did."""
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._find_what_was_sent()
            while (row := self._next()) is not None:
                self._begin_to_send(row)
        except Exception as error:
            _log.debug("starting broke off", exc_info=True)
            said = error if isinstance(error, PuffleError) else type(error).__name__
            self.stop(f"starting broke off: {said}")
        while self._sending:
            self._sleep(SLICE_SECONDS)
        reason = self._reason or "stopped"
        for row in self._queue:
            row.watch.start.decide(error=NotSent(f"Not started: {reason}"))

    def _find_what_was_sent(self) -> None:
        """Watch the runs of rows that are noted. What is noted without a run may have started one."""
        rows = list(self._queue)
        notes = kept_notes()
        left: deque[RowToStart] = deque()
        try:
            for row, note in zip(rows, notes.earlier(row.draft for row in rows), strict=True):
                if note is not None and note.run_id is None:
                    with alone_with(row.key, self._sleep):  # another cell may be sending it right now
                        (note,) = notes.earlier([row.draft])
                if note is None:
                    left.append(row)
                elif note.run_id is None:
                    row.watch.start.decide(error=unconfirmed_before(note, row.draft))
                else:
                    self._show(row, note.run_id, is_new=False)
                    self._account.follow(row.watch)
        except NotesUnusable as error:
            raise NotSent(f"whether messages were sent before cannot be looked up: {error}") from None
        self._queue = left

    def _next(self) -> RowToStart | None:
        """The next row that may be started now, which is waited for; None when there is none any more."""
        while not self._reason:
            self._leave_out_stopped()
            if not self._queue:
                if not self._sending:
                    return None
                self._sleep(SLICE_SECONDS)  # it may have to be sent again
                continue
            wait = self._account.take(self._clock(), self._limits)
            if wait > 0:
                self._sleep(min(wait, SLICE_SECONDS))
                continue
            with self._lock:
                row = self._queue.popleft()
                if not self._reason and row.watch.start.claim():
                    self._sending.add(id(row))
                    return row
                self._queue.appendleft(row)
            self._account.sent(None)
        return None

    def _leave_out_stopped(self) -> None:
        while self._queue and (self._queue[0].watch.is_ending or not self._queue[0].watch.start.is_waiting):
            self._queue.popleft()

    def _begin_to_send(self, row: RowToStart) -> None:
        try:
            threading.Thread(target=self._send, args=(row,), name="puffle-start", daemon=True).start()
        except RuntimeError as error:  # too many threads, or the process is at its end
            self.stop(str(error))
            self._again(row)
            self._sent_or_not(row, None)

    def _send(self, row: RowToStart) -> None:
        """Send the message of a row, by one request, in a thread of its own."""
        started: LaterWatch | None = None
        try:
            started = self._sent(row)
        except RateLimited as error:
            self._hold(error.retry_after)
            self._again(row)
        except ConnectionFailed as error:
            self._hold(None)
            self._unreached += 1
            if self._unreached >= MOST_UNREACHED:
                self.stop(f"Puffle is not reached: {error.short or error}")
            self._again(row)
        except StartNotConfirmed as error:
            self._lost += 1
            if self._lost >= MOST_LOST:
                self.stop(f"no answer came to {self._lost} messages in a row")
            row.watch.start.decide(error=error)
        except (BadRequest, MessageTooLarge) as error:  # of this message; the others may be taken
            row.watch.start.decide(error=error)
        except (
            PuffleError
        ) as error:  # of the key, of the address, of the notes: the others would fare no better
            self.stop(str(error).rstrip("."))
            row.watch.start.decide(error=error)
        except BaseException as error:
            _log.debug("sending broke off", exc_info=True)
            row.watch.start.decide(error=StartNotConfirmed(f"Sending broke off ({type(error).__name__})."))
        finally:
            self._sent_or_not(row, started)

    def _sent_or_not(self, row: RowToStart, started: LaterWatch | None) -> None:
        self._account.sent(started)
        with self._lock:
            self._sending.discard(id(row))

    def _sent(self, row: RowToStart) -> LaterWatch:
        def start() -> object:
            return self._client.start_chat(row.draft.message)

        with alone_with(row.key, self._sleep):
            sent: Sent = send(row.draft, start, once=True)  # type: ignore[arg-type]
        self._pauses = self._unreached = self._lost = 0
        self._show(row, sent.started.run_id, is_new=sent.is_new)
        return row.watch

    def _show(self, row: RowToStart, run_id: str, *, is_new: bool) -> None:
        with self._lock:
            self.sent_before += not is_new  # before the row: who waits for it reads this
        row.watch.start.decide(run_id)

    def _again(self, row: RowToStart) -> None:
        """It is certain that nothing was started: the row is the next one again."""
        with self._lock:
            if row.watch.start.give_back():
                self._queue.appendleft(row)

    def _hold(self, seconds: float | None) -> None:
        """Start nothing for so long; None for as long as the failures before make sensible."""
        with self._lock:
            now = self._clock()
            if now >= self._account.held_until:  # those of one pause are one failure
                self._pauses += 1
            pause = min(_FIRST_PAUSE * 2 ** max(0, self._pauses - 1), _LONGEST_PAUSE)
            self._account.hold(now + (pause if seconds is None else seconds))


def stop_starting(reason: str, timeout: float) -> None:
    """Have every starter of this process start no more, and wait for their threads."""
    deadline = time.monotonic() + timeout
    starters = list(_at_work)
    for starter in starters:
        starter.stop(reason)
    for starter in starters:
        starter.join(max(0.0, deadline - time.monotonic()))


_at_work: weakref.WeakSet[Starter] = weakref.WeakSet()


def _forget_threads() -> None:
    """In a forked child, which has none of the threads that start rows."""
    _at_work.clear()


atexit.register(stop_starting, "this process ended", _EXIT_SECONDS)  # before the loops are stopped
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
