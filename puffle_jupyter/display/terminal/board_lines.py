"""A board in a terminal: its counts in a line, and the whole table when all of its runs ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ...printing import say
from ..board_content import heading_line
from ..run_board import RunBoard
from ..subscription import start_ticking, stop_ticking
from .columns import cut
from .toolbar import ToolbarView


class BoardLines:
    """Prints the counts now, and what ``end`` returns at the end.

    Args:
        board: the board.
        end: returns what is printed at the end; None where somebody else prints it.
        typed_into: the shell that a person types into between cells, where nothing is printed meanwhile.
    """

    def __init__(self, board: RunBoard, end: Callable[[], str] | None, typed_into: Any = None) -> None:
        self._board = board
        self._end = end
        self._shell = typed_into
        self._lock = threading.RLock()
        self._cell_runs = True
        self._held_back = ""

    def show(self) -> None:
        """Print the first line now."""
        say("\n".join([heading_line(self._board), *self._board.remarks]))
        if self._end is None:
            return
        if self._shell is not None:
            self._shell.events.register("pre_run_cell", self._begin_cell)
            self._shell.events.register("post_run_cell", self._end_cell)
        self._board.attach(self)

    def finish(self) -> None:
        """Print the end, or keep it until nobody types."""
        if self._end is None:
            return
        with self._lock:
            if self._cell_runs:
                say(self._end())
            else:
                self._held_back = self._end()

    def _begin_cell(self, *_: object) -> None:
        with self._lock:
            self._cell_runs = True
            held_back, self._held_back = self._held_back, ""
        if held_back:
            say(held_back)
        if self._board.table.counts().is_final:
            self._shell.events.unregister("pre_run_cell", self._begin_cell)
            self._shell.events.unregister("post_run_cell", self._end_cell)

    def _end_cell(self, *_: object) -> None:
        with self._lock:
            self._cell_runs = False


class BoardInToolbar:
    """Shows the counts in the toolbar of terminal IPython, and prints the table above the prompt at the end.

    Args:
        board: the board.
        toolbar: the toolbar.
        end: returns what is printed at the end.
    """

    def __init__(self, board: RunBoard, toolbar: ToolbarView, end: Callable[[], str]) -> None:
        self._board = board
        self._toolbar = toolbar
        self._end = end

    def show(self) -> None:
        """Put it into the toolbar."""
        if self._board.remarks:
            say("\n".join(self._board.remarks))
        if self._toolbar.add(self._board, lambda columns: cut(heading_line(self._board), columns)):
            start_ticking(self._tick)
            self._board.attach(self)

    def finish(self) -> None:
        """Take it out, and print the table."""
        stop_ticking(self._tick)
        self._toolbar.finish(self._board, self._end())

    def _tick(self) -> None:
        self._toolbar.redraw()
