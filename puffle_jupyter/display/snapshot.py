"""A watch at one moment as html and as text: its badge, and the whole run once it ended. Pure functions."""

from __future__ import annotations

import textwrap

from ..render import text_output
from ..render.arrangement import AS_IT_IS, Arrangement
from ..render.html import style
from ..render.html.approval_card import MOST, approval_cards, more_calls
from ..render.html.fold import small
from ..render.html.run import BADGE_LINE, wrapped
from ..render.words import call_title
from ..transcript.model import ToolCall
from ..transcript.readable import readable
from ..untrusted import plain_label, terminal_safe
from ..watching.snapshot import WatchSnapshot
from .badge import static_badge
from .rendering import body_html, output_text
from .watch_words import (
    REASON_LIMIT,
    clock_words,
    decide_words,
    failure_words,
    label_of_watch,
    static_sentence,
    static_words,
    waiting_sentence,
)

_LONGEST_ARGUMENTS = 60_000
"""Characters of arguments in a text, as many as a card shows."""


def snapshot_fragment(snapshot: WatchSnapshot, as_of: str, arrangement: Arrangement = AS_IT_IS) -> str:
    """A watch in an output that nothing updates: badge, and once it ended the run, arranged.

    Args:
        snapshot: the watch.
        as_of: the time of day of ``snapshot``.
        arrangement: of the run.
    """
    line = f'<div style="{BADGE_LINE}">{static_badge(snapshot, as_of)}</div>'
    return wrapped(line + _snapshot_body(snapshot, arrangement, static_sentence(snapshot)))


def snapshot_body(snapshot: WatchSnapshot) -> str:
    """What is below the badge of `snapshot_fragment`."""
    return wrapped(_snapshot_body(snapshot, AS_IT_IS, waiting_sentence(snapshot)))


def _snapshot_body(snapshot: WatchSnapshot, arrangement: Arrangement, otherwise: str) -> str:
    run = snapshot.run
    if run is not None and run.status.is_terminal:
        return body_html(run, arrangement)
    said = f'<p style="{style.PARAGRAPH}">{small(otherwise)}</p>'
    if snapshot.waiting:
        return approval_cards(snapshot.waiting, decide_words) + said
    return said if run is None or not _is_unfinished(snapshot) else said + body_html(run, arrangement)


def _is_unfinished(snapshot: WatchSnapshot) -> bool:
    """Whether a stream ended before its answer did: then what arrived is shown."""
    return snapshot.is_stream and snapshot.phase.is_final


def badge_line(snapshot: WatchSnapshot, now: float, reason_limit: int = REASON_LIMIT) -> str:
    """The badge as one line: ``◐ running · run_abc · 12 s · 3 polls``."""
    what, then = failure_words(snapshot, now, reason_limit)
    parts = [str(label_of_watch(snapshot)), plain_label(snapshot.run_id), clock_words(snapshot, now)]
    return " · ".join([*parts, what + then] if what or then else parts)


def static_line(snapshot: WatchSnapshot, as_of: str) -> str:
    """The badge of an output that nothing updates as one line: ``◐ running · run_abc · as of 01:37:06``."""
    what, then = static_words(snapshot, as_of)
    ending = [what + then] if snapshot.phase.is_final else [what, then]
    return " · ".join([str(label_of_watch(snapshot)), plain_label(snapshot.run_id), *filter(None, ending)])


def static_text(snapshot: WatchSnapshot, as_of: str) -> str:
    """`snapshot_fragment` as text."""
    run = snapshot.run
    if run is None or not run.status.is_terminal:
        return text_without_end(snapshot, static_line(snapshot, as_of), static_sentence(snapshot))
    return output_text(run, static_line(snapshot, as_of))


def text_without_end(snapshot: WatchSnapshot, line: str, sentence: str) -> str:
    """A watch that has no ended run, as text: its calls that wait, or what arrived of a broken stream."""
    if snapshot.run is not None and _is_unfinished(snapshot):
        return f"{text_output.run_output(snapshot.run, line)}{sentence}"
    calls = [waiting_call_text(call, decide_words(call)) for call in snapshot.waiting[:MOST]]
    return "\n".join(filter(None, [line, *calls, more_calls(snapshot.waiting), sentence]))


def waiting_call_text(call: ToolCall, said: str) -> str:
    """A call that waits, as text, with its arguments; of very long ones the beginning."""
    asks = f"… Puffle asks to run {call_title(call.name)}: {said}"
    if call.arguments_json is None:
        return asks
    shown = terminal_safe(readable(call.arguments_json))
    more = len(shown) - _LONGEST_ARGUMENTS
    left_out = f"\n… {more:,} more characters: watch.pending" if more > 0 else ""
    return f"{asks}\n{textwrap.indent(shown[:_LONGEST_ARGUMENTS], '    ')}{left_out}"
