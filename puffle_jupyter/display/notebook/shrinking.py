"""Layouts that let widgets stand side by side: a column takes its share of the width, and no more."""

from __future__ import annotations

from typing import Any

import ipywidgets

# A basis in per cent: in a row the columns share its width alike, whatever is in them, while in a column,
# whose height nobody set, it means the height of what is in it.
_SHARE = {"flex": "1 1 0%", "min_width": "0", "max_width": "100%"}


def column_layout(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a box, ``given`` by whoever makes it, with a layout that shares a row's width.

    What is given goes before; a whole `Layout` is taken as it is.
    """
    layout = given.get("layout")
    if isinstance(layout, ipywidgets.Layout):
        return given
    return {**given, "layout": {**_SHARE, **(layout or {})}}
