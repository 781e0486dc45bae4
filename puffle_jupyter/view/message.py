"""One message: who speaks, then its parts in order."""

from __future__ import annotations

import html
from collections.abc import Collection

from ..transcript.ledger import FOLDED_ROLES
from ..transcript.model import (
    DataPart,
    FilePart,
    Message,
    NotePart,
    Part,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from . import markdown, style
from .escape import escaped, label, plain_label
from .fold import Limits, details, markdown_block, small, text_block
from .style import Tone, pill
from .tool_call import json_block, tool_call
from .visible import shortened
from .words import call_title, count_words

_SYMBOL_BY_ROLE = {"user": "◇", "assistant": "◆", "system": "□", "developer": "□", "tool": "▪"}
_MESSAGE = "margin:14px 0 0"
_REASONING = f"{style.QUOTE};margin-top:4px"
_USER = f"margin:2px 0 0;padding:8px 12px 1px;background:{style.GROUND};border-radius:8px"


def message(
    message: Message,
    limits: Limits,
    *,
    answered: Collection[Part] = (),
    after: Message | None = None,
    is_open: bool = False,
) -> str:
    """HTML of one message.

    Args:
        limits: how much of a long text to hold.
        answered: text parts that stand above as the answer, and are only pointed at here.
        after: the message shown before; the same role goes on without a new label.
        is_open: it stands in no closed fold.
    """
    if not message.parts:
        return _labelled(message, small("(empty)"))
    if all(isinstance(part, ToolResultPart) for part in message.parts) and message.role == "tool":
        return ""
    is_open = is_open and message.role not in FOLDED_ROLES
    parts = "".join(_part(part, limits, answered, is_open) for part in message.parts)
    if message.role in FOLDED_ROLES:
        size = sum(len(part.text) for part in message.parts if isinstance(part, TextPart))
        return (
            f'<div style="{_MESSAGE}">{details(_role(message, count_words(size, "character")), parts)}</div>'
        )
    if message.role == "user":
        parts = f'<div style="{_USER}">{parts}</div>'
    return parts if after is not None and after.role == message.role else _labelled(message, parts)


def carries_only_results(message: Message) -> bool:
    """Whether all it says stands with the calls it answers."""
    return (
        message.role == "tool"
        and bool(message.parts)
        and all(isinstance(part, ToolResultPart) for part in message.parts)
    )


def _labelled(message: Message, content: str) -> str:
    return f'<div style="{_MESSAGE}"><div>{_role(message)}</div>{content}</div>'


def _role(message: Message, beside: str = "") -> str:
    symbol = _SYMBOL_BY_ROLE.get(message.role, "▫")
    role = html.escape(shortened(plain_label(message.role) or "(no role)", 60))
    return f'<b style="{style.SMALL}">{symbol} {role}</b>{f" {small(beside)}" if beside else ""}'


def _part(part: Part, limits: Limits, answered: Collection[Part], is_open: bool) -> str:
    match part:
        case TextPart():
            if any(part is shown for shown in answered):
                return f'<p style="{style.PARAGRAPH}">{small("↑ the answer above")}</p>'
            return markdown_block(part.text, limits, is_open=is_open)
        case ReasoningPart():
            return _reasoning(part, limits)
        case ToolCallPart():
            return tool_call(part.call, limits)
        case ToolResultPart():
            name = html.escape(call_title(part.call.name))
            return f'<p style="{style.PARAGRAPH}">{small(f"result of {name}: shown with its call")}</p>'
        case FilePart():
            return _line(f"▤ {_file(part)}")
        case SourcePart():
            return _line(f"↗ {_source(part)}")
        case NotePart():
            return _line(
                small(f"{label(part.label)}: {label(part.text, 400)}" if part.text else label(part.label))
            )
        case DataPart():
            return _data(part, limits)
        case UnknownPart():
            return _unknown(part, limits)


def _reasoning(part: ReasoningPart, limits: Limits) -> str:
    if part.redacted:
        return details(small("reasoning, hidden by the provider"), text_block(part.raw.pretty(), limits))
    said = small(f"reasoning, {count_words(len(part.text), 'character')}")
    # An edge of its own: opened, it must not read like the answer that follows it.
    return details(said, f'<div style="{_REASONING}">{markdown_block(part.text, limits)}</div>')


def _data(part: DataPart, limits: Limits) -> str:
    return f'<div style="margin:6px 0">{small(label(part.label))}{json_block(part.data, limits)}</div>'


def _unknown(part: UnknownPart, limits: Limits) -> str:
    said = f"{pill('? unknown part', Tone.UNKNOWN)} {small(label(part.label))}"
    return f'<div style="margin:6px 0">{said}{text_block(part.raw.pretty(), limits)}</div>'


def _file(part: FilePart) -> str:
    facts = [label(part.media_type)] if part.media_type else []
    facts += [count_words(part.size, "byte")] if part.size is not None else []
    name = label(part.name) if part.name else "file without a name"
    said = f"<b>{name}</b> {small(' · '.join(facts))}" if facts else f"<b>{name}</b>"
    return f"{said} {small(link(part.url, part.url))}" if part.url else said


def _source(part: SourcePart) -> str:
    if not part.url:
        return label(part.title or "source without a title", 200)
    shown = link(part.url, part.title or part.url)
    return f"{shown} {small(label(part.url, 200))}" if part.title else shown


def link(url: str, text: str) -> str:
    """A link when ``url`` is an absolute web or mail address; otherwise the words alone."""
    address, said = plain_label(url), label(text, 200)
    if not markdown.is_allowed_address(address):
        return said
    return (
        f'<a style="{style.LINK}" target="_blank" rel="noopener noreferrer nofollow" '
        f'href="{escaped(address)}">{said}</a>'
    )


def _line(content: str) -> str:
    return f'<div style="margin:4px 0 8px">{content}</div>'
