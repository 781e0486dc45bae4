"""Messages of Anthropic's Messages API: results are blocks inside a user's message."""

from __future__ import annotations

from collections.abc import Mapping

from ...json_value import JsonValue
from ..calls.observed import Draft, DraftPart, Outcome, ToolObservation
from ..model import DataPart, FilePart, ReasoningPart, SourcePart
from .fields import Fields, WireMessage, WirePart, boolean_of, present, read_arguments, text_of
from .keys import OBJECT, Keys
from .parts import ReadPart, by_type, failure, joined_texts, read_content, read_file, read_text, success

NAME = "Anthropic message"
KEYS: Keys = {"container": OBJECT, "context_management": OBJECT, "stop_details": OBJECT}

_RESULT_SUFFIX = "_tool_result"


def recognises(message: WireMessage) -> bool:
    """Whether ``message`` is certainly in this format."""
    if message.role is None:
        return False
    return "stop_reason" in message.fields or any(_is_distinctive(part) for part in message.content or ())


def _is_distinctive(part: WirePart) -> bool:
    if part.type in ("image", "document"):
        return "source" in part.fields
    if part.type == "text":
        return "citations" in part.fields
    return part.type in _DISTINCTIVE or part.type.endswith(_RESULT_SUFFIX)


def read(message: WireMessage) -> Draft:
    """Read a message; see `WireFormat.read`."""
    parts = read_content(message, read_part)
    if message.content is not None and any(part.type in _WITH_MORE for part in message.content):
        both = zip(message.content, parts, strict=True)
        parts = [one for part, draft in both for one in (draft, *_more(part))]
    return Draft(message.role or "unknown", parts, message.raw, NAME, text_of(message.fields, "id"))


def read_part(part: WirePart) -> DraftPart | None:
    """Read a part; None when it is none of this format."""
    if part.type.endswith(_RESULT_SUFFIX):
        return _result(part)
    return by_type(part, _PARTS)


def read_listed(item: WirePart) -> ToolObservation | None:
    """A tool block in the top-level ``toolCalls``."""
    read = read_part(item)
    return read if isinstance(read, ToolObservation) else None


def _call(part: WirePart) -> ToolObservation | None:
    name = text_of(part.fields, "name")
    if name is None:
        return None
    arguments, notes = read_arguments(part.fields.get("input"), always_json=False)
    return ToolObservation(
        raw=part.raw,
        name=name,
        id=text_of(part.fields, "id"),
        is_call=True,
        arguments=arguments,
        title=text_of(part.fields, "server_name"),
        provider_executed=part.type != "tool_use",
        notes=notes,
    )


def _result(part: WirePart) -> ToolObservation | None:
    call_id = text_of(part.fields, "tool_use_id")
    if call_id is None and "content" not in part.fields:
        return None
    return ToolObservation(part.raw, "", call_id, is_call=False, outcome=_outcome(part))


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


def _more(part: WirePart) -> list[DraftPart]:
    """Citations under a text, and the text of a document: what `read_part` has no room for."""
    fields = part.fields
    if part.type == "text" and "citations" in fields:
        return [_citation(item) for item in fields["citations"].items()]
    if part.type == "search_result" and "content" in fields:
        body = joined_texts(fields["content"])
    elif part.type == "document" and "source" in fields:
        source = fields["source"].members()
        if text_of(source, "type") not in ("text", "content"):
            return []
        data = present(source, "data", "content")
        body = joined_texts(data) if data is not None else JsonValue.of("")
    else:
        return []
    is_empty = body.encoded in (b"null", b'""', b"[]")
    return [] if is_empty else [DataPart(f"text of the {_NOUNS[part.type]}", body, body)]


def _citation(item: JsonValue) -> SourcePart:
    cited = item.members()
    title, url = text_of(cited, "title", "document_title"), text_of(cited, "url", "source")
    place = _place(cited)
    named = ", ".join(word for word in (title, place) if word) or None
    return SourcePart(named, url, item, text_of(cited, "cited_text") or "")


def _place(cited: Fields) -> str:
    """Where in a document: the end is exclusive (docs.anthropic.com, "Citations")."""
    first, end = (
        cited[key].python() if key in cited else None for key in ("start_page_number", "end_page_number")
    )
    if not isinstance(first, int) or not isinstance(end, int):
        return ""
    return f"page {first}" if end <= first + 1 else f"pages {first} to {end - 1}"


_WITH_MORE = frozenset({"text", "search_result", "document"})
_NOUNS = {"search_result": "search result", "document": "document"}
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
_DISTINCTIVE = frozenset(_PARTS) - {"text", "image", "document"}
