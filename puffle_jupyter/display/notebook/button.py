"""A button of the notebook's widgets."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets


def button(description: str, action: Callable[[], object], tooltip: str = "") -> ipywidgets.Button:
    """A button that calls ``action``; ``tooltip`` says more than its ``description``."""
    # The tooltip says it where a narrow column cuts the words.
    layout = ipywidgets.Layout(width="auto", height="28px")
    made = ipywidgets.Button(description=description, tooltip=tooltip or description, layout=layout)
    made.on_click(lambda _: action())
    return made
