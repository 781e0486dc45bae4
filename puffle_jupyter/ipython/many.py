"""Many runs behind ``%puffle_wait``: of the line, of ``--from NAME`` and of ``--resume``, in one board."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.magic_arguments import argument

from ..printing import say

if TYPE_CHECKING:
    from ..display.run_board import RunBoard
    from ..watching.watch import RunWatch

_FEW = 2
"""Runs that are shown each by itself; more are a board."""


_MANY = (
    argument("run_ids", metavar="RUN_ID", nargs="*", help="one or more run ids, run_…"),
    argument(
        "--from",
        dest="source",
        metavar="NAME",
        help="the runs of a variable (list, DataFrame, frame.column) or a file, in one table",
    ),
    argument(
        "--resume",
        action="store_true",
        help="watch this notebook's unfinished runs again, such as after a restart; starts none",
    ),
    argument(
        "--layout",
        choices=["table", "columns"],
        help="a row a run, or up to six runs side by side (default: a table of more than two)",
    ),
    argument("--notify", action="store_true", help="in a terminal: its own notification when all have ended"),
)


def options_of_many(magic: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``magic`` the options that say which runs are meant, and how they are laid out."""
    for option in reversed(_MANY):
        magic = option(magic)
    return magic


def two_at_most(options: argparse.Namespace) -> list[str] | None:
    """The ids of the line when they are few, not yet checked; None when they are a board's.

    Of more, those that are there twice count once, which is said: two that are left are no board.
    """
    from ..board.ids import meant_runs, words_meant

    if options.source or options.resume:
        return None
    run_ids = words_meant(options.run_ids)
    if options.layout and run_ids:
        return None
    if len(run_ids) <= _FEW:
        return run_ids
    once = meant_runs(run_ids)
    if len(once.run_ids) > _FEW or once.refused:  # a board names what is no id
        return None
    for remark in once.remarks():
        say(remark)
    return list(once.run_ids)


def run_board(shell: Any, options: argparse.Namespace) -> RunBoard:
    """A board of all that the line asks for.

    Raises:
        UsageError: ``--from`` leads nowhere.
        NotSent: see `RunBoard`, and `unfinished_runs`.
    """
    from ..display.run_board import RunBoard
    from .run_sources import runs_from

    given: list[Any] = list(options.run_ids)
    if options.source:
        given += runs_from(options.source, shell.user_ns)
    if options.resume:
        given += _unfinished()
    layout = options.layout or "table"
    return RunBoard(given, layout=layout, interval=options.interval, timeout=options.timeout)


def notify_if_asked(options: argparse.Namespace, watches: list[RunWatch]) -> None:
    """With ``--notify``: one notice when all of ``watches`` are done."""
    if options.notify and watches:
        from ..display.notice import notify_when_done

        notify_when_done(watches)


def _unfinished() -> list[str]:
    """The runs of ``--resume``; that there are none is said."""
    from ..asking.known_runs import unfinished_runs
    from ..client.credentials import current_base_url

    found = unfinished_runs(current_base_url())
    if not found:
        say(
            "Nothing to resume: no unfinished run of this notebook is known. %puffle_runs --all shows others."
        )
    return found
