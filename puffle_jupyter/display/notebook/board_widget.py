"""`BoardWidget`: a board that changes in place, then a static table.

However many runs there are, it has twelve comms at most, sends one page of rows, and no more than it may
(`BYTES_PER_SECOND`): what changes in between is in the next page that is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from ...background.responsive import responsive_rendering
from ...board.html import heading_html, table_html
from ...board.rows import Stage
from ...board.selection import PAGE, Order, Selection, Wanted
from ...render.html import style
from ...render.html.escape import escaped
from ...render.html.run import wrapped
from ...render.limits import size_of
from ..rendering import body_html
from ..run_board import RunBoard
from ..snapshot import snapshot_body
from ..subscription import view_loop
from .board_controls import ALL, NONE, BoardControls
from .live_board import LiveBoard, late_html
from .output import key_of

BYTES_PER_SECOND = 40_000
"""Of html, with the clock alone to show; what a person asks for comes at once."""

# One layout, since each is a comm: of the box, in whose lines the controls are, as many as fit in each, and
# of what has a line of its own.
_LINES = {
    "flex_flow": "row wrap",
    "align_items": "center",
    "grid_gap": "0 16px",
    "flex": "1 1 100%",
    "min_width": "0",
    "max_width": "100%",
}


class BoardWidget(LiveBoard):
    """Shows a board as a table until all of its runs ended.

    Args:
        board: the board.
        quiet: the end without transcripts.
        clock: seconds, monotonic.
    """

    def __init__(
        self, board: RunBoard, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._selection = Selection()
        self._page = 0
        self._opened: str | None = None
        self._opened_key: object = NONE
        self._next_at = -1.0
        super().__init__(board, quiet=quiet, clock=clock)

    def _parts(self) -> list[Any]:
        self._lines = ipywidgets.Layout(**_LINES)
        self._body.layout = self._lines
        self._transcript = late_html(self._lines)
        self._controls = BoardControls(self, has_pages=len(self._board) > PAGE)
        return [*self._controls.widgets, self._body, self._transcript]

    def _box_layout(self) -> ipywidgets.Layout:
        return self._lines

    # What a person does; any thread.

    def choose(self, text: str, stage: str, order: str) -> None:
        """Show the rows that hold ``text`` and are in ``stage``, in this order."""
        wanted = Wanted(text, None if stage == ALL else Stage(stage), Order(order))
        view_loop.call_soon(self._call, self._choose, wanted)

    def turn_to(self, page: int) -> None:
        """Show a page of the rows, the first is 0."""
        view_loop.call_soon(self._call, self._turn_to, page)

    def open_row(self, run_id: str) -> None:
        """Show the transcript of a run below the table, which is rendered now; "none" shows none."""
        view_loop.call_soon(self._call, self._open_row, run_id)

    def press_stop(self) -> None:
        """Stop watching the run that is open, or all when none is."""
        view_loop.call_soon(self._call, self._stop_watching)

    # The view thread.

    def _tick(self) -> None:
        if self._clock() >= self._next_at:
            super()._tick()

    def _choose(self, wanted: Wanted) -> None:
        self._selection.choose(wanted, self._board.table.all())
        self._page = 0
        self._refresh()

    def _turn_to(self, page: int) -> None:
        if page != self._page:
            self._page = page
            self._refresh()

    def _stop_watching(self) -> None:
        if self._opened is None:
            self._board.stop()
        else:
            self._board[self._opened].stop()

    def _open_row(self, run_id: str) -> None:
        self._opened = None if run_id == NONE else run_id
        self._opened_key = object()  # whatever it is, it is shown anew
        self._controls.say_what_stops(self._opened)
        self._show_opened()

    def _refresh(self) -> None:
        numbers = self._numbers()
        pages = max(1, -(-len(numbers) // PAGE))
        self._page = min(self._page, pages - 1)
        visible = numbers[self._page * PAGE : (self._page + 1) * PAGE]
        rows = [self._board.table.row(number) for number in visible]
        head = heading_html(self._board.table.counts()) + self._remarks(len(numbers))
        value = style.in_widget(head + table_html(rows))
        if value != self._body.value:  # one message, with all that a tick changes
            self._body.value = value
            self._next_at = self._clock() + size_of(value) / BYTES_PER_SECOND
        self._controls.offer(len(numbers), self._rows_to_open(visible))
        self._show_opened()
        self._save()

    def _rows_to_open(self, visible: Sequence[int]) -> list[tuple[int, str]]:
        """Those on the page, and the row that is open wherever it is: else nothing could close it."""
        offered = [(number, self._board[number].run_id) for number in visible]
        if self._opened is not None:
            number = self._board.index(self._board[self._opened])
            self._opened = self._board[number].run_id  # a row that was started has the id of its run now
            if number not in visible:
                offered.append((number, self._opened))
        return offered

    def _numbers(self) -> range | tuple[int, ...]:
        if self._selection.takes_all_as_given:
            return range(len(self._board))
        self._selection.extend(self._board.table.all())
        return self._selection.numbers

    def _remarks(self, shown: int) -> str:
        said = list(self._board.remarks)
        if shown != len(self._board):
            said.append(f"{shown:,} of {len(self._board):,} runs shown.")
        return f'<div style="{style.SMALL}">{escaped(" ".join(said))}</div>' if said else ""

    def _show_opened(self) -> None:
        """The transcript of the open row, rendered when it is opened and when its run ends."""
        snapshot = None if self._opened is None else self._board[self._opened].snapshot
        key: object = NONE if snapshot is None else (snapshot.run_id, key_of(snapshot))
        if key == self._opened_key:
            return
        self._opened_key = key
        if snapshot is None:
            self._transcript.value = ""
            return
        run = snapshot.run
        with responsive_rendering():
            body = (
                wrapped(body_html(run))
                if run is not None and run.status.is_terminal
                else snapshot_body(snapshot)
            )
        self._transcript.value = style.in_widget(body)

    def _close_rest(self) -> None:
        self._controls.close_all()
        self._transcript.close()
        self._lines.close()
