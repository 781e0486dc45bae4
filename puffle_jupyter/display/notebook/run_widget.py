"""`RunWidget`: one run, live, inside any ipywidgets layout."""

from __future__ import annotations

import asyncio
import functools
import weakref
from typing import Any

import ipywidgets
import traitlets

from ... import displayed
from ...background.loop import callback_loop, finished
from ...client.blocking_client import PuffleClient
from ...client.client import AsyncPuffleClient
from ...render.html import style
from ...watching.registry import watch as watch_run
from ...watching.snapshot import WatchSnapshot
from ...watching.watch import RunWatch
from ..blocking import waits_at_end_of_cell
from ..front_end import FrontEnd, current_shell, front_end_of
from ..snapshot import snapshot_body
from ..subscription import Subscription, subscribe, view_loop
from ..unfolding import Showing
from ..waiting import wait_at_end_of_cell
from .channel import is_captured
from .close_widgets import LateHTML, close_with_layout, is_in_layout
from .header import RunHeader
from .late_box import LateBox
from .layout_view import show_layouts_of
from .observed_apart import ObservedApart
from .output import (
    Content,
    NotebookOutput,
    html_of_ended,
    key_of,
    leave_behind,
    static_content,
    widget_view_of,
)
from .stream_panel import StreamPanel
from .transcript_widget import TranscriptWidget

_TELLING_SECONDS = 1.0


class RunWidget(ObservedApart, LateBox):
    """Watches one run and shows it: a badge that changes in place, then the transcript.

    Args:
        run_id: ``run_…``.
        client: a client of your own; None takes the kernel's.
        interval: seconds between polls; None takes 1.5.
        timeout: seconds after which to stop watching; None never does.

    Shown by itself, it becomes plain html when the run ends, and its parts are closed. In a layout it stays
    a widget. Closing it closes its parts and ends the view; the watch goes on.

    Where what comes after a cell would be lost (papermill, nbconvert, Colab), the cell that makes a widget
    waits at its end until the run ended; ``%config PuffleMagics.block`` and PUFFLE_BLOCK decide otherwise.
    There it is shown as html, and so is a layout that a cell shows.

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

    observed_apart = ("run", "status")
    _watch: RunWatch
    _showing: Showing
    _subscription: Subscription | None = None
    _header: RunHeader | None = None
    _stream: StreamPanel | None = None
    _transcript: TranscriptWidget | None = None
    _outputs: tuple[NotebookOutput, ...] = ()
    _body: LateHTML | None = None
    _rest: TranscriptWidget | None = None
    _own_layout: tuple[ipywidgets.Layout, ...] = ()
    _is_passing = False
    _waits = False

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
        front_end = front_end_of(shell)
        self._waits = waits_at_end_of_cell(front_end)
        watch = watch_run(run_id, client=client, interval=interval, timeout=timeout)
        # Elsewhere it is shown as html, unless a layout holds it that is drawn.
        is_late = front_end.is_notebook and front_end is not FrontEnd.LIVE
        if is_late:
            show_layouts_of(RunWidget, shell)
        self._build(watch, quiet=False, is_late=is_late, layout=layout)
        if self._waits:
            wait_at_end_of_cell(shell, watch)

    @classmethod
    def of(cls, watch: RunWatch, *, quiet: bool = False, passing: bool = False) -> RunWidget:
        """A widget for a watch that exists.

        Args:
            watch: the watch to show.
            quiet: the badge only.
            passing: nobody keeps the widget: once its output is plain html, it lets go of watch and run.
        """
        widget = cls.__new__(cls)
        widget._is_passing = passing
        widget._build(watch, quiet=quiet, is_late=False, layout={})
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
        if self._body is not None:  # the end is shown
            return
        if self._header is not None:
            # Before anything grows: the button's row may be one more.
            self._header.update(snapshot, self._watch.clock())
            if self._stream is not None:
                self._stream.show(snapshot)
            if snapshot.phase.is_final:
                self._show_end(snapshot)
        self._replace_outputs(snapshot)
        self.set_trait("run", snapshot.run)
        self.set_trait("status", snapshot.status_text)
        if snapshot.phase.is_final:
            # Give trait observers up to 1 s to run before `wait()` returns.
            finished(callback_loop.submit(asyncio.sleep(0)), _TELLING_SECONDS)
        self._close_rest()

    def _show_end(self, snapshot: WatchSnapshot) -> None:
        if self._outputs and not is_in_layout(self):
            self._leave_html()
            return
        self._close_stream()
        if self._quiet or self._transcript is None:
            return
        if snapshot.run is not None and snapshot.run.status.is_terminal:
            self._transcript.show_run(snapshot.run, self._showing.arrangement(snapshot))
        else:
            self._transcript.show_words(style.in_widget(snapshot_body(snapshot)))

    def _leave_html(self) -> None:
        """Show the end as one html: on a page that was loaded again in mid-run, nothing else does."""
        transcript, self._transcript = self._transcript, None
        if transcript is not None:
            self._body = transcript.body
            self._rest = transcript
            make = functools.partial(
                html_of_ended,
                weakref.ref(self._watch),
                self._watch.run_id,
                self._quiet,
                self._showing.arrangement(self._watch.snapshot),
            )
            transcript.leave_html(make, self)

    def _close_rest(self) -> None:
        """Close what `_leave_html` leaves without use."""
        rest, self._rest = self._rest, None
        if rest is None:
            return
        rest.close_rest()
        self._close_header()
        if self._subscription is not None:
            self._subscription.end()
        if self._is_passing:
            # ipywidgets keeps this widget for ever: it must not keep the run.
            self._subscription = None
            del self._watch, self._showing
            self.set_trait("run", None)

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            children: tuple[Any, ...] = self.children  # type: ignore[has-type,unused-ignore]
            self.children = tuple(child for child in children if child is not stream)
            stream.close()

    def _close_header(self) -> None:
        self._close_stream()
        header, self._header = self._header, None
        if header is not None:
            header.close_all()
        layout, self._own_layout = self._own_layout, ()
        close_with_layout(*layout)

    def tick(self, now: float) -> None:
        """Show the passing of time: called by the ticker, on the view thread."""
        if self._header is not None:
            self._header.tick(self._watch.snapshot, now)

    def show(self) -> None:
        """Display it here, as an output that becomes plain html and text when the run ends.

        Once it is closed, a new widget is displayed in its place. A capture gets html and text alone.
        """
        if self.comm is None or is_captured(current_shell()):
            displayed.show(self._watch, quiet=self._quiet)
            return
        self._showing = Showing(self._watch, current_shell())
        output = NotebookOutput()
        snapshot = self._watch.snapshot
        output.show(key_of(snapshot), self._static(snapshot), self._view_while_live(snapshot))
        self._outputs = (*self._outputs, output)
        # What happened while it was being displayed is not in it yet.
        view_loop.call_soon(self._refresh)

    def close(self) -> None:
        """Close it and its parts, as every widget; may be called again. `watch` goes on."""
        if self._subscription is not None:
            self._subscription.end()
        super().close()
        self._close_rest()
        if self._body is not None:
            self._body.close()
        transcript, self._transcript = self._transcript, None
        if transcript is not None:
            transcript.close()
            self._close_header()
            outputs, self._outputs = self._outputs, ()
            leave_behind(outputs, self._watch.snapshot, self._static)

    def _ipython_display_(self, **_: Any) -> None:
        if front_end_of(current_shell()) is FrontEnd.LIVE:
            self.show()
        else:
            displayed.show(self._watch, quiet=self._quiet)

    def _build(self, watch: RunWatch, *, quiet: bool, is_late: bool, layout: dict[str, Any]) -> None:
        self._watch = watch
        self._showing = Showing(watch, current_shell())
        self._quiet = quiet
        super().__init__(is_late=is_late, **layout)
        self.set_trait("run_id", watch.run_id)
        self._subscribe()

    def make_children(self) -> tuple[ipywidgets.Widget, ...]:
        """Make the parts, on the main thread: later a background thread only changes them."""
        watch = self._watch
        self._transcript = TranscriptWidget()
        self._header = RunHeader(watch.snapshot, watch.clock(), watch.stop)
        self._own_layout = (self.layout,) if self.has_own_layout else ()
        if self._subscription is not None:
            self._subscription.end()
            self._subscribe()
        self._stream = None if self._quiet else StreamPanel.of(watch)
        return tuple(part for part in (self._header, self._stream, self._transcript) if part is not None)

    def _subscribe(self) -> None:
        self._subscription = subscribe(self._watch, self)
        if self._waits:
            # In whatever layout: a widget's state is saved as it is when its cell ends.
            self._subscription.wait_until_caught_up()

    def _refresh(self) -> None:
        if self._body is None:
            snapshot = self._watch.snapshot
            show = self.update if snapshot.phase.is_final else self._replace_outputs
            show(snapshot)

    def _replace_outputs(self, snapshot: WatchSnapshot) -> None:
        """Refresh the saved form of every output, only when more than the clock changed."""
        for output in self._outputs:
            output.replace(key_of(snapshot), lambda: self._static(snapshot), self._view_while_live(snapshot))

    def _static(self, snapshot: WatchSnapshot) -> Content:
        arrangement = self._showing.arrangement(snapshot)
        return static_content(snapshot, quiet=self._quiet, arrangement=arrangement)

    def _view_while_live(self, snapshot: WatchSnapshot) -> dict[str, Any] | None:
        # A saved widget-view with a dead kernel shows "Error displaying widget".
        return None if snapshot.phase.is_final or self.comm is None else widget_view_of(self)
