"""The one door up: how a run or a watch reaches the display, which knows both of them.

Every other import of this package points down; `tests/unit/test_imports.py` holds that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .display.run_board import RunBoard
    from .run import Run
    from .watching.watch import RunWatch


def show(watch: RunWatch, *, quiet: bool = False) -> None:
    """Show ``watch`` where the user is; ``quiet`` its badge only."""
    from .display.show import show

    show(watch, quiet=quiet)


def show_unless_shown(watch: RunWatch) -> None:
    """Show ``watch`` unless this very cell did."""
    from .display.show import show_unless_shown

    show_unless_shown(watch)


def html_of(watch: RunWatch) -> str:
    """The html of ``watch`` as it is now."""
    from .display.show import html_of

    return html_of(watch)


def show_board(board: RunBoard) -> None:
    """Show ``board`` where the user is."""
    from .display.show_board import show_board

    show_board(board)


def show_board_unless_shown(board: RunBoard) -> None:
    """Show ``board`` unless this very cell did."""
    from .display.show_board import show_unless_shown

    show_unless_shown(board)


def explore(run: Run) -> None:
    """Show ``run`` with controls to expand, collapse and find."""
    from .display.show import explore

    explore(run)
