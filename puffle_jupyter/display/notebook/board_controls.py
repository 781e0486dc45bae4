"""The controls above a board: find, state, order, page, open, stop; eight comms at most."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import ipywidgets

from ...board.rows import Stage
from ...board.selection import PAGE, Order
from .close_widgets import optional

ALL = "all"
NONE = "none"
_CONTINUE = "Stop watching. The runs continue."


_STYLE = ipywidgets.Text.style.klass


class Controlled(Protocol):
    """What the controls control. Its methods may be called on any thread."""

    def choose(self, text: str, stage: str, order: str) -> None:
        """Show the rows that hold ``text`` and are in ``stage``, in this order."""

    def turn_to(self, page: int) -> None:
        """Show a page of the rows, the first is 0."""

    def open_row(self, run_id: str) -> None:
        """Show the transcript of a run; `NONE` shows none."""

    def press_stop(self) -> None:
        """Stop watching the run that is open, or all."""


class BoardControls:
    """Find, state, order, page, open and stop, for a box to hold: they share one layout and one style."""

    def __init__(self, board: Controlled, *, has_pages: bool) -> None:
        shared = ipywidgets.Layout(width="auto", max_width="100%")
        style = _STYLE(description_width="initial")  # of a label: as wide as its word
        self._offering_thread: int | None = None
        self._find = ipywidgets.Text(
            description="Find",
            placeholder="text, then Enter",
            continuous_update=False,
            layout=shared,
            style=style,
        )
        self._state = _choice("State", [ALL, *(stage.value for stage in Stage)], shared, style)
        self._order = _choice("Order", [order.value for order in Order], shared, style)
        self._pages = _choice("Rows", [("1", 0)], shared, style) if has_pages else None
        self._rows = _choice("Open", [(NONE, NONE)], shared, style)
        self._stop = _Button(description="Stop watching all", tooltip=_CONTINUE, layout=shared, style=None)
        parts = (self._find, self._state, self._order, self._pages, self._rows, self._stop)
        self.widgets = [part for part in parts if part is not None]
        chosen = self._notice(lambda: board.choose(self._find.value, self._state.value, self._order.value))
        for part in (self._find, self._state, self._order):
            part.observe(chosen, "value")
        if self._pages is not None:
            pages = self._pages
            pages.observe(self._notice(lambda: board.turn_to(pages.value or 0)), "value")
        self._rows.observe(self._notice(lambda: board.open_row(self._rows.value or NONE)), "value")
        self._stop.on_click(lambda _: board.press_stop())

    def _notice(self, act: Callable[[], object]) -> Callable[[object], None]:
        def noticed(_: object) -> None:
            if threading.get_ident() != self._offering_thread:  # a click comes on another one
                act()

        return noticed

    def offer(self, shown: int, rows: list[tuple[int, str]]) -> None:
        """Offer the pages of so many rows, and to open one of ``rows``; what is offered already is kept."""
        pages = [
            (f"{first + 1:,}–{min(first + PAGE, shown):,} of {shown:,}", first // PAGE)
            for first in range(0, max(shown, 1), PAGE)
        ]
        opens = [(NONE, NONE), *((f"{number + 1} · {run_id}", run_id) for number, run_id in rows)]
        self._offering_thread = threading.get_ident()
        try:
            for part, options in ((self._pages, pages), (self._rows, opens)):
                if part is not None and tuple(options) != tuple(part.options):
                    kept, place, many = part.value, part.index, len(part.options)
                    part.options = options
                    if kept in [value for _, value in options]:
                        part.value = kept
                    elif many == len(options):  # a row that got its run id keeps its place
                        part.index = place
        finally:
            self._offering_thread = None

    def say_what_stops(self, run_id: str | None) -> None:
        """What the button stops: the run that is open, or all."""
        self._stop.description = "Stop watching all" if run_id is None else "Stop watching this run"

    def close_all(self) -> None:
        """Close all of them."""
        for widget in (*self.widgets, self._find.layout, self._find.style):
            widget.close()


class _Button(ipywidgets.Button):  # type: ignore[misc]
    style = optional(ipywidgets.Button.style)


def _choice(description: str, options: Any, layout: Any, style: Any) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(description=description, options=options, layout=layout, style=style)
