"""A layout of runs where nothing is drawn live: its runs are shown as html, one output each, in its order.

ipywidgets shows a layout as a widget view next to the `repr` of all that is in it. Whoever reads the saved
notebook without widgets gets only the latter, ``HBox(children=(RunWidget('run_a'), …``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ipywidgets
from IPython.utils.dir2 import get_real_method

from ...render.html import style
from ...render.html.escape import escaped
from ...untrusted import plain_label
from ..front_end import FrontEnd, front_end_of


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What a layout holds at one place, with the titles (of a tab, an accordion's page) that lead there."""

    titles: tuple[str, ...]
    widget: ipywidgets.Widget


def show_layouts_of(kind: type[ipywidgets.Box], shell: Any) -> None:
    """From now on have ``shell`` show a layout of such widgets as what they show by themselves.

    Where widgets are drawn live, and for a layout that holds anything else, it shows what it always did.
    """
    formatter = getattr(getattr(shell, "display_formatter", None), "ipython_display_formatter", None)
    if formatter is not None:
        formatter.for_type(ipywidgets.Box, functools.partial(_show, kind, shell))


def _show(kind: type[ipywidgets.Box], shell: Any, box: ipywidgets.Box) -> None:
    leaves = [] if isinstance(box, kind) or front_end_of(shell) is FrontEnd.LIVE else list(_leaves(kind, box))
    if not leaves or not all(isinstance(leaf.widget, kind) for leaf in leaves):
        _show_as_ever(box)
        return
    from IPython.display import display

    titles: tuple[str, ...] = ()
    for leaf in leaves:
        if leaf.titles and leaf.titles != titles:
            _show_title(" · ".join(map(plain_label, leaf.titles)))
        titles = leaf.titles
        display(leaf.widget)  # type: ignore[no-untyped-call,unused-ignore]


def _show_title(words: str) -> None:
    from IPython.display import display

    as_html = f'<p style="{style.PARAGRAPH};font-weight:600">{escaped(words)}</p>'
    display({"text/html": as_html, "text/plain": words}, raw=True)  # type: ignore[no-untyped-call,unused-ignore]


def _show_as_ever(box: ipywidgets.Box) -> None:
    """As if nothing had been registered for it.

    Raises:
        NotImplementedError: which IPython takes for "go on with the other formatters".
    """
    method = get_real_method(box, "_ipython_display_")
    if method is None:
        raise NotImplementedError
    method()


def _leaves(kind: type[ipywidgets.Box], box: ipywidgets.Box, titles: tuple[str, ...] = ()) -> Iterator[_Leaf]:
    for number, child in enumerate(box.children):
        title = box.get_title(number) if hasattr(box, "get_title") else None
        here = (*titles, title) if title else titles
        if isinstance(child, ipywidgets.Box) and not isinstance(child, kind):
            yield from _leaves(kind, child, here)
        else:
            yield _Leaf(here, child)
