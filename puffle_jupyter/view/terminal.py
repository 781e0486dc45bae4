"""Watches in terminal IPython: badges in the bottom toolbar, one line above the prompt at the end."""

from __future__ import annotations

import sys
import threading
from typing import Any

from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from . import text
from .follow import follow


class ToolbarView:
    """Shows live watches in ``pt_app.bottom_toolbar``; one for each shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._prompt = shell.pt_app
        self._lock = threading.Lock()
        self._live: list[RunWatch] = []
        self._toolbar_before: Any = None

    def show(self, watch: RunWatch) -> None:
        """Put ``watch`` into the toolbar until it is done."""
        with self._lock:
            if watch in self._live:
                return
            if not self._live:
                self._toolbar_before = self._prompt.bottom_toolbar
                self._prompt.bottom_toolbar = self._toolbar
            self._live.append(watch)
        follow(watch, _Line(self, watch))

    def redraw(self) -> None:
        """Draw the toolbar anew: the half-typed line above it is untouched."""
        self._prompt.app.invalidate()

    def finish(self, watch: RunWatch, line: str) -> None:
        """Take ``watch`` out of the toolbar and print ``line`` above the prompt."""
        with self._lock:
            if watch not in self._live:
                return
            self._live.remove(watch)
            if not self._live:
                self._prompt.bottom_toolbar = self._toolbar_before
        self._print_above(line)

    def _toolbar(self) -> str:
        with self._lock:
            live = list(self._live)
        return "\n".join(text.badge_line(watch.snapshot, watch.clock()) for watch in live)

    def _print_above(self, line: str) -> None:
        application = self._prompt.app
        loop = getattr(application, "loop", None)
        if not application.is_running or loop is None:
            print(line, file=sys.stdout, flush=True)
            return
        from prompt_toolkit.application import run_in_terminal

        def on_prompt_loop() -> None:
            run_in_terminal(lambda: print(line, flush=True))

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
            line = text.badge_line(snapshot, self._watch.clock())
            self._toolbar.finish(self._watch, f"{line} · %puffle_wait {snapshot.run_id} shows it")
        else:
            self._toolbar.redraw()

    def tick(self, now: float) -> None:
        self._toolbar.redraw()


class LineView:
    """A line for every new status of a watch, where nothing can be redrawn."""

    def __init__(self, watch: RunWatch) -> None:
        self._watch = watch
        self._key: object = None

    def show(self) -> None:
        """Print the first line now and the others as they come."""
        self.update(self._watch.snapshot)
        follow(self._watch, self)

    def update(self, snapshot: WatchSnapshot) -> None:
        key = (snapshot.phase, snapshot.status_text)
        if key != self._key:
            self._key = key
            print(text.badge_line(snapshot, self._watch.clock()), flush=True)

    def tick(self, now: float) -> None:
        """Nothing: printed lines cannot be taken back."""
