"""The first row of a `RunWidget`: the badge, and a button that stops watching."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from ...watching.snapshot import WatchPhase, WatchSnapshot
from ..badge import live_clock, live_status
from .close_widgets import close_with_layout
from .output import key_of

_RUN_CONTINUES = "Stop watching. The run continues."


class RunHeader(ipywidgets.HBox):  # type: ignore[misc]
    """The badge of a watch, kept up to date by whoever made it.

    Args:
        snapshot: the watch as it is now.
        now: seconds of the watch's clock.
        stop: stops watching; the run continues.
    """

    def __init__(self, snapshot: WatchSnapshot, now: float, stop: Callable[[], object]) -> None:
        self._shown_key: object = None
        self._label = ipywidgets.HTML(live_status(snapshot))
        self._clock = ipywidgets.HTML(live_clock(snapshot, now))
        is_stream = snapshot.is_stream
        self._stop = ipywidgets.Button(
            description="Stop" if is_stream else "Stop watching",
            tooltip="Stop reading; Puffle then ends the work." if is_stream else _RUN_CONTINUES,
            layout=ipywidgets.Layout(width="auto", height="26px"),
        )
        self._stop.on_click(lambda _: stop())
        super().__init__(
            [self._label, self._clock, self._stop],
            layout=ipywidgets.Layout(align_items="center", flex_flow="row wrap", grid_gap="0 12px"),
        )

    def update(self, snapshot: WatchSnapshot, now: float) -> None:
        """Show ``snapshot``; the button goes at the end, when there is nothing to stop."""
        self._label.value = live_status(snapshot)
        if key_of(snapshot) != self._shown_key or snapshot.phase is not WatchPhase.WATCHING:
            # Otherwise the next tick brings the count.
            self.tick(snapshot, now)
        self._shown_key = key_of(snapshot)
        if snapshot.phase.is_final:
            self.children = (self._label, self._clock)

    def tick(self, snapshot: WatchSnapshot, now: float) -> None:
        """Show the passing of time."""
        self._clock.value = live_clock(snapshot, now)

    def close_all(self) -> None:
        """Close the row and all that is in it."""
        close_with_layout(self._label, self._clock, self._stop, self)
