"""The live badge: two short strings, so that a tick of the clock sends only the second."""

from __future__ import annotations

import html

from ..api.run import Run
from ..watching.snapshot import WatchSnapshot
from .escape import label
from .style import NAME, QUIET, pill
from .words import clock_words, status_pill, trouble_words, watch_pill


def badge(snapshot: WatchSnapshot, now: float) -> str:
    """The whole badge line at ``now``, seconds of the watch's clock."""
    return f"{badge_status(snapshot)} {badge_clock(snapshot, now)}"


def badge_status(snapshot: WatchSnapshot) -> str:
    """Pill and run id: the same string until the status changes."""
    return f"{pill(html.escape(str(watch_pill(snapshot))), watch_pill(snapshot).tone)} {_id(snapshot.run_id)}"


def badge_clock(snapshot: WatchSnapshot, now: float) -> str:
    """Elapsed time, polls and whatever is in the way, at ``now``."""
    what, then = (html.escape(words) for words in trouble_words(snapshot, now))
    trouble = f" · {f'<b>{what}</b>' if what else ''}{then}" if what or then else ""
    return f'<span style="font-size:13px;{QUIET}">{clock_words(snapshot, now)}</span>{trouble}'


def run_badge(run: Run) -> str:
    """The badge of a run that nobody watches: pill and run id."""
    shown = status_pill(run.status, run.status_text)
    return f"{pill(html.escape(str(shown)), shown.tone)} {_id(run.run_id)}"


def _id(run_id: str) -> str:
    return f'<code style="{NAME}">{label(run_id, 80)}</code>'
