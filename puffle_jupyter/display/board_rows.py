"""From watches to the rows of a board: what is known of each run now."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ..asking.question import question_of
from ..board.estimate import seconds_left
from ..board.first_line import first_line
from ..board.rows import Counts, Row, Stage
from ..run import Run
from ..run_data import RunStatus
from ..safe_text import shortened
from ..transcript.model import ToolCallState
from ..untrusted import plain_label
from ..watching.snapshot import WatchPhase, WatchSnapshot
from ..watching.watch import RunWatch
from .watch_words import failure_words, label_of_watch

LABEL_LIMIT = 200
# A status that is not here is under way, such as an unknown one.
_STAGE_BY_STATUS = {
    RunStatus.QUEUED: Stage.QUEUED,
    RunStatus.RUNNING: Stage.RUNNING,
    RunStatus.COMPLETED: Stage.COMPLETED,
    RunStatus.FAILED: Stage.FAILED,
    RunStatus.CANCELLED: Stage.CANCELLED,
}
_STAGE_BEFORE_THE_RUN = {
    WatchPhase.TO_START: Stage.TO_START,
    WatchPhase.NOT_STARTED: Stage.NOT_STARTED,
    WatchPhase.NOT_CONFIRMED: Stage.NOT_CONFIRMED,
}


def stage_of(snapshot: WatchSnapshot) -> Stage:
    """How far the run of ``snapshot`` is; before the first answer it counts as queued."""
    if snapshot.phase in _STAGE_BEFORE_THE_RUN:
        return _STAGE_BEFORE_THE_RUN[snapshot.phase]
    if snapshot.phase is WatchPhase.MISSING:
        return Stage.NOT_FOUND
    if snapshot.phase.is_final and snapshot.phase is not WatchPhase.ENDED:
        return Stage.UNWATCHED
    if snapshot.phase is WatchPhase.AWAITING_APPROVAL:
        return Stage.WAITING
    return _STAGE_BY_STATUS.get(snapshot.status, Stage.RUNNING) if snapshot.status_text else Stage.QUEUED


class BoardRows:
    """The rows of some watches. What was read of an ended run is kept. For any thread.

    Args:
        watches: the watches, in order.
        labels: what the user calls each run; "" takes the message that it was started with.
    """

    def __init__(self, watches: Sequence[RunWatch], labels: Sequence[str]) -> None:
        self._watches = watches
        self._labels = [_label(watch, label) for watch, label in zip(watches, labels, strict=True)]
        self._lock = threading.RLock()
        self._ended: dict[int, Row] = {}

    def counts(self) -> Counts:
        """The counts of all runs, with an estimate of the end."""
        snapshots = [watch.snapshot for watch in self._watches]
        stages = [stage_of(snapshot) for snapshot in snapshots]
        unfinished = sum(not stage.is_final for stage in stages)
        if not unfinished:
            return Counts.by(stages)
        # What its first poll found ended had ended before: it says nothing about those that go on.
        ended = [snapshot.ended_at for snapshot in snapshots if snapshot.ended_at and snapshot.polls > 1]
        began = min(snapshot.started_at for snapshot in snapshots)
        return Counts.by(stages, seconds_left(began, ended, unfinished, self._watches[0].clock()))

    def all(self) -> list[Row]:
        """The row of each run."""
        return [self.row(number) for number in range(len(self._watches))]

    def row(self, number: int) -> Row:
        """The row of a run, as it is now."""
        known = self._ended.get(number)
        if known is not None:
            return known
        watch = self._watches[number]
        snapshot = watch.snapshot
        row = _row(snapshot, self._labels[number], watch.clock())
        if snapshot.phase.is_final:
            with self._lock:
                self._ended[number] = row
        return row


def _row(snapshot: WatchSnapshot, label: str, now: float) -> Row:
    stage, status = stage_of(snapshot), label_of_watch(snapshot)
    run_id = plain_label(snapshot.run_id)
    if stage.has_ended and snapshot.run is not None:
        had_ended = snapshot.polls <= 1
        seconds = None if had_ended else snapshot.elapsed(now)
        return Row(run_id, label, status, stage, seconds, *_calls(snapshot.run), first_line(snapshot.run))
    seconds = None if snapshot.phase in _STAGE_BEFORE_THE_RUN else snapshot.elapsed(now)
    return Row(run_id, label, status, stage, seconds, line=_in_the_way(snapshot, now))


def _in_the_way(snapshot: WatchSnapshot, now: float) -> str:
    what, then = failure_words(snapshot, now)
    words = f"{what}{then}"
    return f"⚠ {words}" if snapshot.failure is not None and words else words


def _calls(run: Run) -> tuple[int, int]:
    calls = run.transcript.tool_calls
    return len(calls), sum(call.state is ToolCallState.FAILED for call in calls)


def _label(watch: RunWatch, label: str) -> str:
    question = question_of(watch)
    said = label or ("" if question is None else question.message)
    return shortened(plain_label(" ".join(said.split())), LABEL_LIMIT)
