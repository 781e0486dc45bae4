"""Closing widgets with all that belongs to them: each has a comm of its own, open until it is closed."""

from __future__ import annotations

from typing import Any

import ipywidgets


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
