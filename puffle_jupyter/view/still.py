"""A notebook output without widgets, for headless runs and Colab: replaced in place as a run goes on."""

from __future__ import annotations

from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from .follow import follow
from .output import Content, NotebookOutput, key_of, still_content


class StillView:
    """Shows a watch as html and text alone."""

    def __init__(self, watch: RunWatch, *, quiet: bool = False) -> None:
        self._watch = watch
        self._quiet = quiet
        self._output = NotebookOutput()

    def show(self) -> None:
        """Display it here, on the main thread."""
        snapshot = self._watch.snapshot
        self._output.show(key_of(snapshot), self._content(snapshot))
        follow(self._watch, self).wait_until_caught_up()

    def update(self, snapshot: WatchSnapshot) -> None:
        """Replace the output when more than the clock changed."""
        self._output.replace(key_of(snapshot), lambda: self._content(snapshot))

    def tick(self, now: float) -> None:
        """Nothing: a message a second would go into the log of a pipeline."""

    def _content(self, snapshot: WatchSnapshot) -> Content:
        return still_content(snapshot, self._watch.clock(), quiet=self._quiet)
