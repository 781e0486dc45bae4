"""A row of a board, and the counts of all of them: frozen facts, as harmless lines that are not yet html."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..render.words import StatusLabel, count_words, elapsed_words


class Stage(enum.Enum):
    """How far a run is: what runs are counted and filtered by, in the order in which they are counted."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WAITING = "waiting for you"
    RUNNING = "running"
    QUEUED = "queued"
    TO_START = "to be started"
    NOT_STARTED = "not started"
    NOT_CONFIRMED = "unconfirmed"
    """The message was sent, and it is not known whether a run started."""
    NOT_FOUND = "not found"
    """Puffle knows no run with this id for this key."""
    UNWATCHED = "not watched any more"
    """The watch ended before the run did."""

    @property
    def has_ended(self) -> bool:
        """Whether the run has ended."""
        return self in (Stage.COMPLETED, Stage.FAILED, Stage.CANCELLED)

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come."""
        return self.has_ended or self in _WITHOUT_AN_END


_WITHOUT_AN_END = (Stage.NOT_STARTED, Stage.NOT_CONFIRMED, Stage.NOT_FOUND, Stage.UNWATCHED)


@dataclass(frozen=True, slots=True)
class Row:
    """A run in a board. Every text is one harmless line.

    Attributes:
        run_id: its id.
        label: what it is about: the message it was started with, or what the user called it; may be "".
        status: the label of its state.
        stage: how far it is.
        seconds: since it is watched; None when that says nothing, since it had ended before.
        calls: tool calls, once the run ended.
        failed_calls: those of them that failed.
        line: the first line of the answer or of the error, or what is in the way; may be "".
    """

    run_id: str
    label: str
    status: StatusLabel
    stage: Stage
    seconds: float | None = None
    calls: int = 0
    failed_calls: int = 0
    line: str = ""

    @property
    def calls_words(self) -> str:
        """``8 (1 failed)``; "" without calls."""
        if not self.calls:
            return ""
        return f"{self.calls:,} ({self.failed_calls:,} failed)" if self.failed_calls else f"{self.calls:,}"

    @property
    def time_words(self) -> str:
        """``12 s``; "" when the time says nothing."""
        return "" if self.seconds is None else elapsed_words(self.seconds)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many runs are in each stage, and when they may all have ended.

    Attributes:
        of: the number of runs in each stage that has any.
        seconds_left: an estimate; None without one.
    """

    of: dict[Stage, int]
    seconds_left: float | None = None

    @classmethod
    def by(cls, stages: Iterable[Stage], seconds_left: float | None = None) -> Counts:
        """Count ``stages``."""
        counted = Counter(stages)
        return cls({stage: counted[stage] for stage in Stage if counted[stage]}, seconds_left)

    @property
    def total(self) -> int:
        """The number of runs."""
        return sum(self.of.values())

    @property
    def ended(self) -> int:
        """The number of runs that have ended."""
        return sum(count for stage, count in self.of.items() if stage.has_ended)

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come."""
        return all(stage.is_final for stage in self.of)

    @property
    def title(self) -> str:
        """``8 runs``."""
        return count_words(self.total, "run")

    def words(self) -> str:
        """``5 ended (1 failed) · 2 running · 1 queued · about 20 s left``."""
        said = []
        if self.ended:
            others = [
                f"{self.of[stage]:,} {stage.value}"
                for stage in (Stage.FAILED, Stage.CANCELLED)
                if stage in self.of
            ]
            apart = f" ({', '.join(others)})" if others else ""
            said.append(f"{self.ended:,} ended{apart}")
        said += [f"{count:,} {stage.value}" for stage, count in self.of.items() if not stage.has_ended]
        if self.seconds_left is not None and not self.is_final:
            said.append(f"about {elapsed_words(self.seconds_left)} left")
        return " · ".join(said)
