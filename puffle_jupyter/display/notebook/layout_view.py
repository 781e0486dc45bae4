"""A layout of runs where nothing is drawn live: its runs are shown as html, one output each, in its order.

ipywidgets shows a layout as a widget view next to the `repr` of all that is in it. Whoever reads the saved
notebook without widgets gets only the latter, ``HBox(children=(RunWidget('run_a'), …``. Of a layout that
holds other widgets, too, see `mixed_layout`.
"""

from __future__ import annotations

import functools
from typing import Any

import ipywidgets
from IPython.utils.dir2 import get_real_method

from ..front_end import FrontEnd, front_end_of
from .layout_leaves import Leaf, leaves_of, place_content, title_content
from .mixed_layout import MixedLayout
from .output import Content


def show_layouts_of(kind: type[ipywidgets.Box], shell: Any) -> None:
    """From now on have ``shell`` show a layout of such widgets as what they show by themselves.

    Where widgets are drawn live, and for a layout that holds no run, it shows what it always did.
    """
    formatter = getattr(getattr(shell, "display_formatter", None), "ipython_display_formatter", None)
    if formatter is not None:
        formatter.for_type(ipywidgets.Box, functools.partial(_show, kind, shell))


def _show(kind: type[ipywidgets.Box], shell: Any, box: ipywidgets.Box) -> None:
    front_end = front_end_of(shell)
    leaves = [] if isinstance(box, kind) or front_end is FrontEnd.LIVE else list(leaves_of(box, kind))
    are_runs = [isinstance(leaf.widget, kind) for leaf in leaves]
    if not any(are_runs):
        _show_as_ever(box)
    elif all(are_runs) or front_end is FrontEnd.APPENDING:  # which draws no widget at all
        _show_apart(leaves, kind)
    elif front_end is FrontEnd.HEADLESS:
        MixedLayout(box, leaves, kind).show()
    else:
        _show_as_ever(box)


def _show_apart(leaves: list[Leaf], kind: type[ipywidgets.Box]) -> None:
    from IPython.display import display

    titles: tuple[str, ...] = ()
    for leaf in leaves:
        title = title_content(leaf, titles)
        titles = leaf.titles
        if title is not None:
            _show_content(title)
        if isinstance(leaf.widget, kind):
            display(leaf.widget)  # type: ignore[no-untyped-call,unused-ignore]
        else:
            _show_content(place_content(leaf))


def _show_content(content: Content) -> None:
    from IPython.display import display

    as_html, as_text = content
    display({"text/html": as_html, "text/plain": as_text}, raw=True)  # type: ignore[no-untyped-call,unused-ignore]


def _show_as_ever(box: ipywidgets.Box) -> None:
    """As if nothing had been registered for it.

    Raises:
        NotImplementedError: which IPython takes for "go on with the other formatters".
    """
    method = get_real_method(box, "_ipython_display_")
    if method is None:
        raise NotImplementedError
    method()
