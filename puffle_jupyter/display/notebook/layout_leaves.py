"""What a layout holds, place by place, and the words for what is not a run of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ipywidgets

from ...render.html import style
from ...render.html.escape import escaped
from ...untrusted import plain_label
from .output import Content


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a layout holds at one place, with the titles (of a tab, an accordion's page) that lead there."""

    titles: tuple[str, ...]
    widget: ipywidgets.Widget


def leaves_of(
    box: ipywidgets.Box, kind: type[ipywidgets.Box], titles: tuple[str, ...] = ()
) -> Iterator[Leaf]:
    """What ``box`` holds, in its order; a widget of ``kind`` is one leaf, though it is a box itself."""
    for number, child in enumerate(box.children):
        title = box.get_title(number) if hasattr(box, "get_title") else None
        here = (*titles, title) if title else titles
        if isinstance(child, ipywidgets.Box) and not isinstance(child, kind):
            yield from leaves_of(child, kind, here)
        else:
            yield Leaf(here, child)


def title_content(leaf: Leaf, before: tuple[str, ...]) -> Content | None:
    """The titles that lead to ``leaf``; None when they are those of ``before``, or there are none."""
    if not leaf.titles or leaf.titles == before:
        return None
    words = " · ".join(map(plain_label, leaf.titles))
    return f'<p style="{style.PARAGRAPH};font-weight:600">{escaped(words)}</p>', words


def place_content(leaf: Leaf) -> Content:
    """What stands in the place of a widget that is no run."""
    kind = plain_label(type(leaf.widget).__name__)
    words = f"Here is a widget ({kind}) that is drawn only where widgets are."
    return f'<p style="{style.PARAGRAPH}">{escaped(words)}</p>', words
