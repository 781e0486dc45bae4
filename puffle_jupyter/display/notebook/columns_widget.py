"""`ColumnsWidget`: a board with a column a run, which stays as it is once its run has ended.

Each column is html of its own: what a person has opened or marked in one does not close with the next tick.
"""

from __future__ import annotations

import contextlib

import ipywidgets

from ...background.responsive import responsive_rendering
from ...board.columns import COLUMN, column_html
from ...board.html import BUDGET, heading_html, remarks_html
from ...board.rows import Row
from ...render.html import style
from ...render.html.run import wrapped
from ..board_columns import body_of_column
from ..subscription import view_loop
from .close_widgets import optional
from .live_board import LiveBoard, late_html

# The counts take the first line but for the button; where that is too narrow, the button is below them.
_HEAD = {"flex": "1 1 calc(100% - 200px)", "min_width": "14em"}
_ROW = {"flex_flow": "row wrap", "align_items": "flex-start", "grid_gap": "4px 28px"}
_CONTINUE = "Stop watching. The runs continue."


class ColumnsWidget(LiveBoard):
    """Shows runs side by side until all of them ended. Of six runs it has twelve comms."""

    def _parts(self) -> list[ipywidgets.Widget]:
        sized = {name.replace("-", "_"): value for name, value in COLUMN.items()}
        column, head = ipywidgets.Layout(**sized), ipywidgets.Layout(**_HEAD)
        self._layouts = [column, head]
        self._columns = [late_html(column) for _ in self._board]
        self._is_final = [False for _ in self._board]
        self._body_of = None if self._quiet else body_of_column(self._board)
        self._stop = _Button(description="Stop watching all", tooltip=_CONTINUE, layout=None, style=None)
        self._stop.on_click(lambda _: view_loop.call_soon(self._call, self._stop_watching))
        self._body.layout = head
        return [self._body, self._stop, *self._columns]

    def _box_layout(self) -> ipywidgets.Layout:
        row = ipywidgets.Layout(**_ROW)
        self._layouts.append(row)
        return row

    def _refresh(self) -> None:
        head = heading_html(self._board.table.counts()) + remarks_html(self._board.remarks)
        self._body.value = style.in_widget(wrapped(head, is_wide=True))
        for number, column in enumerate(self._columns):
            if not self._is_final[number]:
                row = self._board.table.row(number)
                self._is_final[number] = row.stage.is_final
                column.value = self._column(row)
        self._save()

    def _column(self, row: Row) -> str:
        with responsive_rendering() if row.stage.has_ended else contextlib.nullcontext():
            shown = column_html(row, self._body_of, BUDGET // len(self._columns))
        return style.in_widget(wrapped(shown))

    def _stop_watching(self) -> None:
        self._board.stop()

    def _close_rest(self) -> None:
        for widget in (*self._columns, self._stop, *self._layouts):
            widget.close()
        self._body_of = None  # which has the runs


class _Button(ipywidgets.Button):  # type: ignore[misc]
    layout = optional(ipywidgets.Button.layout)
    style = optional(ipywidgets.Button.style)
