"""How much of an ended run an output shows unfolded: the one home of that rule.

When a run ends, its output grows. A person who has gone on to another cell would have that cell pushed out of
the window by a whole transcript, so there the output gets the beginning of the answer and closed folds. Where
the cell that shows the run is what the person waits for or has just run, nothing is folded.
"""

from __future__ import annotations

from typing import Any

from ..render.arrangement import AS_IT_IS, BRIEF, Arrangement
from ..settings import TranscriptSetting, current_settings
from ..watching.snapshot import WatchSnapshot
from ..watching.watch import RunWatch
from .waiting import is_waited_for


def arrangement_of_ended(*, person_is_elsewhere: bool) -> Arrangement:
    """How an output arranges a run that has ended."""
    setting = current_settings.now.transcript
    is_closed = setting is TranscriptSetting.CLOSED
    if setting is TranscriptSetting.AUTO:
        is_closed = person_is_elsewhere
    return BRIEF if is_closed else AS_IT_IS


class Showing:
    """One showing of a watch by a cell: knows at the watch's end whether the person has gone on.

    Args:
        watch: the watch, as it is when the cell shows it.
        shell: the InteractiveShell that runs the cell; None where nobody runs cells.
    """

    def __init__(self, watch: RunWatch, shell: Any) -> None:
        self._watch = watch
        self._shell = shell
        self._had_ended = watch.snapshot.phase.is_final
        self._cell_goes_on = shell is None or not _is_handling_a_widget(shell)
        if shell is not None and self._cell_goes_on:
            self._notice_end_of_cell(shell)

    def arrangement(self, snapshot: WatchSnapshot) -> Arrangement:
        """How the output arranges the run now that it has ended with ``snapshot``."""
        return arrangement_of_ended(person_is_elsewhere=self._person_is_elsewhere(snapshot))

    def _person_is_elsewhere(self, snapshot: WatchSnapshot) -> bool:
        # Whose first poll found the run at its end: it had ended when the cell ran.
        had_ended = self._had_ended or snapshot.polls <= 1
        return not (had_ended or self._cell_goes_on or is_waited_for(self._shell, self._watch))

    def _notice_end_of_cell(self, shell: Any) -> None:
        def over(*_: object) -> None:
            shell.events.unregister("post_run_cell", over)
            self._cell_goes_on = False

        shell.events.register("post_run_cell", over)


def _is_handling_a_widget(shell: Any) -> bool:
    """Whether this is a click or the like, and no cell."""
    try:
        header = shell.kernel.get_parent()["header"]
    except (AttributeError, KeyError, TypeError):
        return False
    return bool(header.get("msg_type") == "comm_msg")
