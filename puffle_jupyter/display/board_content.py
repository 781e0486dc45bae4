"""A board as html and text: as it is now, and as it stays when all of its runs ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from ..board import text
from ..board.columns import columns_html
from ..board.html import Body, frozen_html, heading_html, remarks_html, table_html
from ..board.layout import BoardLayout
from ..board.rows import Counts, Row
from ..board.selection import PAGE
from ..render.html.run import folded_body, wrapped
from ..render.words import count_words
from ..watching.watch import RunWatch
from .board_columns import columns_content, columns_text
from .board_rows import BoardRows


class Shown(Protocol):
    """What of a board is shown."""

    @property
    def watches(self) -> Sequence[RunWatch]:
        """Its watches, in order."""

    @property
    def table(self) -> BoardRows:
        """Its rows."""

    @property
    def layout(self) -> BoardLayout:
        """How it is laid out."""

    @property
    def remarks(self) -> Sequence[str]:
        """What is said below it."""


def board_content(board: Shown, *, quiet: bool = False) -> tuple[str, str]:
    """The html and the text of ``board``, which nothing updates.

    Args:
        board: the board.
        quiet: without transcripts.
    """
    counts = board.table.counts()
    if not counts.is_final:
        return _as_of_now(counts, board)
    rows = board.table.all()
    if board.layout is BoardLayout.COLUMNS:
        return columns_content(board, counts, rows, board.remarks, quiet=quiet)
    body = None if quiet else _body(board)
    return (
        frozen_html(counts, rows, body, board.remarks),
        text.board_text(counts, rows, board.remarks, most=text.MOST),
    )


def board_text(board: Shown, *, quiet: bool = False) -> str:
    """All of ``board`` as text; ``quiet`` a line a run."""
    if board.layout is BoardLayout.COLUMNS:
        rows = board.table.all()
        return columns_text(board, board.table.counts(), rows, board.remarks, quiet=quiet)
    return text.board_text(board.table.counts(), board.table.all(), board.remarks)


def heading_line(board: Shown) -> str:
    """The counts of ``board`` in one line."""
    return text.heading_text(board.table.counts())


def _as_of_now(counts: Counts, board: Shown) -> tuple[str, str]:
    """One page of rows, without times: what a saved notebook has of a board that was never finished."""
    counts = Counts(counts.of)
    rows = [board.table.row(number) for number in range(min(PAGE, len(board.watches)))]
    more = len(board.watches) - len(rows)
    said = [
        *([f"{count_words(more, 'more run')}: board.show() shows them."] if more else []),
        f"As of {time.strftime('%H:%M:%S')}. If this does not change, %puffle_wait --resume goes on with it.",
        *board.remarks,
    ]
    if board.layout is BoardLayout.COLUMNS:
        as_html = columns_html(counts, rows, None, said)
    else:
        as_html = wrapped(heading_html(counts) + table_html(rows, has_time=False) + remarks_html(said))
    return as_html, text.board_text(counts, rows, said)


def _body(board: Shown) -> Body:
    runs = {watch.run_id: watch.run for watch in board.watches}

    def body(row: Row, room: int) -> str | None:
        run = runs.get(row.run_id)
        return None if run is None else folded_body(run, room)

    return body
