"""Showing a watch where the user is: the one place that picks a view for a front end."""

from __future__ import annotations

import weakref
from typing import Any

from ..asking.question import question_of
from ..printing import say
from ..render import text
from ..run import Run
from ..watching.watch import RunWatch
from .blocking import waits_at_end_of_cell
from .front_end import FrontEnd, current_shell, front_end_of
from .notebook.appending_view import AppendingView
from .notebook.channel import is_captured
from .notebook.output import static_content
from .notebook.static_view import CapturedView, StaticView
from .question import question_html, question_text
from .terminal.ending import end_text, run_in_short
from .terminal.toolbar import LineView, ToolbarView
from .waiting import wait_at_end_of_cell

_shown_in: weakref.WeakKeyDictionary[RunWatch, object] = weakref.WeakKeyDictionary()
_waiting_views: weakref.WeakKeyDictionary[RunWatch, LineView] = weakref.WeakKeyDictionary()
_toolbars: weakref.WeakKeyDictionary[Any, ToolbarView] = weakref.WeakKeyDictionary()


def show(
    watch: RunWatch,
    *,
    quiet: bool = False,
    verbose: bool = False,
    waiting: bool = False,
    block: bool | None = None,
) -> None:
    """Show ``watch`` here: live in a notebook or under the prompt, as text elsewhere.

    Above it is what was asked, where that was asked from here. A capture gets html and text alone, which say
    how to see it.

    Args:
        watch: the watch to show.
        quiet: the badge only.
        verbose: where the end is printed, all of it and not the short form.
        waiting: the caller waits for the end, and prints it in a terminal: there is no prompt meanwhile.
        block: whether the cell waits for the end; None leaves it to `must_block` and the front end.
    """
    shell = current_shell()
    front_end = front_end_of(shell)
    waits = not waiting and waits_at_end_of_cell(front_end, block)
    _shown_in[watch] = _execution(shell)
    _show_question(watch, front_end)
    if front_end.is_notebook and is_captured(shell):
        CapturedView(watch, quiet=quiet).show()
    elif front_end is FrontEnd.APPENDING:
        view = AppendingView(watch, quiet=quiet)
        view.show(waits=waits or waiting)
        if (waits or waiting) and not watch.snapshot.phase.is_final:
            wait_at_end_of_cell(shell, watch, view.show_end)
        return
    elif front_end is FrontEnd.LIVE and not watch.snapshot.phase.is_final:
        from .notebook.run_widget import RunWidget

        RunWidget.of(watch, quiet=quiet, passing=True).show()
    elif front_end.is_notebook:
        StaticView(watch, quiet=quiet, end_only=front_end is FrontEnd.HEADLESS).show()
    elif front_end is FrontEnd.MARIMO:
        put_out_in_marimo(html_of(watch, quiet=quiet))
    elif waiting:
        _waiting_views[watch] = LineView(watch, tells_end=False)
        _waiting_views[watch].show()
    elif watch.done:
        print_ends([watch], quiet=quiet, verbose=verbose)
        waits = False
    else:
        _show_live(watch, shell, front_end, tells_end=not waits)
    if waits:
        told = None if front_end.is_notebook else lambda: print_ends([watch], quiet=quiet, verbose=verbose)
        wait_at_end_of_cell(shell, watch, told)


def show_further(watches: list[RunWatch]) -> None:
    """Show in a terminal what goes on after a wait for it was interrupted: its end must be told."""
    shell = current_shell()
    for watch in watches:
        view = _waiting_views.pop(watch, None)
        if view is not None and not watch.done:
            view.end()
            _show_live(watch, shell, front_end_of(shell))


def _show_live(watch: RunWatch, shell: Any, front_end: FrontEnd, *, tells_end: bool = True) -> None:
    if front_end is FrontEnd.TERMINAL:
        toolbar_of(shell).show(watch)
    else:
        LineView(watch, shell if front_end is FrontEnd.SIMPLE else None, tells_end=tells_end).show()


def toolbar_of(shell: Any) -> ToolbarView:
    """The one toolbar of ``shell``."""
    return _toolbars.setdefault(shell, ToolbarView(shell))


def explore(run: Run) -> None:
    """Display ``run`` with controls where there are widgets, else as it is; in a terminal its short form."""
    shell = current_shell()
    front_end = front_end_of(shell)
    if front_end is FrontEnd.LIVE and not is_captured(shell):
        from .notebook.transcript_widget import explore

        explore(run)
    elif front_end.is_notebook:
        from IPython.display import display

        display(run)
    elif front_end is FrontEnd.MARIMO:
        put_out_in_marimo(run._repr_html_())
    else:
        say(run_in_short(run, text.run_line(run), shell, "print(run.to_text())"))


def html_of(watch: RunWatch, *, quiet: bool = False) -> str:
    """The html of ``watch`` as it is now, for front ends that ask an object for its html."""
    as_html, _ = static_content(watch.snapshot, quiet=quiet)
    question = question_of(watch)
    return as_html if question is None else question_html(question) + as_html


def _show_question(watch: RunWatch, front_end: FrontEnd) -> None:
    """Show what was asked as an output of its own, which stays as it is."""
    question = question_of(watch)
    if question is None or front_end is FrontEnd.MARIMO:  # there it is part of `html_of`
        return
    if not front_end.is_notebook:
        say(question_text(question))
        return
    from IPython.display import display

    display({"text/html": question_html(question), "text/plain": question_text(question)}, raw=True)


def put_out_in_marimo(as_html: str) -> None:
    """Put html out in a cell of marimo."""
    import marimo

    marimo.output.append(marimo.Html(as_html))


def show_unless_shown(watch: RunWatch) -> None:
    """Show ``watch`` unless this very execution did: ``%puffle_wait x`` as a cell's last line shows once.

    Raises:
        NotImplementedError: it did, and this is no notebook: IPython then prints the repr after the
            ``Out[…]:`` that it has written already.
    """
    shell = current_shell()
    if _shown_in.get(watch) != _execution(shell):
        show(watch)
    elif not front_end_of(shell).is_notebook:
        raise NotImplementedError


def print_ends(watches: list[RunWatch], *, quiet: bool = False, verbose: bool = False) -> None:
    """Print how every watch ended: see `end_text`."""
    shell = current_shell()
    for watch in watches:
        say(end_text(watch.snapshot, watch.clock(), shell, quiet=quiet, verbose=verbose))


def _execution(shell: Any) -> object:
    return None if shell is None else (id(shell), shell.execution_count)
