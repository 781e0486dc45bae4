"""Several tool calls in a row as one box: a line each; its title says what they are and what failed."""

from __future__ import annotations

import functools
import html
from collections.abc import Sequence

from ...transcript.model import ToolCall
from ..limits import Limits, series
from ..words import calls_title, failed_words
from . import style
from .anchors import NO_IDS, Anchors
from .fold import left_out, small
from .marks import is_open_fold
from .part_classes import GROUP, attribute
from .tool_call import tool_call

MOST_OPEN = 12
"""Calls of a group that is open: its lines are about a screenful."""

_BOX = f"margin:6px 0 8px;border:1px solid {style.LINE};border-radius:8px;overflow:hidden"
_TITLE = f"{style.SUMMARY};padding:5px 10px;background:{style.BACKGROUND}"
_LINE = f"margin:0;border-top:1px solid {style.LINE}"


def call_group(calls: Sequence[ToolCall], limits: Limits, anchors: Anchors = NO_IDS) -> str | None:
    """The ``calls`` in one fold; None when there is room for none of them."""
    shown = list(series(calls, functools.partial(tool_call, box=_LINE, anchors=anchors), limits))
    if not shown:
        return None
    failed = failed_words(calls)
    title = small(html.escape(calls_title(calls)))
    title += f' <b style="font-size:12px;{style.BOLD}">({failed})</b>' if failed else ""
    content = "".join(shown) + left_out(len(shown), len(calls), "tool call", limits)
    opened = " open" if is_open_fold(content, limits, is_open=len(calls) <= MOST_OPEN) else ""
    start = f'<details{attribute(GROUP, anchors)} style="{_BOX}"{opened}>'
    return f'{start}<summary style="{_TITLE}">{title}</summary>{content}</details>'
