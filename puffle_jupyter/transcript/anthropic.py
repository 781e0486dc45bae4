"""Messages of Anthropic's Messages API: results are blocks inside a user's message."""

from __future__ import annotations

from collections.abc import Mapping

from ..json_value import JsonValue
from .content import ReadPart, by_type, failure, joined_texts, read_content, read_file, read_text, success
from .model import FilePart, ReasoningPart, SourcePart
from .sightings import Draft, DraftPart, Outcome, ToolSighting
from .wire import WireMessage, WirePart, boolean_of, present, read_arguments, text_of

SHAPE = "Anthropic message"

_RESULT_SUFFIX = "_tool_result"


def recognises(message: WireMessage) -> bool:
    if message.role is None:
        return False
    return "stop_reason" in message.fields or any(_is_telling(part) for part in message.content or ())


def _is_telling(part: WirePart) -> bool:
    if part.type in ("image", "document"):
        return "source" in part.fields
    return part.type in _TELLING or part.type.endswith(_RESULT_SUFFIX)


def read(message: WireMessage) -> Draft:
    parts = read_content(message, read_part)
    return Draft(message.role or "unknown", parts, message.raw, SHAPE, text_of(message.fields, "id"))


def read_part(part: WirePart) -> DraftPart | None:
    if part.type.endswith(_RESULT_SUFFIX):
        return _result(part)
    return by_type(part, _PARTS)


def read_listed(item: WirePart) -> ToolSighting | None:
    """A tool block in the top-level ``toolCalls``."""
    read = read_part(item)
    return read if isinstance(read, ToolSighting) else None


def _call(part: WirePart) -> ToolSighting | None:
    name = text_of(part.fields, "name")
    if name is None:
        return None
    arguments, notes = read_arguments(part.fields.get("input"), always_json=False)
    return ToolSighting(
        raw=part.raw,
        name=name,
        id=text_of(part.fields, "id"),
        is_call=True,
        arguments=arguments,
        title=text_of(part.fields, "server_name"),
        provider_executed=part.type != "tool_use",
        notes=notes,
    )


def _result(part: WirePart) -> ToolSighting | None:
    call_id = text_of(part.fields, "tool_use_id")
    if call_id is None and "content" not in part.fields:
        return None
    return ToolSighting(part.raw, "", call_id, is_call=False, outcome=_outcome(part))


def _outcome(part: WirePart) -> Outcome:
    content = part.fields.get("content")
    if content is None:
        return failure(None) if boolean_of(part.fields, "is_error") else success(None)
    if boolean_of(part.fields, "is_error") or _is_error(content):
        return failure(joined_texts(content))
    return success(joined_texts(content))


def _is_error(content: JsonValue) -> bool:
    """Server tools fail with an object such as ``{"type": "web_search_tool_result_error", …}``."""
    return (text_of(content.members(), "type") or "").endswith("_tool_result_error")


def _thinking(part: WirePart) -> ReasoningPart | None:
    text = text_of(part.fields, "thinking")
    return None if text is None else ReasoningPart(text, part.raw)


def _redacted_thinking(part: WirePart) -> ReasoningPart:
    return ReasoningPart("", part.raw, redacted=True)


def _file(part: WirePart) -> FilePart | None:
    source = part.fields.get("source")
    if source is None:
        return None
    members = source.members()
    fields = {**members, **{key: value for key, value in part.fields.items() if key in ("title", "name")}}
    return read_file(part.raw, fields, present(members, "data", "url"), part.type)


def _search_result(part: WirePart) -> SourcePart | None:
    title, url = text_of(part.fields, "title"), text_of(part.fields, "source")
    return None if title is None and url is None else SourcePart(title, url, part.raw)


_PARTS: Mapping[str, ReadPart] = {
    "text": read_text,
    "thinking": _thinking,
    "redacted_thinking": _redacted_thinking,
    "image": _file,
    "document": _file,
    "search_result": _search_result,
    "tool_use": _call,
    "server_tool_use": _call,
    "mcp_tool_use": _call,
    "tool_result": _result,
}
_TELLING = frozenset(_PARTS) - {"text", "image", "document"}
