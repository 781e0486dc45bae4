"""The live badge: two short strings, so that a tick of the clock sends only the second."""

from __future__ import annotations

import html

from ..api.run import Run
from ..watching.snapshot import WatchPhase, WatchSnapshot
from .escape import label
from .style import NAME, QUIET, UNSEEN, in_widget, pill
from .words import clock_words, status_pill, trouble_words, watch_pill

# Announced when it changes; the clock, which says it with the time, would be announced each second.
_IN_THE_WAY = {
    phase: f", {phase.value}"
    for phase in (WatchPhase.RATE_LIMITED, WatchPhase.UNREACHABLE, WatchPhase.NOT_FOUND)
} | {WatchPhase.STOPPED: ", stopped watching; the run goes on"}

_CLOCK = f"font-size:13px;{QUIET};white-space:nowrap"
_ID = f"{NAME};margin:0 6px 0 2px"


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
    return f'<span style="{_CLOCK}">{clock_words(snapshot, now)}</span>{trouble}'


def live_status(snapshot: WatchSnapshot) -> str:
    """`badge_status` for a widget, where a change is announced: also what stands in the way, out of sight."""
    what = _IN_THE_WAY.get(snapshot.phase)
    unseen = f'<span style="{UNSEEN}">{what}</span>' if what else ""
    return in_widget(f"{badge_status(snapshot)}{unseen}", announced=True)


def live_clock(snapshot: WatchSnapshot, now: float) -> str:
    """`badge_clock` for a widget."""
    return in_widget(badge_clock(snapshot, now))


def run_badge(run: Run) -> str:
    """The badge of a run that nobody watches: pill and run id."""
    shown = status_pill(run.status, run.status_text)
    return f"{pill(html.escape(str(shown)), shown.tone)} {_id(run.run_id)}"


def _id(run_id: str) -> str:
    return f'<code style="{_ID}">{label(run_id, 80)}</code>'
