"""A board as html and text alone: where no widget is drawn, and in a capture."""

from __future__ import annotations

from ...render.html import style
from ...render.html.escape import escaped
from ..board_content import board_content
from ..run_board import RunBoard
from .appending_view import NOT_WAITING, WAITING
from .output import NotebookOutput


class StaticBoard:
    """Shows a board as it is now, and replaces that once, by its end.

    Args:
        board: the board to show.
        quiet: without transcripts.
    """

    def __init__(self, board: RunBoard, *, quiet: bool = False) -> None:
        self._board = board
        self._quiet = quiet
        self._output = NotebookOutput()

    def show(self) -> None:
        """Display it here, on the main thread."""
        is_final = self._board.table.counts().is_final
        self._output.show(is_final, board_content(self._board, quiet=self._quiet))
        if not is_final:
            self._board.attach(self)

    def finish(self) -> None:
        """Replace it by its end."""
        self._output.replace(True, lambda: board_content(self._board, quiet=self._quiet))


class AppendingBoard:
    """Shows a board by two outputs at most, for clients that never change one.

    Args:
        board: the board to show.
        quiet: without transcripts.
    """

    def __init__(self, board: RunBoard, *, quiet: bool = False) -> None:
        self._board = board
        self._quiet = quiet
        self._shows_end = False

    def show(self, *, waits: bool) -> None:
        """Display the board as it is now; when the cell ``waits``, it calls `finish` at its end."""
        self._shows_end = self._board.table.counts().is_final
        as_html, as_text = board_content(self._board, quiet=self._quiet)
        if not self._shows_end:
            said = WAITING if waits else NOT_WAITING
            as_html += f'<p style="{style.PARAGRAPH}">{escaped(said)}</p>'
            as_text += f"\n{said}"
        NotebookOutput().show(None, (as_html, as_text))

    def finish(self) -> None:
        """Display how the runs ended, once, on the main thread."""
        if not self._shows_end:
            self._shows_end = True
            NotebookOutput().show(None, board_content(self._board, quiet=self._quiet))
