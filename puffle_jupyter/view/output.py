"""One output of a notebook cell that is replaced in place as a run goes on.

The output is displayed once, on the main thread, with a display id. It is replaced when the status
changes and at the end, where it becomes html and text alone: a saved notebook then shows the transcript
with no kernel, no widget state and no JavaScript.
"""

from __future__ import annotations

import uuid
from typing import Any

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class NotebookOutput:
    """An output with a display id of its own."""

    def __init__(self) -> None:
        self._display_id = uuid.uuid4().hex
        self._shown: dict[str, Any] | None = None

    def show(self, html: str, text: str, widget_view: dict[str, Any] | None = None) -> None:
        """Display it here: on the main thread, within the cell."""
        from IPython.display import display

        self._shown = _bundle(html, text, widget_view)
        display(self._shown, raw=True, display_id=self._display_id)  # type: ignore[no-untyped-call,unused-ignore]

    def replace(self, html: str, text: str, widget_view: dict[str, Any] | None = None) -> None:
        """Replace it where it stands, from any thread. Sends nothing when nothing changed."""
        from IPython.display import update_display

        bundle = _bundle(html, text, widget_view)
        if bundle != self._shown:
            self._shown = bundle
            update_display(bundle, raw=True, display_id=self._display_id)  # type: ignore[no-untyped-call,unused-ignore]


def widget_view_of(widget: Any) -> dict[str, Any]:
    """What a front end needs to draw ``widget``: the widget-view message format, version 2."""
    return {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}


def _bundle(html: str, text: str, widget_view: dict[str, Any] | None) -> dict[str, Any]:
    bundle: dict[str, Any] = {"text/html": html, "text/plain": text}
    return bundle if widget_view is None else {WIDGET_VIEW: widget_view, **bundle}
