"""One output of a headless notebook for a layout that holds runs and other widgets.

What the other widgets show can be saved only as they are, so the layout stays a widget view. Beside it are
html and text for readers without widgets: what its runs show, in order, and where the other widgets are.
"""

from __future__ import annotations

from typing import Any

import ipywidgets

from ...render.html import style
from ...render.limits import size_of
from ...watching.snapshot import WatchSnapshot
from ...watching.watch import RunWatch
from ..subscription import subscribe
from ..unfolding import arrangement_of_ended
from .layout_leaves import Leaf, place_content, title_content
from .output import Content, NotebookOutput, static_content, widget_view_of

_ROOM = 2_000_000
"""Bytes of an output, as everywhere: what one run shows always fits (`render.html.fold.NOTEBOOK`)."""
_NO_ROOM = "This output has no room for its transcript: show the run by itself."


class MixedLayout:
    """Shows a layout; replaces its html and text once, when all its runs have ended.

    Args:
        box: the layout.
        leaves: what it holds; a leaf of a run has its watch as ``watch``.
        kind: the class of the widgets that are runs.
    """

    def __init__(self, box: ipywidgets.Box, leaves: list[Leaf], kind: type[ipywidgets.Box]) -> None:
        self._leaves = leaves
        self._kind = kind
        self._view = widget_view_of(box)
        runs = [leaf.widget for leaf in leaves if isinstance(leaf.widget, kind)]
        self._watches: list[RunWatch] = [run.watch for run in runs]
        self._output = NotebookOutput()

    def show(self) -> None:
        """Display it here, on the main thread."""
        self._output.show(self._has_ended, self._content(), self._view)
        for watch in dict.fromkeys(self._watches):
            subscribe(watch, self).wait_until_caught_up()

    def update(self, snapshot: WatchSnapshot) -> None:
        """Show the end, when this was the last run that went on."""
        if snapshot.phase.is_final and self._has_ended:
            self._output.replace(True, self._content, self._view)

    @property
    def _has_ended(self) -> bool:
        return all(watch.snapshot.phase.is_final for watch in self._watches)

    def _content(self) -> Content:
        parts: list[Content] = []
        titles: tuple[str, ...] = ()
        room = _ROOM
        for leaf in self._leaves:
            title = title_content(leaf, titles)
            titles = leaf.titles
            part = self._run_content(leaf.widget, room) if self._is_run(leaf) else place_content(leaf)
            parts += [part] if title is None else [title, part]
            room -= _size(part)
        return "".join(as_html for as_html, _ in parts), "\n\n".join(as_text.rstrip() for _, as_text in parts)

    def _is_run(self, leaf: Leaf) -> bool:
        return isinstance(leaf.widget, self._kind)

    def _run_content(self, widget: Any, room: int) -> Content:
        """What the run shows, or its badge where the output has no room for more."""
        snapshot = widget.watch.snapshot
        arrangement = arrangement_of_ended(person_is_elsewhere=False)
        content = static_content(snapshot, quiet=False, arrangement=arrangement)
        if _size(content) <= room:
            return content
        as_html, as_text = static_content(snapshot, quiet=True)
        return f'{as_html}<p style="{style.PARAGRAPH}">{_NO_ROOM}</p>', f"{as_text}\n{_NO_ROOM}"


def _size(content: Content) -> int:
    return sum(map(size_of, content))
