"""One output of a notebook cell that is replaced in place as a run goes on.

The output is displayed once, on the main thread, with a display id. It is replaced when the status
changes and at the end, where it becomes html and text alone: a saved notebook then shows the transcript
with no kernel, no widget state and no JavaScript.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ...render.arrangement import AS_IT_IS, Arrangement
from ...render.html import style
from ...render.html.escape import label
from ...watching.snapshot import WatchSnapshot
from ...watching.watch import RunWatch
from ..badge import static_badge
from ..snapshot import snapshot_fragment, static_line, static_text
from .channel import Channel

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


Content: TypeAlias = tuple[str, str]
"""The html and the text of an output."""


def key_of(snapshot: WatchSnapshot) -> object:
    """What makes more of a difference than the passing of time: an output is replaced when it changes."""
    return snapshot.phase, snapshot.status_text


def time_of_day() -> str:
    """The local time, such as ``01:37:06``."""
    return time.strftime("%H:%M:%S")


def static_content(
    snapshot: WatchSnapshot,
    *,
    quiet: bool,
    arrangement: Arrangement = AS_IT_IS,
    clock: Callable[[], str] = time_of_day,
) -> Content:
    """A watch as html and text alone, which nothing updates.

    Args:
        snapshot: the watch as it is now.
        quiet: the badge only.
        arrangement: of the run, once it has ended.
        clock: returns the time of day.
    """
    as_of = clock()
    if quiet:
        return static_badge(snapshot, as_of), static_line(snapshot, as_of)
    return snapshot_fragment(snapshot, as_of, arrangement), static_text(snapshot, as_of)


def forgotten_html(run_id: str) -> str:
    """What a page shows that was loaded after a run was forgotten; see `WatchRegistry`."""
    said = f"{run_id} ended, and this kernel has forgotten its transcript. Run the cell again to see it."
    return f'<p style="{style.PARAGRAPH}">{label(said)}</p>'


def html_of_ended(
    watch: Callable[[], RunWatch | None], run_id: str, quiet: bool, arrangement: Arrangement
) -> str:
    """What a page shows that was loaded after the end of ``watch``, which nothing keeps alive for it."""
    known = watch()
    if known is None:
        return style.in_widget(forgotten_html(run_id))
    return style.in_widget(static_content(known.snapshot, quiet=quiet, arrangement=arrangement)[0])


class NotebookOutput:
    """An output with a display id of its own."""

    def __init__(self) -> None:
        self._display_id = uuid.uuid4().hex
        self._key: object = None
        self._channel: Channel | None = None

    def show(self, key: object, content: Content, widget_view: dict[str, Any] | None = None) -> None:
        """Display ``content``: on the main thread, within the cell. ``key`` tells it from what follows."""
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        self._key = key
        self._channel = Channel(get_ipython(), self._display_id)  # type: ignore[no-untyped-call,unused-ignore]
        display(_bundle(content, widget_view), raw=True, display_id=self._display_id)

    def replace(
        self, key: object, content: Callable[[], Content], widget_view: dict[str, Any] | None = None
    ) -> None:
        """Replace it in its place, from any thread. Makes and sends nothing when ``key`` is shown."""
        if key != self._key and self._channel is not None:
            self._key = key
            self._channel.update(_bundle(content(), widget_view))


def leave_behind(
    outputs: Iterable[NotebookOutput], snapshot: WatchSnapshot, make: Callable[[WatchSnapshot], Content]
) -> None:
    """Leave html and text in place of a closed widget, whose saved view shows "Error displaying widget".

    Args:
        outputs: those that show the widget.
        snapshot: its watch as it is now.
        make: the html and the text of ``snapshot``.
    """
    key = key_of(snapshot) if snapshot.phase.is_final else (key_of(snapshot), "closed")
    for output in () if sys.is_finalizing() else outputs:
        output.replace(key, lambda: make(snapshot))


def widget_view_of(widget: Any) -> dict[str, Any]:
    """What a front end needs to draw ``widget``: the widget-view message format, version 2."""
    return {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}


def _bundle(content: Content, widget_view: dict[str, Any] | None) -> dict[str, Any]:
    as_html, as_text = content
    bundle: dict[str, Any] = {"text/html": as_html, "text/plain": as_text}
    return bundle if widget_view is None else {WIDGET_VIEW: widget_view, **bundle}
