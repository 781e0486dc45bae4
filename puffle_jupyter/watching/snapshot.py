"""What is known of a watch at one moment: all that a view needs, and nothing that changes."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from ..errors import RunNotFound, StartNotConfirmed, StreamUnfinished, WaitTimeout, WatchStopped
from ..run import Run
from ..run_data import RunStatus
from ..transcript.model import ToolCall
from ..transcript.preview import Preview
from .approvals import Decision
from .carried_out import CarriedOut


class WatchPhase(enum.Enum):
    """What the watch itself is doing, apart from what the run is doing."""

    TO_START = "to be started"
    """The run is not started yet: its message waits for its turn."""
    STARTING = "starting"
    """No answer yet."""
    WATCHING = "watching"
    """The last poll was answered."""
    RATE_LIMITED = "rate limited"
    ERROR_ANSWER = "Puffle answers with errors"
    """Answers since `RetryState.since`, and none with the run: 5xx, unreadable, a redirect."""
    UNREACHABLE = "unreachable"
    """No answer since `RetryState.since`: no connection, dropped, too late."""
    NOT_FOUND = "not found yet"
    """404 within the grace for a run that was just started."""
    AWAITING_APPROVAL = "waiting for your approval"
    """Tool calls wait for a decision, and nothing happens until it is made: see `WatchSnapshot.waiting`."""
    STOPPED = "stopped"
    """Stopped by the user, or by the timeout the user set; the run goes on."""
    REFUSED = "refused"
    """Puffle will not answer this key, or nothing can be sent: see `WatchSnapshot.error`."""
    MISSING = "not found"
    """404 for longer than a run that was just started can need: see `WatchSnapshot.error`."""
    BROKEN_OFF = "broken off"
    """The stream ended before the answer did: see `WatchSnapshot.error`; `run` has what arrived."""
    NOT_STARTED = "not started"
    """No run was started: see `WatchSnapshot.error`."""
    NOT_CONFIRMED = "start not confirmed"
    """The message was sent, and it is not known whether a run started: see `WatchSnapshot.error`."""
    ENDED = "ended"
    """The run reached a terminal status."""

    @property
    def is_final(self) -> bool:
        """Whether the watch polls no more."""
        return self in _FINAL


_FINAL = frozenset(
    (
        *(WatchPhase.STOPPED, WatchPhase.REFUSED, WatchPhase.MISSING),
        *(WatchPhase.BROKEN_OFF, WatchPhase.NOT_STARTED, WatchPhase.NOT_CONFIRMED, WatchPhase.ENDED),
    )
)


@dataclass(frozen=True, slots=True)
class RetryState:
    """A failure that is being retried, and when. Times are seconds of the watch's clock.

    Attributes:
        short: the reason in a few words, for a badge; "" where the reason is short itself.
    """

    reason: str
    since: float
    next_try_at: float
    short: str = ""


@dataclass(frozen=True, slots=True)
class WatchSnapshot:
    """A watch at one moment. Times are seconds of the watch's monotonic clock.

    Attributes:
        status_text: the run's status as sent; "" before the first answer.
        polls: requests sent.
        ended_at: when the watch became final; None while it polls.
        stretched_to: seconds between two polls while more are wanted than are sent; None when all are sent.
        is_limited: whether polls are that far apart because Puffle answered 429.
        is_stream: whether the answer is streamed: it ends with the connection, and cannot be watched again.
        preview: the end of the answer that is being streamed; None without a stream, and once it ended.
        waiting: the tool calls that wait for a decision.
        decisions: what was decided about tool calls, oldest first.
        carried_out: the approved calls that have a result.
        error: why the watch ended without a terminal status, as one line; None otherwise, and where it was
            stopped as asked.
    """

    run_id: str
    phase: WatchPhase = WatchPhase.STARTING
    status: RunStatus = RunStatus.UNKNOWN
    status_text: str = ""
    run: Run | None = None
    polls: int = 0
    started_at: float = 0.0
    ended_at: float | None = None
    failure: RetryState | None = None
    error: str | None = None
    stretched_to: float | None = None
    is_limited: bool = False
    is_stream: bool = False
    preview: Preview | None = None
    waiting: tuple[ToolCall, ...] = ()
    decisions: tuple[Decision, ...] = ()
    carried_out: tuple[CarriedOut, ...] = ()

    def elapsed(self, now: float) -> float:
        """Seconds since the watch began, until it ended or ``now``."""
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)


def stopped(snapshot: WatchSnapshot) -> WatchStopped:
    """The error of a watch that was stopped before the end, with what that means for the run."""
    if snapshot.is_stream:
        return WatchStopped(
            f"Stopped reading the answer of {snapshot.run_id}: Puffle ends the work on a stream that nobody "
            "reads. What arrived is kept: watch.run."
        )
    return WatchStopped(
        f"Watching {snapshot.run_id} was stopped; the run continues. Watch it again to see it end."
    )


def broken_off(snapshot: WatchSnapshot, error: BaseException, now: float) -> WatchSnapshot:
    """The last snapshot of a watch that saw no end of its run.

    Args:
        snapshot: what was known before.
        error: what ended the watch.
        now: the watch's clock, in seconds.
    """
    phase, words = WatchPhase.REFUSED, str(error)
    if snapshot.phase is WatchPhase.TO_START:
        is_open = isinstance(error, StartNotConfirmed)
        phase = WatchPhase.NOT_CONFIRMED if is_open else WatchPhase.NOT_STARTED
    elif isinstance(error, WatchStopped | WaitTimeout):
        phase, words = WatchPhase.STOPPED, error.short  # the whole says more than once that the run continues
    elif isinstance(error, RunNotFound):
        phase, words = WatchPhase.MISSING, error.short or words
    elif isinstance(error, StreamUnfinished):
        phase = WatchPhase.BROKEN_OFF
    return replace(
        snapshot,
        phase=phase,
        ended_at=now,
        failure=None,
        stretched_to=None,
        preview=None,
        waiting=(),
        error=words or None,
    )
