"""What every live view of a board has in common: it ticks, freezes at its end, and can be closed before.

Its handlers only take note: the view thread does the rest.
"""

from __future__ import annotations

import functools
import logging
import time
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets

from ...background.responsive import responsive_rendering
from ...render.html import style
from ..board_content import board_content
from ..run_board import RunBoard
from ..subscription import start_ticking, stop_ticking
from .close_widgets import LateHTML, leave_html, optional
from .output import NotebookOutput, widget_view_of

_SAVED_SECONDS = 20.0
"""Time between two refreshes of what a notebook that is saved meanwhile shows."""
_log = logging.getLogger(__name__)


class LiveBoard(ipywidgets.VBox):  # type: ignore[misc]
    """Shows a board until all of its runs ended; then its body shows the end.

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
        self._saved_at = -1.0
        self._saved_key: object = None
        self._is_over = False
        self._output = NotebookOutput()
        self._body = late_html()
        super().__init__(self._parts(), layout=self._box_layout())
        self._refresh()

    def _parts(self) -> list[Any]:
        """The widgets of the box, `_body` among them."""
        raise NotImplementedError

    def _box_layout(self) -> ipywidgets.Layout | None:
        """The layout of the box, where it needs one."""
        return None

    def _refresh(self) -> None:
        """Show the board as it is now; on the view thread."""
        raise NotImplementedError

    def _close_rest(self) -> None:
        """Close what the end does not need: all but the box and its body."""
        raise NotImplementedError

    def show(self) -> None:
        """Display it here, on the main thread."""
        self._saved_at = self._clock()
        self._saved_key = self._board.table.counts().of
        self._output.show(None, board_content(self._board, quiet=self._quiet), widget_view_of(self))
        start_ticking(self._tick)
        self._board.attach(self)

    def finish(self) -> None:
        """Become the static board: first in the widget, for pages loaded again, then in the output."""
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
        if not self._is_over:
            self._call(self._refresh)

    def _call(self, method: Callable[..., object], *arguments: object) -> None:
        if not self._is_over:
            try:
                method(*arguments)
            except Exception:
                if not self._is_over:
                    _log.exception("showing a board failed")

    def _save(self) -> None:
        """Refresh what a notebook that is saved meanwhile shows, now and then."""
        now, key = self._clock(), self._board.table.counts().of
        if self._saved_at >= 0 and now >= self._saved_at + _SAVED_SECONDS and key != self._saved_key:
            self._saved_at, self._saved_key = now, key
            content = board_content(self._board, quiet=self._quiet)
            self._output.replace(now, lambda: content, widget_view_of(self))


def late_html(layout: Any = None) -> LateHTML:
    """Html without a style, and without a layout unless one is given: each of them would be a comm."""
    return LateHTML("", layout=layout, style=None)


def _html_of_ended(board: Callable[[], RunBoard | None], quiet: bool) -> str:
    """What a page shows that was loaded after the end."""
    known = board()
    if known is None:
        said = "These runs ended, and this kernel has forgotten them. Run the cell again to see them."
        return style.in_widget(f'<p style="{style.PARAGRAPH}">{said}</p>')
    return style.in_widget(board_content(known, quiet=quiet)[0])
