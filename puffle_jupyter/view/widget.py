"""`RunWidget`: one run, live, inside any ipywidgets layout."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import ipywidgets
import traitlets

from ..api.client import AsyncPuffleClient, PuffleClient
from ..api.loop import callback_loop, finished
from ..watching.registry import watch as watch_run
from ..watching.snapshot import WatchPhase, WatchSnapshot
from ..watching.watch import RunWatch
from . import html, style
from .blocking import waits_at_end_of_cell
from .closing import close_with_layout, own_layout
from .explorer import TranscriptWidget
from .follow import Following, follow, view_loop
from .frontend import FrontEnd, front_end_of
from .output import Content, NotebookOutput, key_of, still_content, widget_view_of
from .show import current_shell
from .show import show as show_watch
from .waiting import wait_at_end_of_cell

_TELLING_SECONDS = 1.0
_log = logging.getLogger(__name__)


class RunWidget(ipywidgets.VBox):  # type: ignore[misc]
    """Watches one run and shows it: a badge that changes in place, then the transcript.

    Args:
        run_id: ``run_…``.
        client: a client of your own; None takes the kernel's.
        interval: seconds between polls; None takes 1.5.
        timeout: seconds after which to stop watching; None never does.

    Closing it closes its parts and ends the view; the watch goes on.

    Where what comes after a cell would be lost (papermill, nbconvert, Colab), the cell that makes a widget
    waits at its end until the run ended; ``%config PuffleMagics.block`` and PUFFLE_BLOCK decide otherwise.

    Attributes (read-only traits):
        run_id: the run's id.
        status: the run's status as sent; "" before the first answer.
        run: the last `Run`, or None.

    Raises:
        InvalidRunId, InvalidSetting, MissingApiKey, InvalidApiKey: before anything is sent.

    >>> HBox([RunWidget("run_a"), RunWidget("run_b")])  # doctest: +SKIP
    """

    run_id = traitlets.Unicode(read_only=True)
    status = traitlets.Unicode(read_only=True)
    run = traitlets.Any(None, allow_none=True, read_only=True)

    _watch: RunWatch
    _following: Following | None = None
    _parts: tuple[ipywidgets.Widget, ...] = ()
    _outputs: tuple[NotebookOutput, ...] = ()
    _shown_key: object = None

    def __init__(
        self,
        run_id: str,
        *,
        client: PuffleClient | AsyncPuffleClient | None = None,
        interval: float | None = None,
        timeout: float | None = None,
        **layout: Any,
    ) -> None:
        shell = current_shell()
        waits = waits_at_end_of_cell(front_end_of(shell))
        watch = watch_run(run_id, client=client, interval=interval, timeout=timeout)
        following = self._build(watch, quiet=False, layout=layout)
        if waits:
            # In whatever layout: a widget's state is saved as it is when its cell ends.
            following.wait_until_caught_up()
            wait_at_end_of_cell(shell, watch)

    @classmethod
    def of(cls, watch: RunWatch, *, quiet: bool = False) -> RunWidget:
        """A widget for a watch that exists. ``quiet`` shows the badge only."""
        widget = cls.__new__(cls)
        widget._build(watch, quiet=quiet, layout={})
        return widget

    def __repr__(self) -> str:
        """Short: it is what a layout shows of its children where widgets are not drawn."""
        return f"RunWidget({self.run_id!r})"

    @property
    def watch(self) -> RunWatch:
        """The watch that this widget shows."""
        return self._watch

    def update(self, snapshot: WatchSnapshot) -> None:
        """Show ``snapshot``: called by the watch, on the view thread."""
        self._pill.value = html.live_status(snapshot)
        if key_of(snapshot) != self._shown_key or snapshot.phase is not WatchPhase.WATCHING:
            # Otherwise the next tick brings the count.
            self._clock.value = html.live_clock(snapshot, self._watch.clock())
        self._shown_key = key_of(snapshot)
        if snapshot.phase.is_final:
            self._show_end(snapshot)
            self._header.children = (self._pill, self._clock)
        self._replace_outputs(snapshot)
        self.set_trait("run", snapshot.run)
        self.set_trait("status", snapshot.status_text)
        if snapshot.phase.is_final:
            # Who waits for the run finds its observers told, unless one of them takes its time.
            finished(callback_loop.submit(asyncio.sleep(0)), _TELLING_SECONDS)

    def _show_end(self, snapshot: WatchSnapshot) -> None:
        if self._quiet:
            return
        if snapshot.run is not None and snapshot.run.status.is_terminal:
            self._transcript.show_run(snapshot.run)
        else:
            self._transcript.show_words(style.in_widget(html.snapshot_body(snapshot)))

    def notify_change(self, change: Any) -> None:
        """Tell observers: those of ``run`` and ``status`` on a thread of their own, where they may wait."""
        if change["name"] in ("run", "status") and view_loop.is_current:
            callback_loop.call_soon(self._tell, change)
        else:
            super().notify_change(change)

    def _tell(self, change: Any) -> None:
        try:
            super().notify_change(change)
        except Exception:
            _log.exception("an observer of %s failed", change["name"])

    def tick(self, now: float) -> None:
        """Show the passing of time: called once a second, on the view thread."""
        self._clock.value = html.live_clock(self._watch.snapshot, now)

    def show(self) -> None:
        """Display it here, as an output that becomes plain html and text when the run ends.

        Once it is closed, a new widget is displayed in its place.
        """
        if self.comm is None:
            show_watch(self._watch, quiet=self._quiet)
            return
        output = NotebookOutput()
        snapshot = self._watch.snapshot
        output.show(key_of(snapshot), self._static(snapshot), self._view_while_live(snapshot))
        self._outputs = (*self._outputs, output)
        # What happened while it was being displayed is not in it yet.
        view_loop.call_soon(self._refresh)

    def close(self) -> None:
        """Close it and its parts, as every widget; may be called again. `watch` goes on."""
        if self._following is not None:
            self._following.end()
        super().close()
        parts, self._parts = self._parts, ()
        if parts:
            self._transcript.close()
            close_with_layout(*parts)
            self._leave_outputs()

    def _leave_outputs(self) -> None:
        """Leave html and text behind: a saved view of a closed widget shows "Error displaying widget"."""
        outputs, self._outputs = self._outputs, ()
        snapshot = self._watch.snapshot
        key = key_of(snapshot) if snapshot.phase.is_final else (key_of(snapshot), "closed")
        for output in () if sys.is_finalizing() else outputs:
            output.replace(key, lambda: self._static(snapshot))

    def _ipython_display_(self, **_: Any) -> None:
        if front_end_of(current_shell()) is FrontEnd.LIVE:
            self.show()
        else:
            show_watch(self._watch, quiet=self._quiet)

    def _build(self, watch: RunWatch, *, quiet: bool, layout: dict[str, Any]) -> Following:
        snapshot = watch.snapshot
        self._watch = watch
        self._quiet = quiet
        self._pill = ipywidgets.HTML(html.live_status(snapshot))
        self._clock = ipywidgets.HTML(html.live_clock(snapshot, watch.clock()))
        # Made here, on the main thread: later a background thread only changes it.
        self._transcript = TranscriptWidget()
        self._stop = ipywidgets.Button(
            description="Stop watching",
            tooltip="Stop watching. The run itself goes on.",
            layout=ipywidgets.Layout(width="auto", height="26px"),
        )
        self._stop.on_click(lambda _: watch.stop())
        self._header = ipywidgets.HBox(
            [self._pill, self._clock, self._stop],
            layout=ipywidgets.Layout(align_items="center", flex_flow="row wrap", grid_gap="0 12px"),
        )
        super().__init__([self._header, self._transcript], **layout)
        self.set_trait("run_id", watch.run_id)
        self._parts = (self._pill, self._clock, self._stop, self._header, *own_layout(self, layout))
        self._following = follow(watch, self)
        return self._following

    def _refresh(self) -> None:
        self._replace_outputs(self._watch.snapshot)

    def _replace_outputs(self, snapshot: WatchSnapshot) -> None:
        """Refresh the saved form of every output, only when more than the clock changed."""
        for output in self._outputs:
            output.replace(key_of(snapshot), lambda: self._static(snapshot), self._view_while_live(snapshot))

    def _static(self, snapshot: WatchSnapshot) -> Content:
        return still_content(snapshot, self._watch.clock(), quiet=self._quiet)

    def _view_while_live(self, snapshot: WatchSnapshot) -> dict[str, Any] | None:
        # A saved widget-view with a dead kernel shows "Error displaying widget".
        return None if snapshot.phase.is_final or self.comm is None else widget_view_of(self)
