"""One output of a notebook cell that is replaced in place as a run goes on.

The output is displayed once, on the main thread, with a display id. It is replaced when the status
changes and at the end, where it becomes html and text alone: a saved notebook then shows the transcript
with no kernel, no widget state and no JavaScript.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

from ..watching.snapshot import WatchSnapshot
from . import html, text

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


Content: TypeAlias = tuple[str, str]
"""The html and the text of an output."""


def key_of(snapshot: WatchSnapshot) -> object:
    """What makes more of a difference than the passing of time: an output is replaced when it changes."""
    return snapshot.phase, snapshot.status_text


def still_content(snapshot: WatchSnapshot, now: float, *, quiet: bool) -> Content:
    """A watch as html and text alone, ``quiet`` its badge only; ``now`` in seconds of the watch's clock."""
    if quiet:
        return html.badge(snapshot, now), text.badge_line(snapshot, now)
    return html.snapshot_fragment(snapshot, now), text.snapshot_text(snapshot, now)


class NotebookOutput:
    """An output with a display id of its own."""

    def __init__(self) -> None:
        self._display_id = uuid.uuid4().hex
        self._key: object = None

    def show(self, key: object, content: Content, widget_view: dict[str, Any] | None = None) -> None:
        """Display ``content``: on the main thread, within the cell. ``key`` tells it from what follows."""
        from IPython.display import display

        self._key = key
        display(_bundle(content, widget_view), raw=True, display_id=self._display_id)

    def replace(
        self, key: object, content: Callable[[], Content], widget_view: dict[str, Any] | None = None
    ) -> None:
        """Replace it where it stands, from any thread. Makes and sends nothing when ``key`` is shown."""
        from IPython.display import update_display

        if key != self._key:
            self._key = key
            update_display(_bundle(content(), widget_view), raw=True, display_id=self._display_id)


def widget_view_of(widget: Any) -> dict[str, Any]:
    """What a front end needs to draw ``widget``: the widget-view message format, version 2."""
    return {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}


def _bundle(content: Content, widget_view: dict[str, Any] | None) -> dict[str, Any]:
    as_html, as_text = content
    bundle: dict[str, Any] = {"text/html": as_html, "text/plain": as_text}
    return bundle if widget_view is None else {WIDGET_VIEW: widget_view, **bundle}
