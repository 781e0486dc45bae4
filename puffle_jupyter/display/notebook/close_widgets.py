"""Closing widgets with all that belongs to them: each has a comm of its own, open until it is closed.

A view that has become plain html needs none of them, but for one case: a page that was loaded again in
mid-run still shows the widget, for it does not know which output is replaced. A box and its html, two
comms, are the fewest that show the end there.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets


def optional(trait: Any) -> Any:
    """``trait`` of another widget class, for one whose widgets may do without: the trait may be None."""
    copied = copy.copy(trait)
    copied.allow_none = True
    copied.default_args = ()  # or else traitlets takes None for the default
    return copied


class LateHTML(ipywidgets.HTML):  # type: ignore[misc]
    """Html which, from `make_late` on, is not kept: it is made when a page asks for the widget's state."""

    layout = optional(ipywidgets.HTML.layout)
    style = optional(ipywidgets.HTML.style)
    value: Any
    _make: Callable[[], str] | None = None

    def make_late(self, make: Callable[[], str]) -> None:
        """Show what ``make`` returns, on the pages that are open now and on those that are loaded later."""
        self._make = make
        if self.value:
            self.value = ""  # and sent is what `get_state` says
        else:
            self.send_state("value")

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """As of every widget, with the html of now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        keys = (key,) if isinstance(key, str) else key
        if self._make is not None and (keys is None or "value" in keys):
            state["value"] = self._make()
        return state


def leave_html(box: ipywidgets.Box, body: LateHTML, make: Callable[[], str]) -> None:
    """Have ``box`` show ``body`` alone, with the html that ``make`` returns: two comms until `close_left`.

    ``box`` must have an `optional` layout. What both had for a layout or a style, and what else stood in
    the box, is the caller's to close.
    """
    body.make_late(make)
    box.children = (body,)
    box.layout = body.layout = body.style = None
    _left.add(box)


def close_left() -> None:
    """Close every box that `leave_html` left, with its html."""
    for box in list(_left):
        _left.discard(box)
        children = box.children
        box.close()
        for child in children:
            child.close()


def is_in_layout(widget: ipywidgets.Widget) -> bool:
    """Whether another widget holds ``widget`` among its children."""
    return any(widget in getattr(other, "children", ()) for other in open_widgets())


def close_with_layout(*widgets: ipywidgets.Widget) -> None:
    """Close ``widgets`` and the layouts and styles that ipywidgets made for them; their children are left."""
    for widget in widgets:
        belongings = [getattr(widget, name, None) for name in ("layout", "style")]
        widget.close()
        for belonging in belongings:
            if belonging is not None:
                belonging.close()


def own_layout(box: ipywidgets.Box, given: dict[str, Any]) -> tuple[ipywidgets.Layout, ...]:
    """The layout made for ``box``; none when ``given``, its arguments, hold one: others may use that."""
    return () if isinstance(given.get("layout"), ipywidgets.Layout) else (box.layout,)


def open_widgets() -> list[ipywidgets.Widget]:
    """Every widget of this process that has a comm."""
    module = ipywidgets.widgets.widget  # ipywidgets 8 keeps them there, 7 in the class
    known = module._instances if hasattr(module, "_instances") else ipywidgets.Widget.widgets
    return list(known.values())


_left: weakref.WeakSet[ipywidgets.Box] = weakref.WeakSet()
