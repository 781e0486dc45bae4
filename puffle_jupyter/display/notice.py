"""One notice when all runs have ended, from the terminal that shows them.

A browser asks for permission to notify, and that takes a script in the page. No output of ours holds one, so
in a notebook there is no notice, and that is said.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from ..board.rows import Counts
from ..printing import is_terminal, say
from ..watching.watch import RunWatch
from .board_rows import stage_of

_NOT_HERE = (
    "--notify does nothing here: a browser notifies for pages with a script, and our outputs hold none. "
    "To be told, run .wait() in a cell, with an extension that notifies when a cell ends."
)
_WITHOUT_ESCAPES = ("", "dumb", "linux")
"""Values of TERM whose terminals would print a notification as text, or have nowhere to show it."""


def notify_when_done(watches: Sequence[RunWatch]) -> None:
    """Notify once, when every one of ``watches`` is done; where that cannot be, say so now.

    The terminal shows it, if it knows OSC 9, as its own notification, also while another window is in front.
    """
    if not is_terminal():
        say(_NOT_HERE)
        return
    lock = threading.RLock()
    unfinished = set(watches)

    def ended(watch: RunWatch) -> None:
        with lock:
            unfinished.discard(watch)
            is_last = not unfinished
        if is_last:
            _write(_notification(watches))

    for watch in list(unfinished):
        watch.add_done_callback(ended)


def _notification(watches: Sequence[RunWatch]) -> str:
    """The escape sequence; only words of ours, for some terminals read more than text in it."""
    if os.environ.get("TERM", "xterm") in _WITHOUT_ESCAPES:
        return "\a"
    counts = Counts.by(stage_of(watch.snapshot) for watch in watches)
    return f"\x1b]9;Puffle: {counts.title}, {counts.words().replace(' · ', ', ')}\a"


def _write(sequence: str) -> None:
    stream = sys.stdout
    if is_terminal():
        stream.write(sequence)
        stream.flush()
