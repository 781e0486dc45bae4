"""Many runs behind ``%puffle_wait``: of the line, of ``--from NAME`` and of ``--resume``, in one board."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..printing import say
from .run_sources import runs_from

if TYPE_CHECKING:
    from ..display.run_board import RunBoard

_FEW = 2
"""Runs that are shown each by itself; more are a board."""


def two_at_most(options: argparse.Namespace) -> list[str] | None:
    """The ids of the line when they are few, not yet checked; None when they are a board's.

    Of more, those that are there twice count once, which is said: two that are left are no board.
    """
    from ..board.ids import meant_runs, words_meant

    if options.source or options.resume:
        return None
    run_ids = words_meant(options.run_ids)
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

    given: list[Any] = list(options.run_ids)
    if options.source:
        given += runs_from(options.source, shell.user_ns)
    if options.resume:
        given += _unfinished()
    return RunBoard(given, interval=options.interval, timeout=options.timeout)


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
