"""A board whose runs are side by side, as html and text."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Protocol

from ..board import text
from ..board.columns import columns_html
from ..board.html import Body
from ..board.rows import Counts, Row
from ..printing import is_terminal
from ..render.html.run import column_body
from ..render.limits import text_within_output
from ..watching.watch import RunWatch

_COLUMNS = 100
"""Of a line where there is no terminal."""


class HasWatches(Protocol):
    """What has watches."""

    @property
    def watches(self) -> Sequence[RunWatch]:
        """Its watches, in order."""


def body_of_column(board: HasWatches) -> Body:
    """What renders answer and transcript of each run of ``board``."""
    watches = {watch.run_id: watch for watch in board.watches}

    def body(row: Row, room: int) -> str | None:
        watch = watches.get(row.run_id)
        run = None if watch is None else watch.run
        return None if run is None else column_body(run, room)

    return body


def columns_content(
    board: HasWatches, counts: Counts, rows: Sequence[Row], remarks: Sequence[str], *, quiet: bool
) -> tuple[str, str]:
    """The html and the text of ``board`` in an output that nothing updates.

    Args:
        board: the board.
        counts: of its rows.
        rows: all of its rows.
        remarks: sentences that are shown below.
        quiet: without answers and transcripts.
    """
    body = None if quiet else body_of_column(board)
    said = columns_text(board, counts, rows, remarks, quiet=quiet, columns=_COLUMNS)
    return columns_html(counts, rows, body, remarks), text_within_output(said, "board.to_text()")


def columns_text(
    board: HasWatches,
    counts: Counts,
    rows: Sequence[Row],
    remarks: Sequence[str],
    *,
    quiet: bool = False,
    columns: int = 0,
) -> str:
    """The counts, and the runs side by side where each has room for its lines.

    Args:
        board: the board.
        counts: of its rows.
        rows: all of its rows.
        remarks: sentences that are shown below.
        quiet: a line a run.
        columns: of a line; 0 takes those of the terminal.
    """
    if quiet:
        return text.board_text(counts, rows, remarks)
    from ..render.terminal.side_by_side import side_by_side, width_of_each

    columns = columns or (shutil.get_terminal_size().columns if is_terminal() else _COLUMNS)
    width = width_of_each(len(rows), columns)
    shown = [_column(row, watch, width) for row, watch in zip(rows, board.watches, strict=True)]
    return "\n".join([text.heading_text(counts), "", side_by_side(shown, columns), *remarks])


def _column(row: Row, watch: RunWatch, width: int) -> str:
    from ..render.terminal.layout import Layout
    from ..render.terminal.short_form import short_text
    from .terminal.columns import wrapped

    head = " · ".join(filter(None, (str(row.status), row.run_id, row.label)))
    run = watch.run
    if run is None or not row.stage.has_ended:
        return "\n".join(wrapped(line, width) for line in filter(None, (head, row.line)))
    whole = f'All of it: print(board["{row.run_id}"].to_text())'
    return short_text(run, head, Layout(width, styled=False), whole)
