"""Messages of OpenAI's chat completions, and of the many servers that speak like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...json_value import JsonKind, JsonValue
from ..calls.observed import Draft, DraftPart, Outcome, ToolObservation
from ..model import FilePart, NotePart, ReasoningPart, SourcePart, TextPart, UnknownPart
from .fields import Fields, WireMessage, WirePart, has_some, present, read_arguments, read_result, text_of
from .keys import ANY, ARRAY, TEXT, Keys
from .parts import (
    ReadPart,
    by_type,
    failure,
    joined_texts,
    open_items,
    read_content,
    read_file,
    read_text,
    success,
)

NAME = "OpenAI chat message"
KEYS: Keys = {
    "tool_calls": ANY,
    "function_call": ANY,
    "tool_call_id": TEXT,
    "toolCallId": TEXT,
    "function": TEXT,
    "refusal": TEXT,
    "reasoning": TEXT,
    "reasoning_content": TEXT,
    "audio": ANY,
    "annotations": ARRAY,
    "source": TEXT,
}
"""AG-UI writes ``toolCallId``; inspect_ai names the tool in ``function``, the author in ``source``."""

_FIELDS = frozenset({"tool_calls", "function_call", "tool_call_id", "refusal", "reasoning_content"})
_RESULT_ROLES = ("tool", "function")


def recognises(message: WireMessage) -> bool:
    """Whether its keys, role or parts are OpenAI's own; a plain text may be anybody's."""
    if message.role is None:
        return False
    if not _FIELDS.isdisjoint(message.fields) or message.role in ("developer", "function"):
        return True
    if message.role == "tool":
        return message.content is None or message.types == {"text"}
    return not message.types.isdisjoint(_DISTINCTIVE) or any(
        part.type == "file" and "file" in part.fields for part in message.content or ()
    )


def read(message: WireMessage) -> Draft:
    """Read a message; see `WireFormat.read`."""
    fields = message.fields
    if message.role in _RESULT_ROLES and "content" in fields:
        content: list[DraftPart] = [_result(message.raw, fields)]
    else:
        content = read_content(message, read_part)
    parts = [*_reasoning(fields), *content, *_refusal(fields), *_audio(fields), *_calls(fields)]
    parts += _annotations(fields.get("annotations"))
    return Draft(message.role or "unknown", parts, message.raw, NAME, text_of(fields, "id"))


def read_part(part: WirePart) -> DraftPart | None:
    """Read a part; None when it is none of this format."""
    return by_type(part, _PARTS)


def read_listed(item: WirePart) -> ToolObservation | None:
    """An item of ``tool_calls``: a function's call, or a custom tool's with text for its input."""
    function = item.fields.get("function") or item.fields.get("custom")
    fields = item.fields if function is None else function.members()
    return _call(item.raw, fields, text_of(item.fields, "id", "call_id", "tool_call_id"))


def _call(raw: JsonValue, fields: Fields, call_id: str | None) -> ToolObservation | None:
    """A call from the object that holds its name; the arguments are JSON in a string, by the contract."""
    name = text_of(fields, "name")
    value = present(fields, "arguments", "args", "parameters", "input")
    if name is None or (value is None and text_of(raw.members(), "type") not in ("function", "custom")):
        return None
    arguments, notes = read_arguments(value, always_json="arguments" in fields)
    return ToolObservation(raw, name, call_id, is_call=True, arguments=arguments, notes=notes)


def _result(raw: JsonValue, fields: Fields) -> ToolObservation:
    return ToolObservation(
        raw=raw,
        name=text_of(fields, "name", "function") or "",
        id=text_of(fields, "tool_call_id", "toolCallId"),
        is_call=False,
        outcome=_outcome(fields),
    )


def _outcome(fields: Fields) -> Outcome:
    """What came of a call: AG-UI puts an ``error`` beside the content, LangChain a ``status``."""
    content = joined_texts(fields["content"])
    if has_some(fields, "error"):
        failed = failure(fields["error"])
        return (
            failed
            if content.is_null or content.string == ""
            else replace(failed, result=read_result(content))
        )
    return failure(content) if text_of(fields, "status") == "error" else success(content)


def _calls(fields: Fields) -> list[DraftPart]:
    items, parts = open_items(fields.get("tool_calls"), "tool_calls")
    parts += [read_listed(item) or UnknownPart("item of tool_calls", item.raw) for item in items]
    legacy = fields.get("function_call")
    if legacy is not None and not legacy.is_null:
        parts.append(_call(legacy, legacy.members(), None) or UnknownPart("function_call", legacy))
    return parts


def _reasoning(fields: Fields) -> list[DraftPart]:
    """The reasoning that servers other than OpenAI's put next to the content."""
    texts = {text_of(fields, key): fields[key] for key in ("reasoning", "reasoning_content") if key in fields}
    return [ReasoningPart(text, value) for text, value in texts.items() if text]


def _refusal(fields: Fields) -> list[DraftPart]:
    text = text_of(fields, "refusal")
    return [NotePart("refusal", text, fields["refusal"])] if text else []


def _audio(fields: Fields) -> list[DraftPart]:
    audio = fields.get("audio")
    if audio is None or audio.is_null:
        return []
    members = audio.members()
    transcript = text_of(members, "transcript")
    if transcript is not None:
        return [TextPart(transcript, audio)]
    return [read_file(audio, members, members.get("data"), "audio")]


def _annotations(value: JsonValue | None) -> list[DraftPart]:
    """The sources that a message cites; an annotation that is none is labelled JSON."""
    cited = read_citations(value)
    known = {part.raw for part in cited}
    items = [] if value is None else value.items()
    return [*cited, *(UnknownPart("annotation", item) for item in items if item not in known)]


def read_citations(value: JsonValue | None) -> list[DraftPart]:
    """The sources that a text's ``annotations`` cite."""
    items, _ = open_items(None if value is None or value.kind is not JsonKind.ARRAY else value, "annotations")
    parts: list[DraftPart] = []
    for item in items:
        cited = item.fields["url_citation"].members() if "url_citation" in item.fields else item.fields
        title, url = text_of(cited, "title", "filename"), text_of(cited, "url")
        if title is not None or url is not None:
            parts.append(SourcePart(title, url, item.raw))
    return parts


def _refusal_part(part: WirePart) -> NotePart | None:
    text = text_of(part.fields, "refusal")
    return None if text is None else NotePart("refusal", text, part.raw)


def _image(part: WirePart) -> FilePart | None:
    image = part.fields.get("image_url")
    if image is None:
        return None
    members = image.members()
    return read_file(part.raw, members, members.get("url") if members else image, "image")


def _input_audio(part: WirePart) -> FilePart | None:
    audio = part.fields.get("input_audio")
    if audio is None:
        return None
    members = audio.members()
    kind = text_of(members, "format")
    return read_file(part.raw, members, members.get("data"), f"audio/{kind}" if kind else "audio")


def _file(part: WirePart) -> FilePart | None:
    members = part.fields["file"].members() if "file" in part.fields else {}
    return read_file(part.raw, members, members.get("file_data")) if members else None


_PARTS: Mapping[str, ReadPart] = {
    "text": read_text,
    "refusal": _refusal_part,
    "image_url": _image,
    "input_audio": _input_audio,
    "file": _file,
}
_DISTINCTIVE = frozenset({"image_url", "input_audio", "refusal"})
