"""Watches in terminal IPython: badges in the bottom toolbar, one line above the prompt at the end.

Where nothing can be redrawn it is lines, one after the other, and none of them while a person types.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ...printing import say
from ...render.words import elapsed_words
from ...untrusted import plain_label
from ...watching.snapshot import WatchPhase, WatchSnapshot
from ...watching.watch import RunWatch
from ..snapshot import badge_line
from ..subscription import Subscription, subscribe
from ..watch_words import WHOLE_REASON, failure_words, label_of_watch
from .columns import cut, width_of
from .ending import fitted

_SHORTEST_ID = 12
_FEWEST_LINES = 3


def toolbar_line(snapshot: WatchSnapshot, now: float, columns: int) -> str:
    """The badge in one line of ``columns``: status, run id, time and what fits of the reason stay."""
    whole = badge_line(snapshot, now)
    if width_of(whole) <= columns:
        return whole
    run_id = cut(plain_label(snapshot.run_id), max(_SHORTEST_ID, columns // 3))
    facts = [str(label_of_watch(snapshot)), run_id, elapsed_words(snapshot.elapsed(now))]
    failure = "".join(failure_words(snapshot, now))
    return cut(" · ".join([*facts, failure] if failure else facts), columns)


def end_line(snapshot: WatchSnapshot, now: float) -> str:
    """How a watch ended, with the whole of the reason, and what can be done next."""
    line, run_id = badge_line(snapshot, now, WHOLE_REASON), plain_label(snapshot.run_id)
    match snapshot.phase:
        case WatchPhase.ENDED:
            return f"{line} · %puffle_wait {run_id} shows it"
        case WatchPhase.STOPPED:
            return f"{line} · %puffle_wait {run_id} watches it again"
        case _:
            return line


def at_most(lines: list[str], count: int) -> list[str]:
    """The first of ``lines``, and as the last of ``count`` how many there are more."""
    if len(lines) <= count:
        return lines
    return [*lines[: count - 1], f"… and {len(lines) - count + 1} more"]


class ToolbarView:
    """Shows live watches in ``pt_app.bottom_toolbar``; one for each shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._prompt = shell.pt_app
        self._lock = threading.RLock()
        self._live: dict[object, Callable[[int], str]] = {}
        self._toolbar_before: Any = None

    def show(self, watch: RunWatch) -> None:
        """Put ``watch`` into the toolbar until it is done."""
        if self.add(watch, lambda columns: toolbar_line(watch.snapshot, watch.clock(), columns)):
            subscribe(watch, _Line(self, watch))

    def add(self, what: object, line: Callable[[int], str]) -> bool:
        """Put a line into the toolbar until `finish`; whether ``what`` was not there yet.

        Args:
            what: what the line is about.
            line: returns it, in so many columns.
        """
        with self._lock:
            if what in self._live:
                return False
            if not self._live:
                self._toolbar_before = self._prompt.bottom_toolbar
                self._prompt.bottom_toolbar = self._toolbar
            self._live[what] = line
        return True

    def redraw(self) -> None:
        """Draw the toolbar anew: the half-typed line above it is untouched."""
        self._prompt.app.invalidate()

    def finish(self, what: object, line: str) -> None:
        """Take ``what`` out of the toolbar and print ``line`` above the prompt."""
        with self._lock:
            if what not in self._live:
                return
            del self._live[what]
            if not self._live:
                self._prompt.bottom_toolbar = self._toolbar_before
        self._print_above(line)

    def _toolbar(self) -> str:
        with self._lock:
            live = list(self._live.values())
        size = self._prompt.app.output.get_size()
        lines = [line(size.columns) for line in live]
        return "\n".join(at_most(lines, max(_FEWEST_LINES, size.rows // 3)))

    def _print_above(self, line: str) -> None:
        application = self._prompt.app
        loop = getattr(application, "loop", None)
        if not application.is_running or loop is None:
            say(line)
            return
        from prompt_toolkit.application import run_in_terminal

        def on_prompt_loop() -> None:
            run_in_terminal(lambda: say(line))

        # The prompt's own context: `run_in_terminal` asks it which application is running.
        context = getattr(application, "context", None)
        loop.call_soon_threadsafe(on_prompt_loop, context=context)


class _Line:
    """One watch's line in the toolbar."""

    def __init__(self, toolbar: ToolbarView, watch: RunWatch) -> None:
        self._toolbar = toolbar
        self._watch = watch

    def update(self, snapshot: WatchSnapshot) -> None:
        if snapshot.phase.is_final:
            self._toolbar.finish(self._watch, fitted(end_line(snapshot, self._watch.clock())))
        else:
            self._toolbar.redraw()

    def tick(self, now: float) -> None:
        self._toolbar.redraw()


class LineView:
    """A line for every new status of a watch, where nothing can be redrawn."""

    def __init__(self, watch: RunWatch, typed_into: Any = None, *, tells_end: bool = True) -> None:
        """See the class.

        Args:
            watch: the watch to show.
            typed_into: the shell that a person types into between cells; None if there is none.
            tells_end: whether nobody else prints how it ended.
        """
        self._watch = watch
        self._tells_end = tells_end
        self._shell = typed_into
        self._lock = threading.RLock()
        self._cell_runs = True
        self._held_back = ""
        self._key: object = None
        self._subscription: Subscription | None = None

    def show(self) -> None:
        """Print the first line now and the others as they come."""
        self.update(self._watch.snapshot)
        if self._shell is not None:
            self._shell.events.register("pre_run_cell", self._begin_cell)
            self._shell.events.register("post_run_cell", self._end_cell)
        self._subscription = subscribe(self._watch, self)

    def end(self) -> None:
        """Print nothing more."""
        if self._subscription is not None:
            self._subscription.end()

    def update(self, snapshot: WatchSnapshot) -> None:
        """Print what is new, or keep it until nobody types."""
        if snapshot.phase.is_final and not self._tells_end:
            return
        key = (snapshot.phase, snapshot.status_text)
        if key != self._key:
            self._key = key
            now = self._watch.clock()
            self._say(fitted(badge_line(snapshot, now, WHOLE_REASON)))

    def _say(self, line: str) -> None:
        # Half-typed input cannot be redrawn below a line: until it is entered only the last news is kept.
        with self._lock:
            if self._cell_runs:
                say(line)
            else:
                self._held_back = line

    def _begin_cell(self, *_: object) -> None:
        with self._lock:
            self._cell_runs = True
            line, self._held_back = self._held_back, ""
            if line:
                say(line)
        if self._watch.snapshot.phase.is_final:
            self._shell.events.unregister("pre_run_cell", self._begin_cell)
            self._shell.events.unregister("post_run_cell", self._end_cell)

    def _end_cell(self, *_: object) -> None:
        with self._lock:
            self._cell_runs = False
