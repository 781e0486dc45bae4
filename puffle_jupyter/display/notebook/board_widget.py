"""`BoardWidget`: a board that changes in place, then a static table.

However many runs there are, it has twelve comms at most, sends one page of rows, and no more than it may
(`BYTES_PER_SECOND`): what changes in between is in the next page that is sent.
"""

from __future__ import annotations

import functools
import logging
import time
import weakref
from collections.abc import Callable, Sequence

import ipywidgets

from ...background.responsive import responsive_rendering
from ...board.html import heading_html, table_html
from ...board.rows import Stage
from ...board.selection import PAGE, Order, Selection, Wanted
from ...render.html import style
from ...render.html.escape import escaped
from ...render.html.run import wrapped
from ...render.limits import size_of
from ..board_content import board_content
from ..rendering import body_html
from ..run_board import RunBoard
from ..snapshot import snapshot_body
from ..subscription import start_ticking, stop_ticking, view_loop
from .board_controls import ALL, NONE, BoardControls
from .close_widgets import LateHTML, leave_html, optional
from .output import NotebookOutput, key_of, widget_view_of

BYTES_PER_SECOND = 40_000
"""Of html, with the clock alone to show; what a person asks for comes at once."""
_SAVED_SECONDS = 20.0
"""Time between two refreshes of what a notebook that is saved meanwhile shows."""
_log = logging.getLogger(__name__)


class BoardWidget(ipywidgets.VBox):  # type: ignore[misc]
    """Shows a board until all of its runs ended. Its handlers only take note: the view thread does the rest.

    Args:
        board: the board.
        quiet: the end without transcripts.
        clock: seconds, monotonic.
    """

    layout = optional(ipywidgets.VBox.layout)

    def __init__(
        self, board: RunBoard, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._board = board
        self._quiet = quiet
        self._clock = clock
        self._selection = Selection()
        self._page = 0
        self._opened: str | None = None
        self._opened_key: object = NONE
        self._next_at = self._saved_at = -1.0
        self._saved_key: object = None
        self._is_over = False
        self._output = NotebookOutput()
        self._body = _html()
        self._transcript = _html()
        self._controls = BoardControls(self, has_pages=len(board) > PAGE)
        super().__init__([self._controls, self._body, self._transcript], layout=None)
        self._refresh()

    def show(self) -> None:
        """Display it here, on the main thread."""
        self._saved_at = self._clock()
        self._saved_key = self._board.table.counts().of
        self._output.show(None, board_content(self._board, quiet=self._quiet), widget_view_of(self))
        start_ticking(self._tick)
        self._board.attach(self)

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

    def finish(self) -> None:
        """Become the static table: first in the widget, for pages loaded again, then in the output."""
        if self._is_over:
            return
        self._is_over = True
        stop_ticking(self._tick)
        with responsive_rendering():
            content = board_content(self._board, quiet=self._quiet)
        leave_html(self, self._body, functools.partial(_html_of_ended, weakref.ref(self._board), self._quiet))
        self._output.replace("ended", lambda: content)
        self._close_rest()
        del self._board  # ipywidgets keeps this widget for ever: it must not keep the runs

    def close(self) -> None:
        """Close it and its parts, as every widget; the board goes on."""
        super().close()
        if not self._is_over:
            self._is_over = True
            stop_ticking(self._tick)
            self._board.detach(self)
            self._output.replace("closed", lambda: board_content(self._board, quiet=self._quiet))
            self._close_rest()
        self._body.close()  # also what `finish` left

    def _tick(self) -> None:
        if not self._is_over and self._clock() >= self._next_at:
            self._call(self._refresh)

    def _call(self, method: Callable[..., object], *arguments: object) -> None:
        if not self._is_over:
            try:
                method(*arguments)
            except Exception:
                if not self._is_over:
                    _log.exception("showing a board failed")

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

    def _save(self) -> None:
        """Refresh what a notebook that is saved meanwhile shows, now and then."""
        now, key = self._clock(), self._board.table.counts().of
        if self._saved_at >= 0 and now >= self._saved_at + _SAVED_SECONDS and key != self._saved_key:
            self._saved_at, self._saved_key = now, key
            content = board_content(self._board, quiet=self._quiet)
            self._output.replace(now, lambda: content, widget_view_of(self))

    def _close_rest(self) -> None:
        self._controls.close_all()
        self._transcript.close()


def _html() -> LateHTML:
    return LateHTML("", layout=None, style=None)


def _html_of_ended(board: Callable[[], RunBoard | None], quiet: bool) -> str:
    """What a page shows that was loaded after the end."""
    known = board()
    if known is None:
        said = "These runs ended, and this kernel has forgotten them. Run the cell again to see them."
        return style.in_widget(f'<p style="{style.PARAGRAPH}">{said}</p>')
    return style.in_widget(board_content(known, quiet=quiet)[0])
