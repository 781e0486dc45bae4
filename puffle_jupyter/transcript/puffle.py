"""Rows of ``GET /api/lists/{id}/messages``: how Puffle itself stores a transcript (docs.puffle.ai)."""

from __future__ import annotations

import re

from ..json_value import JsonValue
from . import ai_sdk, listed
from .content import failure, open_items, read_content, success
from .model import NotePart, TextPart, UnknownPart
from .sightings import Draft, DraftPart, ToolSighting
from .wire import Fields, WireMessage, boolean_of, has_some, present, text_of

SHAPE = "Puffle list row"

_PROFILE_DATA = re.compile(r"<!--\s*PROFILE_DATA:.*?(?:END_PROFILE_DATA\s*-->|\Z)", re.DOTALL)


def without_profile_data(text: str) -> str:
    """``text`` without the agent's internal ``<!-- PROFILE_DATA:…:END_PROFILE_DATA -->`` blocks.

    A block that was cut off reaches to the end of the text.
    """
    if "PROFILE_DATA:" not in text:
        return text
    return _PROFILE_DATA.sub("", text)


def strip_profile_data(part: DraftPart) -> DraftPart:
    """The part of an assistant's message as people should read it; a text of nothing else is a note."""
    if not isinstance(part, TextPart) or "PROFILE_DATA:" not in part.text:
        return part
    text = without_profile_data(part.text)
    if text.strip() or not part.text.strip():
        return TextPart(text, part.raw)
    return NotePart("agent state", "internal data of the agent, kept in the raw view", part.raw)


def recognises(message: WireMessage) -> bool:
    return message.role is not None and message.parts is None and not _FIELDS.isdisjoint(message.fields)


_FIELDS = frozenset({"toolCalls", "toolResult"})


def read(message: WireMessage) -> Draft:
    fields = message.fields
    parts = read_content(message, ai_sdk.read_part)
    items, rest = open_items(fields.get("toolCalls"), "toolCalls")
    parts += [listed.read_item(item) or UnknownPart("item of toolCalls", item.raw) for item in items]
    parts += rest
    if has_some(fields, "toolResult"):
        parts.append(_result(fields["toolResult"]))
    return Draft(message.role or "unknown", parts, message.raw, SHAPE, text_of(fields, "id"))


def _result(value: JsonValue) -> ToolSighting:
    """A row's ``toolResult``, documented as an object and no more: paired by order where it names nothing."""
    fields = value.members()
    name, call_id = text_of(fields, "toolName", "name"), text_of(fields, "toolCallId")
    wrapped = _wrapped(fields) if "toolName" in fields or call_id else None
    result = value if wrapped is None else wrapped
    failed = boolean_of(fields, "isError") or text_of(fields, "type") == "tool-error"
    return ToolSighting(
        raw=value,
        name=(name or "") if wrapped is not None else "",
        id=call_id,
        is_call=False,
        outcome=failure(result) if failed else success(result),
    )


def _wrapped(fields: Fields) -> JsonValue | None:
    return present(fields, "result", "output", "error")
