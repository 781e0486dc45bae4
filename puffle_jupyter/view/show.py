"""Showing a watch where the user is: the one place that picks a view for a front end."""

from __future__ import annotations

import weakref
from typing import Any

from ..api.run import Run
from ..watching.watch import RunWatch
from . import text
from .blocking import waits_at_end_of_cell
from .frontend import FrontEnd, front_end_of
from .still import StillView
from .terminal import LineView, ToolbarView
from .waiting import wait_at_end_of_cell

_shown_in: weakref.WeakKeyDictionary[RunWatch, object] = weakref.WeakKeyDictionary()
_toolbars: weakref.WeakKeyDictionary[Any, ToolbarView] = weakref.WeakKeyDictionary()


def show(watch: RunWatch, *, quiet: bool = False, waiting: bool = False, block: bool | None = None) -> None:
    """Show ``watch`` here: live in a notebook or under the prompt, as text elsewhere.

    Args:
        quiet: the badge only.
        waiting: the caller waits for the end, and prints it in a terminal: there is no prompt meanwhile.
        block: whether the cell waits for the end; None leaves it to `must_block` and the front end.
    """
    shell = current_shell()
    front_end = front_end_of(shell)
    waits = not waiting and waits_at_end_of_cell(front_end, block)
    _shown_in[watch] = _execution(shell)
    if front_end is FrontEnd.LIVE:
        from .widget import RunWidget

        RunWidget.of(watch, quiet=quiet).show()
    elif front_end.is_notebook:
        StillView(watch, quiet=quiet).show()
    elif waiting:
        LineView(watch).show()
    elif watch.done:
        print_ends([watch], quiet=quiet)
        waits = False
    elif front_end is FrontEnd.TERMINAL:
        _toolbars.setdefault(shell, ToolbarView(shell)).show(watch)
    else:
        LineView(watch, shell if front_end is FrontEnd.SIMPLE else None).show()
    if waits:
        told = None if front_end.is_notebook else lambda: print_ends([watch], quiet=quiet)
        wait_at_end_of_cell(shell, watch, told)


def explore(run: Run) -> None:
    """Display ``run`` with controls where there are widgets, else as it is; in a terminal as text."""
    front_end = front_end_of(current_shell())
    if front_end is FrontEnd.LIVE:
        from .explorer import explore

        explore(run)
    elif front_end.is_notebook:
        from IPython.display import display

        display(run)
    else:
        print(text.run_output(run), flush=True)


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


def current_shell() -> Any:
    """The running InteractiveShell, or None."""
    from IPython.core.getipython import get_ipython

    return get_ipython()  # type: ignore[no-untyped-call,unused-ignore]


def print_ends(watches: list[RunWatch], *, quiet: bool = False) -> None:
    """Print how every watch ended: its transcript, or with ``quiet`` its badge line."""
    content = text.badge_line if quiet else text.snapshot_text
    for watch in watches:
        print(content(watch.snapshot, watch.clock()), flush=True)


def _execution(shell: Any) -> object:
    return None if shell is None else (id(shell), shell.execution_count)
