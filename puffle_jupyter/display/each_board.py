"""`EachBoard`: the board of `each`, a run for each row, started one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from ..asking.database import NotesUnusable
from ..asking.notes import NoteState
from ..asking.row_messages import RowMessage, row_words
from ..asking.sending import kept_notes
from ..asking.starter import RowToStart, Starter
from ..board.ids import MeantRuns
from ..errors import InvalidSetting, NotSent
from ..render.words import count_words, elapsed_words
from ..run_data import check_run_id
from ..watching.snapshot import WatchPhase
from ..watching.watch import RunWatch
from .each_frame import joined_frame
from .run_board import RunBoard
from .waiting import BY_INTERRUPT

_NAMED = 5


class EachBoard(RunBoard):
    """The runs of `each`: a `RunBoard` whose rows are started one after the other.

    A row that is not started yet is called ``row_0``, by its place, and has the id of its run later:
    ``board["row_0"]`` goes on to be its watch. Made by `each` and ``%%puffle_each``.

    >>> board = each(frame, "Who leads sales at {company}?")    # doctest: +SKIP
    >>> board.wait().to_frame()
    """

    def __init__(
        self,
        rows: Sequence[RowToStart],
        messages: Sequence[RowMessage],
        starter: Starter,
        given: Any,
        remarks: Sequence[str],
        on_done: Callable[[RunBoard], object] | None,
    ) -> None:
        self._rows = tuple(rows)
        self._messages = tuple(messages)
        self._starter = starter
        self._given = given
        self._settled: set[int] = set()
        self._said = tuple(remarks)
        self.watches: tuple[RunWatch, ...] = tuple(row.watch for row in rows)
        for row in rows:
            row.watch.start_no_more = starter.stop
        self._build(MeantRuns(()), [one.message for one in messages], on_done)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is said below the rows: what was sent before, what waits, what was not started and why."""
        return (
            *self._said,
            *filter(None, (self._before(), self._pause(), self._rest(), self._unconfirmed())),
        )

    @remarks.setter
    def remarks(self, remarks: tuple[str, ...]) -> None:
        """Nothing is said of ids: there are none yet."""

    @overload
    def __getitem__(self, key: int) -> RunWatch: ...
    @overload
    def __getitem__(self, key: slice) -> list[RunWatch]: ...
    @overload
    def __getitem__(self, key: str) -> RunWatch: ...
    def __getitem__(self, key: int | slice | str) -> RunWatch | list[RunWatch]:
        if not isinstance(key, str):
            return super().__getitem__(key)
        for row in self._rows:
            if key in (row.watch.run_id, row.watch.name):
                return row.watch
        raise KeyError(key)

    def __contains__(self, wanted: object) -> bool:
        if not isinstance(wanted, str):
            return wanted in self.watches
        return any(wanted in (row.watch.run_id, row.watch.name) for row in self._rows)

    def wait(self, timeout: float | None = None, *, nested: bool = False) -> EachBoard:
        """Wait until every row is done; see `RunBoard.wait`.

        Args:
            timeout: seconds; None waits as long as it takes.
            nested: keep the caller's own event loop turning meanwhile.

        Raises:
            KeyboardInterrupt: Ctrl-C: what was started is watched on, the rest is not started.
            WaitTimeout, ApprovalNeeded, CannotWaitHere: see `RunBoard.wait`.
        """
        try:
            super().wait(timeout, nested=nested)
        except KeyboardInterrupt:
            self._starter.stop(BY_INTERRUPT)
            raise
        return self

    async def _wait(self) -> EachBoard:
        try:
            await super()._wait()
        except (KeyboardInterrupt, asyncio.CancelledError):
            self._starter.stop(BY_INTERRUPT)
            raise
        return self

    def as_completed(self, timeout: float | None = None) -> Iterator[RunWatch]:
        """The watches as their rows are done; see `RunBoard.as_completed`. Ctrl-C starts no more."""
        try:
            yield from super().as_completed(timeout)
        except KeyboardInterrupt:
            self._starter.stop(BY_INTERRUPT)
            raise

    def stop(self) -> None:
        """Start no more rows, and stop watching the others. Their runs continue, and are not lost."""
        self._starter.stop("stopped by board.stop()")
        super().stop()

    def settle(self, row: Any, run_id: str | None = None) -> None:
        """Say what became of a row whose start was not confirmed; running the cell again goes on with it.

        Args:
            row: its label in the index of the frame, its number in a list.
            run_id: the run that you found in Puffle; None when nothing was started, so that it is sent again.

        Raises:
            InvalidSetting: there is no such row, or it is known what became of it.
            InvalidRunId, NotSent

        >>> board.settle("Acme", "run_abc")            # doctest: +SKIP
        >>> board.settle("Beta")              # nothing was started: the cell sends it when it runs again
        """
        if run_id is not None:
            check_run_id(run_id)
        number = self._number_of(row)
        if self.watches[number].snapshot.phase is not WatchPhase.NOT_CONFIRMED:
            raise InvalidSetting(f"It is known what became of {row_words(row)}: there is nothing to settle.")
        notes = kept_notes()
        try:
            (note,) = notes.earlier([self._rows[number].draft])
            if note is not None and note.run_id is None:
                state = NoteState.REFUSED if run_id is None else NoteState.STARTED
                notes.complete(note.number, state, run_id)
        except NotesUnusable as error:
            raise NotSent(f"{row_words(row)} cannot be noted: {error}. Nothing was sent.") from None
        self._settled.add(number)

    def to_frame(self) -> Any:
        """The frame that was given, with what came of each row; its index is the same.

        Returns:
            A pandas DataFrame with the columns ``run_id``, ``status``, ``answer``, ``error`` (text),
            ``calls`` (tool calls) and ``rows`` (rows of all its tables; see `Run.tables`) behind its own.
            One that the frame has itself is called ``puffle_status`` and so on. What is not known is missing.

        Raises:
            MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        return joined_frame(self._given, self.watches)

    def _number_of(self, label: Any) -> int:
        found = [number for number, one in enumerate(self._messages) if _is_same(one.label, label)]
        if len(found) != 1:
            many = "several rows are called so" if found else "there is no such row"
            raise InvalidSetting(f"{row_words(label)}: {many}. The index of the frame has the labels.")
        return found[0]

    def _before(self) -> str:
        count = self._starter.sent_before
        return f"{count_words(count, 'row')} sent before, and not sent again." if count else ""

    def _pause(self) -> str:
        seconds = self._starter.held_for
        return f"Puffle asked for a pause: the next start in {elapsed_words(seconds)}." if seconds else ""

    def _rest(self) -> str:
        count = sum(watch.snapshot.phase is WatchPhase.NOT_STARTED for watch in self.watches)
        why = self._starter.reason
        if not count or not why:
            return ""
        return f"{count_words(count, 'row')} not started ({why}). Run the cell again to go on."

    def _unconfirmed(self) -> str:
        labels = [
            row_words(message.label)
            for number, (message, watch) in enumerate(zip(self._messages, self.watches, strict=True))
            if watch.snapshot.phase is WatchPhase.NOT_CONFIRMED and number not in self._settled
        ]
        if not labels:
            return ""
        more = f" and {len(labels) - _NAMED:,} more" if len(labels) > _NAMED else ""
        return (
            f"Not known whether a run was started: {', '.join(labels[:_NAMED])}{more}. Look in Puffle; then "
            'board.settle(row, "run_…"), or board.settle(row) if nothing was started, and run the cell again.'
        )


def _is_same(label: Any, wanted: Any) -> bool:
    try:
        return bool(label == wanted)
    except Exception:  # a label of another kind
        return False
