"""How far a long fetch is: a line in a notebook that changes in place, a bar in a terminal, else nothing."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from ..display.front_end import FrontEnd, current_shell, front_end_of
from ..display.notebook.output import NotebookOutput
from ..render.html.run import wrapped
from ..render.words import elapsed_words

_QUIET_SECONDS = 1.0
"""Nothing is shown of what takes less."""
_BETWEEN_SECONDS = 0.5
_UPDATED_IN_PLACE = (FrontEnd.LIVE, FrontEnd.HEADLESS, FrontEnd.COLAB)


class ProgressView(Protocol):
    """Where it is shown."""

    def show(self, done: int, words: str) -> None:
        """Show that so many runs are there, in ``words``."""

    def close(self) -> None:
        """Leave what was shown last."""


class Progress:
    """Counts runs that are there, and shows it now and then.

    Args:
        runs: how many there will be.
        view: where it is shown; None shows nothing.
        clock: seconds, monotonic.
    """

    def __init__(
        self, runs: int, view: ProgressView | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._runs = runs
        self._view = view
        self._clock = clock
        self._started_at = self._shown_at = clock()
        self._done = self._kept = 0
        self._is_shown = False

    def keep(self, runs: int) -> None:
        """So many were there before."""
        self._done += runs
        self._kept += runs

    def add(self, runs: int) -> None:
        """So many more are there."""
        self._done += runs
        now = self._clock()
        if now - self._shown_at >= (_BETWEEN_SECONDS if self._is_shown else _QUIET_SECONDS):
            self._shown_at = now
            self._show(now)

    def words(self, now: float) -> str:
        """``12,000 of 100,000 runs fetched · 3 min 04 s left``."""
        said = f"{self._done:,} of {self._runs:,} runs fetched"
        passed, new = now - self._started_at, self._done - self._kept
        if self._done >= self._runs:
            return f"{said} in {elapsed_words(passed)}"
        left = f"{elapsed_words(passed / new * (self._runs - self._done))} left" if new else ""
        return f"{said} · {left}" if left else said

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_shown and self._view is not None:
            self._show(self._clock())
            self._view.close()

    def _show(self, now: float) -> None:
        if self._view is not None:
            self._is_shown = True
            self._view.show(self._done, self.words(now))


def progress_view(runs: int) -> ProgressView | None:
    """Where this process can show a line in its place; None where it cannot."""
    front_end = front_end_of(current_shell())
    if front_end in _UPDATED_IN_PLACE:
        return _NotebookLine()
    if not front_end.is_notebook and sys.stderr is not None and sys.stderr.isatty():
        return _TerminalBar(runs)
    return None


class _NotebookLine:
    """One output of the cell."""

    def __init__(self) -> None:
        self._output: NotebookOutput | None = None

    def show(self, done: int, words: str) -> None:
        line = (wrapped(html.escape(words)), words)
        if self._output is None:
            self._output = NotebookOutput()
            self._output.show(words, line)
        else:
            self._output.replace(words, lambda: line)

    def close(self) -> None:
        """The saved notebook has the last line."""


class _TerminalBar:
    """A bar on standard error, which a pipe does not get."""

    def __init__(self, runs: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), TextColumn("{task.description}"))
        self._bar = Bar(*columns, console=Console(stderr=True), auto_refresh=False)
        self._task = self._bar.add_task("", total=runs)

    def show(self, done: int, words: str) -> None:
        self._bar.start()
        self._bar.update(self._task, completed=done, description=words, refresh=True)

    def close(self) -> None:
        self._bar.stop()
