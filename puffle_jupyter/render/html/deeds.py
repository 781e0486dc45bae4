"""What a run did, under its answer: a line of its tools, and one that leads to what failed."""

from __future__ import annotations

import html

from ..deeds import Deed, Deeds, failure_title
from ..limits import Limits, series
from . import style
from .anchors import Anchors
from .fold import details, small
from .tool_call import tool_call

_LINE = f"margin:6px 0 0;{style.SMALL}"
_ONE_LINE = "white-space:nowrap;overflow:hidden;text-overflow:ellipsis"
_ALERT = f"font-size:12px;padding-left:6px;border-left:3px solid {style.Severity.BAD.value}"
_FAILED = f"margin:2px 0 0;font-size:12px;padding-left:8px;border-left:3px solid {style.Severity.BAD.value}"


def deeds_html(deeds: Deeds, anchors: Anchors, *, is_brief: bool = False) -> str:
    """The lines as html, each part a link where the page has ids; "" when there were no calls.

    Where an output must stay low, it is the first one alone, with as much of it as fits the width.
    """
    if not deeds.shown:
        return ""
    parts = [*(_deed(deed, anchors) for deed in deeds.shown), *filter(None, (html.escape(deeds.more),))]
    line = " · ".join(parts)
    if is_brief:
        return f'<p style="{_LINE};{_ONE_LINE}">{line}</p>'
    folded = deeds.are_many and not anchors.is_page  # by `failed_calls_html`
    return f'<p style="{_LINE}">{line}</p>{"" if folded else _failures(deeds, anchors)}'


def failed_calls_html(deeds: Deeds, limits: Limits) -> str:
    """The calls that failed, once more, in a fold: of a hundred calls nobody finds four. "" without any.

    A notebook has no ids, and so no links to them.
    """
    if not deeds.failures:
        return ""
    calls = list(series(deeds.failures, tool_call, limits.before(1)))
    more = f" ({html.escape(deeds.more_failures)} below)" if deeds.more_failures else ""
    return details(f'<b style="{_ALERT}">{html.escape(deeds.failed)}</b>{more}', "".join(calls), limits)


def _deed(deed: Deed, anchors: Anchors) -> str:
    words = anchors.link(deed.call, html.escape(deed.words))
    if not deed.outcome:
        return words
    return f"{words} ({anchors.link(deed.outcome_call, html.escape(deed.outcome))})"


def _failures(deeds: Deeds, anchors: Anchors) -> str:
    if not deeds.failures:
        return ""
    named = [
        f"{anchors.link(call, f'run.calls[{call.index}]')} {small(html.escape(failure_title(call)))}"
        for call in deeds.failures
    ]
    named += [html.escape(deeds.more_failures)] if deeds.more_failures else []
    return f'<p style="{_FAILED}"><b>{html.escape(deeds.failed)}</b>: {", ".join(named)}</p>'
