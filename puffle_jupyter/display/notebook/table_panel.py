"""A table of a run with its order as two lists to choose from: no script sorts it, the kernel does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets

from ...render.html import style
from ...safe_text import shortened
from ...tables.sorting import sorted_rows
from ...tables.table import Table
from ...untrusted import plain_label
from .close_widgets import LateHTML, close_with_layout

AS_SENT = -1
"""The choice that leaves the rows in the order they were sent in."""
_COLUMNS = 200  # that can be chosen: a list of more helps nobody
_HEADING = 40  # characters of a column's name in the list


class TablePanel(ipywidgets.VBox):  # type: ignore[misc]
    """Shows one table after the other, each in the order that is chosen.

    Args:
        on_change: called with the table as it is shown, and whether it is sorted, at each change.
    """

    def __init__(self, on_change: Callable[[Table, bool], object]) -> None:
        self._on_change = on_change
        self._table: Table | None = None
        self._column = chooser("Sort by", [("as sent", AS_SENT)])
        self._direction = chooser(
            "Order", [("smallest first, A to Z", False), ("largest first, Z to A", True)]
        )
        self._order = ipywidgets.HBox(
            [self._column, self._direction], layout=ipywidgets.Layout(flex_flow="row wrap")
        )
        self._html = LateHTML("")
        super().__init__([self._order, self._html])
        self._column.observe(self._arrange, "value")
        self._direction.observe(self._arrange, "value")

    def show(self, table: Table) -> None:
        """Show ``table`` as it was sent."""
        self._table = None  # that the lists change is no choice of anybody
        headings = [shortened(plain_label(column), _HEADING) for column in table.columns[:_COLUMNS]]
        self._column.options = [("as sent", AS_SENT), *((name, at) for at, name in enumerate(headings))]
        self._column.value = AS_SENT
        self._direction.value = False
        self._table = table
        self._arrange()

    def close(self) -> None:
        """Close it, its layout and its parts; may be called again."""
        self._table = None
        super().close()
        self.layout.close()
        parts = (self._column, self._direction, self._order, self._html)
        close_with_layout(*(part for part in parts if part.comm is not None))

    def _arrange(self, _: Any = None) -> None:
        if self._table is None:
            return
        is_sorted = self._column.value != AS_SENT
        self._direction.layout.display = "" if is_sorted else "none"
        shown = _in_order(self._table, self._column.value, descending=self._direction.value)
        self._html.value = style.in_widget(shown._repr_html_())
        self._on_change(shown, is_sorted)


def chooser(description: str, options: list[tuple[str, Any]]) -> ipywidgets.Dropdown:
    """A list to choose from, ``description`` beside it; the options are plain text for every front end."""
    return ipywidgets.Dropdown(
        options=options,
        description=description,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="auto", min_width="0", max_width="100%"),
    )


def _in_order(table: Table, column: int, *, descending: bool) -> Table:
    if column == AS_SENT:
        return table
    name = table.columns[column]
    return replace(table, shown=sorted_rows(table.shown, name, descending=descending))
