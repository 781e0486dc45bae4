"""One message: who speaks, then its parts in order."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable, Sequence

from ...safe_text import shortened
from ...transcript.ledger import FOLDED_ROLES
from ...transcript.model import Message, Part, TextPart, ToolCallPart
from ...untrusted import plain_label
from ..limits import Limits, series
from ..outline import block_of
from ..words import count_words
from . import style
from .anchors import NO_IDS, Anchors
from .block import block_html
from .call_group import call_group
from .fold import details, left_out, small
from .marks import marked
from .part_classes import classed

_MESSAGE = "margin:14px 0 0"
_FACTS = f"{style.SMALL};margin:8px 0 2px"
_USER = f"margin:2px 0 0;padding:8px 12px 1px;background:{style.BACKGROUND};border-radius:8px"


def message(
    message: Message,
    limits: Limits,
    *,
    after: Message | None = None,
    is_open: bool = False,
    indexes: Sequence[int] = (),
    anchors: Anchors = NO_IDS,
) -> str | None:
    """HTML of one message; None when there is room for no part of it.

    Args:
        message: what is rendered.
        limits: how much of a long text to hold.
        after: the message shown before; the same role goes on without a new label.
        is_open: it is in no closed fold.
        indexes: the places in the transcript of the messages that it stands for.
        anchors: the ids of the page.
    """
    ids = anchors.of_messages(indexes)
    if not message.parts:
        return _labelled(message, ids + small("(empty)"), limits)
    is_open = is_open and message.role not in FOLDED_ROLES
    pieces = [piece for _, alike in itertools.groupby(message.parts, _is_call) for piece in _pieces(alike)]
    shown = list(series(pieces, lambda some, room: _piece(some, room, is_open, anchors), limits))
    if not shown:
        return None
    count = sum(map(len, pieces[: len(shown)]))
    parts = ids + "".join(shown) + left_out(count, len(message.parts), "part", limits)
    if message.role in FOLDED_ROLES:
        size = sum(len(part.text) for part in message.parts if isinstance(part, TextPart))
        said = [count_words(size, "character"), *filter(None, [message.facts])]
        heading = _role(message, limits, " · ".join(said))
        return f'<div style="{_MESSAGE}">{details(heading, parts, limits)}</div>'
    if message.role == "user":
        parts = f'<div style="{_USER}">{parts}</div>'
    if after is None or after.role != message.role:
        return _labelled(message, parts, limits)
    if not message.facts:
        return parts
    return f'<div style="{_FACTS}">{marked(message.facts, limits)}</div>{parts}'


def _is_call(part: Part) -> bool:
    return isinstance(part, ToolCallPart)


def _pieces(alike: Iterable[Part]) -> list[list[Part]]:
    """Calls in a row are one piece, anything else is one each."""
    parts = list(alike)
    return [parts] if _is_call(parts[0]) else [[part] for part in parts]


def _piece(parts: list[Part], limits: Limits, is_open: bool, anchors: Anchors) -> str | None:
    if len(parts) > 1:
        return call_group([part.call for part in parts if isinstance(part, ToolCallPart)], limits, anchors)
    block = block_of(parts[0])
    return classed(block, block_html(block, limits, is_open, anchors), anchors)


def _labelled(message: Message, content: str, limits: Limits) -> str:
    return f'<div style="{_MESSAGE}"><div>{_role(message, limits, message.facts)}</div>{content}</div>'


def _role(message: Message, limits: Limits, beside: str = "") -> str:
    role = marked(html.escape(shortened(plain_label(message.role) or "(no role)", 60)), limits)
    return f'<b style="{style.HEADING}">{role}</b>{f" {small(marked(beside, limits))}" if beside else ""}'
