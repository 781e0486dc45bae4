"""Rows of ``GET /api/lists/{id}/messages``: the format in which Puffle stores a transcript.

Source: docs.puffle.ai.
"""

from __future__ import annotations

import re

from ...json_value import JsonValue
from ..calls.observed import Draft, DraftPart, ToolObservation
from ..model import StatePart, TextPart, UnknownPart
from . import ai_sdk
from .fields import Fields, WireMessage, boolean_of, has_some, present, text_of
from .keys import ANY, Keys
from .parts import failure, open_items, read_content, success
from .wire_format import ReadListed

NAME = "Puffle list row"
KEYS: Keys = {"toolCalls": ANY, "toolResult": ANY}

# An end marker closes the nearest start marker before it. A start marker without an end hides nothing.
_BLOCK_ENDS = re.compile(r"(?P<begin><!--\s*PROFILE_DATA:)|END_PROFILE_DATA\s*-->")


def split_profile_data(text: str) -> tuple[str, tuple[str, ...]]:
    """Separate the agent's internal state from ``text``.

    A block of state is a complete ``<!-- PROFILE_DATA:…:END_PROFILE_DATA -->``; an incomplete one is text.

    Returns:
        The text without the blocks, and the blocks in order.
    """
    if "END_PROFILE_DATA" not in text:
        return text, ()
    kept: list[str] = []
    blocks: list[str] = []
    done, begin = 0, -1
    for mark in _BLOCK_ENDS.finditer(text):
        if mark["begin"]:
            begin = mark.start()
        elif begin >= 0:
            kept.append(text[done:begin])
            blocks.append(text[begin : mark.end()])
            done, begin = mark.end(), -1
    return "".join([*kept, text[done:]]), tuple(blocks)


def without_profile_data(text: str) -> str:
    """Return ``text`` without the agent's internal state: see `split_profile_data`."""
    return split_profile_data(text)[0]


def separate_state(part: DraftPart) -> list[DraftPart]:
    """Split one part of an assistant's message into its text and the agent's internal state."""
    if not isinstance(part, TextPart):
        return [part]
    text, blocks = split_profile_data(part.text)
    if not blocks:
        return [part]
    state = StatePart("\n".join(blocks), part.raw)
    return [TextPart(text, part.raw), state] if text.strip() else [state]


def recognises(message: WireMessage) -> bool:
    """Whether the message has a role and the keys that only these rows have."""
    return message.role is not None and message.parts is None and not _FIELDS.isdisjoint(message.fields)


_FIELDS = frozenset({"toolCalls", "toolResult"})


def read(message: WireMessage, read_listed: ReadListed) -> Draft:
    """Read a stored row.

    Args:
        message: the row.
        read_listed: reads an item of the row's ``toolCalls``, which can be in any format.
    """
    fields = message.fields
    parts = read_content(message, ai_sdk.read_part)
    items, rest = open_items(fields.get("toolCalls"), "toolCalls")
    parts += [read_listed(item) or UnknownPart("item of toolCalls", item.raw) for item in items]
    parts += rest
    if has_some(fields, "toolResult"):
        parts.append(_result(fields["toolResult"]))
    return Draft(message.role or "unknown", parts, message.raw, NAME, text_of(fields, "id"))


def _result(value: JsonValue) -> ToolObservation:
    """Read a row's ``toolResult``, documented only as an object: without an id it is matched by order."""
    fields = value.members()
    name, call_id = text_of(fields, "toolName", "name"), text_of(fields, "toolCallId")
    wrapped = _wrapped(fields) if "toolName" in fields or call_id else None
    result = value if wrapped is None else wrapped
    failed = boolean_of(fields, "isError") or text_of(fields, "type") == "tool-error"
    return ToolObservation(
        raw=value,
        name=(name or "") if wrapped is not None else "",
        id=call_id,
        is_call=False,
        outcome=failure(result) if failed else success(result),
    )


def _wrapped(fields: Fields) -> JsonValue | None:
    return present(fields, "result", "output", "error")
