"""Waiting for several watches in a cell: they go on when the wait is interrupted."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable
from typing import Any

from ..errors import ApprovalNeeded, PuffleError
from ..printing import say
from ..render.words import count_words
from ..run import check_completed
from ..watching.snapshot import WatchPhase
from ..watching.started_later import LaterWatch
from ..watching.watch import RunWatch
from .watch_words import label_of_watch

BY_INTERRUPT = "interrupted"
_NAMED = 20
"""Runs that a sentence names; of a thousand it says how many more there are."""
_UNSTARTED = (WatchPhase.TO_START, WatchPhase.NOT_STARTED)


def wait_for_all(watches: list[RunWatch], *, nested: bool = False) -> list[PuffleError | None]:
    """Wait until every watch is done, however it ended; its view says how.

    Args:
        watches: the watches to wait for.
        nested: see `RunWatch.wait`.

    Returns:
        Why each has no completed run; None where it has: for `check_all`.

    Raises:
        KeyboardInterrupt: with words that say the watches go on.
        ApprovalNeeded: a call waits for a decision, which nobody can make meanwhile.
    """
    try:
        return [_failure(watch, nested) for watch in watches]
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(watches)) from None


def _interrupted(watches: list[RunWatch]) -> str:
    """Start no more, and say what goes on and what does not."""
    for watch in watches:
        if isinstance(watch, LaterWatch):
            watch.start_no_more(BY_INTERRUPT)
    unstarted = sum(watch.snapshot.phase in _UNSTARTED for watch in watches)
    names = [one.run_id for one in watches if not one.done and one.snapshot.phase not in _UNSTARTED]
    said = f"stopped waiting; still watching {_listed(names) or 'nothing'} in the background."
    if not unstarted:
        return said
    return f"{said} {count_words(unstarted, 'row')} not started: run the cell again to go on."


def check_all(watches: list[RunWatch], failures: list[PuffleError | None]) -> None:
    """Raise the first of ``failures``, if there is one; its words name the others too.

    Args:
        watches: what was waited for.
        failures: what `wait_for_all` returned for them.

    Raises:
        PuffleError: why a run did not complete.
    """
    failed = [(watch, error) for watch, error in zip(watches, failures, strict=True) if error is not None]
    if not failed:
        return
    (_, first), *others = failed
    if not others:
        raise first
    named = copy.copy(first)  # what every other wait for this run raises stays as it is
    words = _listed([f"{watch.run_id} ({label_of_watch(watch.snapshot).word})" for watch, _ in others])
    named.args = (f"{first} Not completed either: {words}.",)
    raise named


def _listed(words: list[str]) -> str:
    """The first of ``words``, and how many more there are."""
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _failure(watch: RunWatch, nested: bool) -> PuffleError | None:
    """Why ``watch`` has no completed run; None when it has."""
    try:
        check_completed(watch.wait(nested=nested))
    except ApprovalNeeded:
        raise
    except PuffleError as error:
        return error
    return None


def wait_at_end_of_cell(shell: Any, watch: RunWatch, then: Callable[[], None] | None = None) -> None:
    """Put the wait off to the end of the running cell, so that several views in one cell wait together.

    Args:
        shell: the InteractiveShell that runs the cell.
        watch: the watch to wait for.
        then: called when all of them ended.
    """
    waits = _waits.get(shell)
    if waits is None:
        waits = _waits[shell] = _WaitsOfCell()
        shell.events.register(_end_of_cell(shell), waits.wait)
    waits.watches.append(watch)
    if then is not None:
        waits.then.append(then)


def is_waited_for(shell: Any, watch: RunWatch) -> bool:
    """Whether the cell that runs waits at its end for ``watch``, or will."""
    waits = None if shell is None else _waits.get(shell)
    return waits is not None and watch in (*waits.watches, *waits.waited_for)


def forget_waits(shell: Any) -> None:
    """Wait for nothing any more: what ``%unload_ext`` calls."""
    waits = _waits.pop(shell, None)
    if waits is not None:
        shell.events.unregister(_end_of_cell(shell), waits.wait)


def _end_of_cell(shell: Any) -> str:
    """The event to wait at. At the end of a file that terminal IPython runs there is only the second."""
    return "post_run_cell" if getattr(shell, "kernel", None) is not None else "post_execute"


class _WaitsOfCell:
    def __init__(self) -> None:
        self.watches: list[RunWatch] = []
        self.then: list[Callable[[], None]] = []
        self.waited_for: list[RunWatch] = []

    def wait(self, *_: object) -> None:
        self.waited_for, self.watches = self.watches, []
        then, self.then = self.then, []
        try:
            wait_for_all(self.waited_for)
        except KeyboardInterrupt as interrupt:
            say(str(interrupt))
            return
        except ApprovalNeeded as needed:  # the cell is over: nothing can fail it any more
            say(str(needed))
        finally:
            self.waited_for = []
        for print_end in then:
            print_end()


_waits: weakref.WeakKeyDictionary[Any, _WaitsOfCell] = weakref.WeakKeyDictionary()
