"""What happened to a watch, as a list of timestamped events: for bug reports, and for the curious."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..transcript.model import ToolCall
from ..untrusted import untrusted_words
from .approvals import DECIDED_BY
from .snapshot import WatchPhase, WatchSnapshot

MOST_EVENTS = 200
"""Events kept of one watch. Of a longer history the oldest are left out, but for the very first."""

_LONGEST_DETAIL = 300
_LONGEST_STATUS = 40
_LONGEST_CALL = 120


class WatchEventKind(enum.StrEnum):
    """What can happen to a watch."""

    STARTED = "started"
    STATUS = "status"
    """The run has another status than before; `WatchEvent.detail` is the status as sent."""
    POLL_FAILED = "poll failed"
    """A poll had no usable answer, for the reason in `WatchEvent.detail`, and will be tried again."""
    WAITING = "waiting"
    """The first poll waits, because Puffle asked an earlier watch of this run to."""
    RECOVERED = "recovered"
    """The first answer after failed polls."""
    WATCHED_AGAIN = "watched again"
    ASKED_AGAIN = "watched again"  # its former name, which still works
    """`watch` or ``%puffle_wait`` was called for a run that was being watched."""
    LEFT_OUT = "left out"
    """In place of `WatchEvent.count` older events, which are not kept."""
    ENDED = "ended"
    """The run reached the terminal status in `WatchEvent.detail`."""
    STOPPED = "stopped"
    """By the user, or by the timeout that the user set."""
    REFUSED = "refused"
    """Puffle will not answer, for the reason in `WatchEvent.detail`."""
    BROKEN_OFF = "broken off"
    """The stream ended before the answer did, for the reason in `WatchEvent.detail`."""
    PROPOSED = "proposed"
    """The tool call in `WatchEvent.detail` waits for a decision."""
    DECIDED = "decided"
    """What was decided about a tool call, and by whom; `WatchEvent.at` is when."""
    DONE = "done"
    """The approved tool call in `WatchEvent.detail` has its result."""
    NOT_FOUND = "not found"
    """There is no such run for this key."""


@dataclass(frozen=True, slots=True, repr=False)
class WatchEvent:
    """Something that happened to a watch.

    It never holds a key, nor a word of what the run said, but for the tool and the id of a call that waited
    for a decision.

    Attributes:
        at: when, in UTC, by the computer's clock, which may jump.
        seconds: seconds since the watch began, by a clock that does not.
        what: what happened.
        detail: the status or the reason; "" when there is nothing more to say.
        count: how often it happened in a row.
        last_seconds: seconds since the watch began when it happened last; `seconds` when it did once.

    >>> watch.history[-1]                              # doctest: +SKIP
    <WatchEvent 2026-03-01 09:30:25Z +19.1 s ended: completed>
    """

    at: datetime
    seconds: float
    what: WatchEventKind
    detail: str = ""
    count: int = 1
    last_seconds: float = 0.0

    def __str__(self) -> str:
        words = f"{self.at:%Y-%m-%d %H:%M:%S}Z {self.seconds:+.1f} s {self.what}"
        between = ", " if self.what is WatchEventKind.WATCHED_AGAIN else ": "
        words += f"{between}{self.detail}" if self.detail else ""
        if self.what is WatchEventKind.LEFT_OUT:
            return f"{words}: {self.count:,} events"
        return (
            words if self.count == 1 else f"{words} ({self.count:,} times, last {self.last_seconds:+.1f} s)"
        )

    def __repr__(self) -> str:
        return f"<WatchEvent {self}>"


class WatchHistory(list[WatchEvent]):
    """Events, oldest first; printed one a line."""

    def __str__(self) -> str:
        return "\n".join(str(event) for event in self)

    __repr__ = __str__


class Recorder:
    """Makes the history of one watch out of its snapshots. Used on the poll thread; read from any.

    A poll that fails as another did since the last answer is counted there, and at most `MOST_EVENTS`
    events are kept: a watch that fails for days stays small.

    Args:
        started_at: seconds of the watch's clock.
        clock: the watch's clock, monotonic seconds.
        wall_clock: seconds since the epoch.
        without_key: cuts the key from a text, should a server have echoed it.
    """

    def __init__(
        self,
        started_at: float,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
        without_key: Callable[[str], str] = str,
    ) -> None:
        self._started_at = started_at
        self._clock = clock
        self._wall_clock = wall_clock
        self._without_key = without_key
        self._events: tuple[WatchEvent, ...] = ()
        self._failing_from: int | None = None
        self.add(WatchEventKind.STARTED)

    @property
    def events(self) -> WatchHistory:
        """All that is known now, in a list of the caller's own."""
        return WatchHistory(self._events)

    def note(self, before: WatchSnapshot, after: WatchSnapshot) -> None:
        """Record what makes ``after`` another snapshot than ``before``."""
        if after.failure is not None and after.polls > before.polls:
            self._failed(after.failure.reason)
        elif after.failure is not None:
            self.add(WatchEventKind.WAITING, after.failure.reason)
        elif after.phase in (WatchPhase.WATCHING, WatchPhase.ENDED) and self._failing_from is not None:
            self._failing_from = None
            self.add(WatchEventKind.RECOVERED)
        if after.status_text != before.status_text and after.phase is not WatchPhase.ENDED:
            self.add(WatchEventKind.STATUS, _as_status(self._without_key(after.status_text)))
        self._note_decisions(before, after)
        if after.phase.is_final and not before.phase.is_final:
            self._finished(after)

    def _note_decisions(self, before: WatchSnapshot, after: WatchSnapshot) -> None:
        for call in after.waiting:
            if call not in before.waiting:
                self.add(WatchEventKind.PROPOSED, self._about(call))
        for decision in after.decisions[len(before.decisions) :]:
            verdict = "approved" if decision.approved else "denied"
            detail = f"{self._about(decision.call)}: {verdict} by {DECIDED_BY}"
            self.add(WatchEventKind.DECIDED, detail, at=decision.at)
        for done in after.carried_out:
            if done not in before.carried_out:
                self.add(WatchEventKind.DONE, f"{self._about(done.call)}: {done.state.value}")

    def _about(self, call: ToolCall) -> str:
        words = self._without_key(f"{call.name}, call {call.id}")
        return ascii(untrusted_words(words, _LONGEST_CALL))[1:-1]

    def add(self, what: WatchEventKind, detail: str = "", *, at: datetime | None = None) -> None:
        """Record an event, or count it with the last one when that is the same.

        Args:
            what: what happened.
            detail: more about it.
            at: when, in UTC; None for now.
        """
        last = self._events[-1] if self._events else None
        if last is not None and (last.what, last.detail) == (what, detail):
            self._repeat(len(self._events) - 1)
            return
        at = at or datetime.fromtimestamp(self._wall_clock(), UTC)
        seconds = self._clock() - self._started_at
        self._events += (WatchEvent(at, seconds, what, detail, last_seconds=seconds),)
        if len(self._events) > MOST_EVENTS:
            self._leave_out_oldest()

    def _failed(self, reason: str) -> None:
        detail = self._without_key(reason)[:_LONGEST_DETAIL]
        if self._failing_from is None:
            self._failing_from = len(self._events)
        for index in range(self._failing_from, len(self._events)):
            if (self._events[index].what, self._events[index].detail) == (WatchEventKind.POLL_FAILED, detail):
                self._repeat(index)
                return
        self.add(WatchEventKind.POLL_FAILED, detail)

    def _finished(self, snapshot: WatchSnapshot) -> None:
        if snapshot.phase is WatchPhase.ENDED:
            self.add(WatchEventKind.ENDED, _as_status(self._without_key(snapshot.status_text)))
        else:
            kind = _KIND_BY_PHASE[snapshot.phase]
            self.add(kind, self._without_key(snapshot.error or "")[:_LONGEST_DETAIL])

    def _repeat(self, index: int) -> None:
        event = self._events[index]
        again = replace(event, count=event.count + 1, last_seconds=self._clock() - self._started_at)
        self._events = (*self._events[:index], again, *self._events[index + 1 :])

    def _leave_out_oldest(self) -> None:
        """Drop the oldest but the very first, and count them where they were."""
        first, second, third, *newer = self._events
        count = second.count + 1 if second.what is WatchEventKind.LEFT_OUT else 2
        left_out = replace(
            second, what=WatchEventKind.LEFT_OUT, detail="", count=count, last_seconds=third.last_seconds
        )
        self._events = (first, left_out, *newer)
        if self._failing_from is not None:
            self._failing_from = max(2, self._failing_from - 1)


_KIND_BY_PHASE = {
    WatchPhase.STOPPED: WatchEventKind.STOPPED,
    WatchPhase.REFUSED: WatchEventKind.REFUSED,
    WatchPhase.MISSING: WatchEventKind.NOT_FOUND,
    WatchPhase.BROKEN_OFF: WatchEventKind.BROKEN_OFF,
    WatchPhase.NOT_STARTED: WatchEventKind.REFUSED,
    WatchPhase.NOT_CONFIRMED: WatchEventKind.REFUSED,
}


def _as_status(text: str) -> str:
    return ascii(untrusted_words(text))[1:-1][:_LONGEST_STATUS]
