"""A notebook output without widgets, for headless runs and Colab: replaced in place as a run goes on."""

from __future__ import annotations

from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from . import html, text
from .follow import follow
from .output import NotebookOutput


class StillView:
    """Shows a watch as html and text alone."""

    def __init__(self, watch: RunWatch, *, quiet: bool = False) -> None:
        self._watch = watch
        self._quiet = quiet
        self._output = NotebookOutput()
        self._key: object = None

    def show(self) -> None:
        """Display it here, on the main thread."""
        self._output.show(*self._content(self._watch.snapshot))
        follow(self._watch, self)

    def update(self, snapshot: WatchSnapshot) -> None:
        """Replace the output when more than the clock changed."""
        key = (snapshot.phase, snapshot.status_text)
        if key != self._key:
            self._key = key
            self._output.replace(*self._content(snapshot))

    def tick(self, now: float) -> None:
        """Nothing: a message a second would go into the log of a pipeline."""

    def _content(self, snapshot: WatchSnapshot) -> tuple[str, str]:
        now = self._watch.clock()
        if self._quiet:
            return html.badge(snapshot, now), text.badge_line(snapshot, now)
        return html.snapshot_fragment(snapshot, now), text.snapshot_text(snapshot, now)
