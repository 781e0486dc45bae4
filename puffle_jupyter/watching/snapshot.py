"""What is known of a watch at one moment: all that a view needs, and nothing that changes."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ..api.run import Run, RunStatus


class WatchPhase(enum.Enum):
    """What the watch itself is doing, apart from what the run is doing."""

    STARTING = "starting"
    """No answer yet."""
    WATCHING = "watching"
    """The last poll was answered."""
    RATE_LIMITED = "rate limited"
    UNREACHABLE = "unreachable"
    """No usable answer since `Trouble.since`: dropped, refused, 5xx, unreadable."""
    NOT_FOUND = "not found yet"
    """404 within the grace for a run that was just started."""
    STOPPED = "stopped"
    """Stopped by the user, or by the timeout the user set; the run goes on."""
    REFUSED = "refused"
    """Puffle will not answer this key, or this run: see `WatchSnapshot.error`."""
    ENDED = "ended"
    """The run reached a terminal status."""

    @property
    def is_final(self) -> bool:
        """Whether the watch polls no more."""
        return self in (WatchPhase.STOPPED, WatchPhase.REFUSED, WatchPhase.ENDED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure that is being retried. Times are seconds of the watch's clock."""

    reason: str
    since: float
    next_try_at: float


@dataclass(frozen=True, slots=True)
class WatchSnapshot:
    """A watch at one moment. Times are seconds of the watch's monotonic clock.

    Attributes:
        status_text: the run's status as sent; "" before the first answer.
        polls: requests sent.
        ended_at: when the watch became final; None while it polls.
        error: why the watch ended without a terminal status, as one line; None otherwise.
    """

    run_id: str
    phase: WatchPhase = WatchPhase.STARTING
    status: RunStatus = RunStatus.UNKNOWN
    status_text: str = ""
    run: Run | None = None
    polls: int = 0
    started_at: float = 0.0
    ended_at: float | None = None
    trouble: Trouble | None = None
    error: str | None = None

    def elapsed(self, now: float) -> float:
        """Seconds since the watch began, until it ended or ``now``."""
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)
