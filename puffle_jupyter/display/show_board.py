"""Showing a board where the user is: the one place that picks its view for a front end."""

from __future__ import annotations

import weakref
from typing import Any

from ..board.layout import BoardLayout
from ..printing import is_terminal, say
from .blocking import waits_at_end_of_cell
from .board_content import board_content, board_text
from .front_end import FrontEnd, current_shell, front_end_of
from .notebook.channel import is_captured
from .notebook.static_board import AppendingBoard, StaticBoard
from .run_board import RunBoard
from .show import print_ends, put_out_in_marimo, toolbar_of
from .terminal.board_lines import BoardInToolbar, BoardLines
from .waiting import wait_at_end_of_cell

_shown_in: weakref.WeakKeyDictionary[RunBoard, object] = weakref.WeakKeyDictionary()


def show_board(
    board: RunBoard,
    *,
    quiet: bool = False,
    verbose: bool = False,
    waiting: bool = False,
    block: bool | None = None,
) -> None:
    """Show ``board`` here: live in a notebook, as lines in a terminal, as a table when all of it ended.

    Args:
        board: the board to show.
        quiet: without transcripts.
        verbose: where the end is printed, every transcript, too.
        waiting: the caller waits for the end, and prints it in a terminal.
        block: whether the cell waits for the end; None leaves it to `must_block` and the front end.
    """
    shell = current_shell()
    front_end = front_end_of(shell)
    is_final = all(watch.snapshot.phase.is_final for watch in board.watches)
    waits = not waiting and not is_final and waits_at_end_of_cell(front_end, block)
    _shown_in[board] = execution(shell)
    if front_end is FrontEnd.APPENDING and not is_captured(shell):
        view = AppendingBoard(board, quiet=quiet)
        view.show(waits=waits or waiting)
        if (waits or waiting) and not is_final:
            _wait_at_end(shell, board, view.finish)
        return
    if front_end is FrontEnd.LIVE and not is_captured(shell) and not is_final:
        _live(board, quiet=quiet)
    elif front_end.is_notebook:
        StaticBoard(board, quiet=quiet).show()
    elif front_end is FrontEnd.MARIMO:
        put_out_in_marimo(board_content(board, quiet=quiet)[0])
    elif is_final:
        if not waiting:
            print_board(board, quiet=quiet, verbose=verbose)
    elif not waiting and front_end is FrontEnd.TERMINAL:
        BoardInToolbar(board, toolbar_of(shell), lambda: end_of_board(board, quiet=quiet)).show()
    else:
        end = None if waiting or waits else lambda: end_of_board(board, quiet=quiet)
        BoardLines(board, end, shell if front_end is FrontEnd.SIMPLE else None).show()
    if waits:
        is_printed = front_end.is_notebook or front_end is FrontEnd.MARIMO
        told = None if is_printed else lambda: print_board(board, quiet=quiet, verbose=verbose)
        _wait_at_end(shell, board, told)


def _live(board: RunBoard, *, quiet: bool) -> None:
    if board.layout is BoardLayout.COLUMNS:
        from .notebook.columns_widget import ColumnsWidget

        ColumnsWidget(board, quiet=quiet).show()
        return
    from .notebook.board_widget import BoardWidget

    BoardWidget(board, quiet=quiet).show()


def show_unless_shown(board: RunBoard) -> None:
    """Show ``board`` unless this very execution did.

    Raises:
        NotImplementedError: it did, and this is no notebook: IPython then prints the repr.
    """
    shell = current_shell()
    if _shown_in.get(board) != execution(shell):
        show_board(board)
    elif not front_end_of(shell).is_notebook:
        raise NotImplementedError


def print_board(board: RunBoard, *, quiet: bool = False, verbose: bool = False) -> None:
    """Print how every run of ``board`` ended: a line each, with ``verbose`` all of it."""
    say(end_of_board(board, quiet=quiet))
    if verbose:
        print_ends(list(board.watches), verbose=True)


def end_of_board(board: RunBoard, *, quiet: bool = False) -> str:
    """The table as text, what can be done next, and in a terminal a bell."""
    hint = (
        "" if quiet or not len(board) else f'\nMore of one: %puffle_wait {board[0].run_id}, or board["run_…"]'
    )
    return f"{board_text(board, quiet=quiet)}{hint}{BELL if is_terminal() else ''}"


BELL = "\a"


def execution(shell: Any) -> object:
    """What tells one execution of a cell from others."""
    return None if shell is None else (id(shell), shell.execution_count)


def _wait_at_end(shell: Any, board: RunBoard, then: Any) -> None:
    *others, last = board.watches
    for watch in others:
        wait_at_end_of_cell(shell, watch)
    wait_at_end_of_cell(shell, last, then)
