"""A tool call that waits for a decision: what it would do, nothing of it folded away."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from ...transcript.model import ToolCall
from ...transcript.tables import find_rows
from ..limits import Limits
from ..words import call_title, count_words
from . import style
from .escape import label
from .fold import small
from .style import Severity, status_label
from .tool_call import arguments, rows_table

_CARD = f"margin:10px 0;padding:10px 14px 4px;border:2px solid {Severity.CAUTION.value};border-radius:8px"
_LIMITS = Limits(block=60_000, output=400_000)
WAITS = "… waiting for you"
MOST = 20
"""Calls that wait and that one output shows: an agent can ask about thousands."""


def approval_card(call: ToolCall, said: str) -> str:
    """The card of ``call``.

    Args:
        call: a call that waits.
        said: what comes of it and how to decide, plain text of ours.
    """
    name = html.escape(call_title(call.name))
    heading = f"{status_label(WAITS, Severity.CAUTION)} <b>Puffle asks to run {name}</b>"
    facts = " · ".join([*([label(call.title)] if call.title else []), html.escape(said)])
    return (
        f'<div style="{_CARD}">{heading}<p style="{style.SMALL};margin:4px 0 8px">{facts}</p>'
        f'{_arguments(call)}<p style="{style.SMALL};margin:4px 0">call id {label(call.id or "")}</p></div>'
    )


def approval_cards(calls: Sequence[ToolCall], words: Callable[[ToolCall], str]) -> str:
    """The cards of ``calls``, of very many the first ones; ``words`` says how to decide about one."""
    cards = "".join(approval_card(call, words(call)) for call in calls[:MOST])
    more = more_calls(calls)
    return cards + (f'<p style="{style.PARAGRAPH}">{small(html.escape(more))}</p>' if more else "")


def more_calls(calls: Sequence[ToolCall]) -> str:
    """What is said of the calls that one output does not show; "" when it shows all."""
    return f"and {count_words(len(calls) - MOST, 'more call')}: watch.pending" if len(calls) > MOST else ""


def _arguments(call: ToolCall) -> str:
    if call.arguments_json is None:
        return f'<p style="{style.PARAGRAPH}">{small("without arguments")}</p>'
    rows = find_rows(call.arguments_json)
    if rows is None or not rows.rows:
        return arguments(call.arguments_json, _LIMITS)
    beside = "".join(
        f'<p style="{style.SMALL};margin:2px 0">{label(key, 60)}: {label(value.compact(), 300)}</p>'
        for key, value in rows.beside
    )
    return f"{beside}{rows_table(rows, _LIMITS)}"
