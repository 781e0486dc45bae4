"""The live badge: two short strings, so that a tick of the clock sends only the second."""

from __future__ import annotations

import html

from ..render.html.badge import identifier
from ..render.html.style import QUIET, UNSEEN, bold, in_widget, status_label
from ..watching.snapshot import WatchPhase, WatchSnapshot
from .watch_words import clock_words, failure_words, label_of_watch, polls_words, static_words

# Announced when it changes; the clock, which says it with the time, would be announced each second.
_IN_THE_WAY = {
    phase: f", {phase.value}"
    for phase in (
        WatchPhase.RATE_LIMITED,
        WatchPhase.ERROR_ANSWER,
        WatchPhase.UNREACHABLE,
        WatchPhase.NOT_FOUND,
    )
} | {WatchPhase.STOPPED: ", stopped watching; the run continues"}

_CLOCK = f"font-size:13px;{QUIET}"
_ONE_LINE = "height:1.5em;overflow:hidden"


def static_badge(snapshot: WatchSnapshot, as_of: str) -> str:
    """The whole badge line of an output that nothing updates; ``as_of`` is the time of day."""
    what, then = (html.escape(words) for words in static_words(snapshot, as_of))
    separator = " · " if what and not snapshot.phase.is_final else ""
    words = f"{bold(what) if what else ''}{separator}{then}"
    return (
        f'{badge_status(snapshot)} <span style="{_CLOCK}">{words}</span>' if words else badge_status(snapshot)
    )


def badge_status(snapshot: WatchSnapshot) -> str:
    """The label and the run id: the same string until the status changes."""
    shown = label_of_watch(snapshot)
    return f"{status_label(html.escape(str(shown)), shown.severity)} {identifier(snapshot.run_id)}"


def badge_clock(snapshot: WatchSnapshot, now: float) -> str:
    """Elapsed time, polls and whatever is in the way, at ``now``; no numbers once the watch ended."""
    what, then = (html.escape(words) for words in failure_words(snapshot, now))
    failure = f"{f'<b>{what}</b>' if what else ''}{then}"
    if snapshot.phase.is_final:  # a saved notebook is the same when it is executed again
        return f'<span style="{_CLOCK}">{failure}</span>' if failure else ""
    separator = " · " if failure else ""
    clock = f'<span style="{_CLOCK}" title="{polls_words(snapshot)}">{clock_words(snapshot, now)}</span>'
    return f"{clock}{separator}{failure}"


def live_status(snapshot: WatchSnapshot) -> str:
    """`badge_status` for a widget, where a change is announced: also what is in the way, out of sight."""
    what = _IN_THE_WAY.get(snapshot.phase)
    unseen = f'<span style="{UNSEEN}">{what}</span>' if what else ""
    return in_widget(f"{badge_status(snapshot)}{unseen}", announced=True)


def live_clock(snapshot: WatchSnapshot, now: float) -> str:
    """`badge_clock` for a widget: in one line while polls fail, for that passes and must move no cell."""
    clock = badge_clock(snapshot, now)
    return in_widget(f'<div style="{_ONE_LINE}">{clock}</div>' if snapshot.failure else clock)
