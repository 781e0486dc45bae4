"""What all wire shapes share: content that is a text or a list of parts, files, and JavaScript's oddities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from ...json_value import JsonKind, JsonValue, of_each
from ..calls.observed import DraftPart, Outcome
from ..model import FilePart, TextPart, ToolCallState, UnknownPart
from .fields import Fields, WireMessage, WirePart, boolean_of, read_result, text_of

ReadPart: TypeAlias = Callable[[WirePart], DraftPart | None]
"""Reads one part; None when it is none of the reader's, or its fields do not fit its type."""

_LOST_ERROR = "the error came as {}: JavaScript errors lose their message in JSON"


def by_type(part: WirePart, readers: Mapping[str, ReadPart]) -> DraftPart | None:
    """Read ``part`` with the function for exactly its type."""
    reader = readers.get(part.type)
    return None if reader is None else reader(part)


def read_parts(parts: Iterable[WirePart], read_part: ReadPart) -> list[DraftPart]:
    """Read every part; one of unknown shape stays in its place, labelled."""
    read: list[DraftPart] = []
    before: WirePart | None = None
    for part in parts:
        read.append(read[-1] if part is before else read_part(part) or unknown(part))
        before = part
    return read


def unknown(part: WirePart) -> UnknownPart:
    """``part`` with its type as the label."""
    return UnknownPart(part.type or f"{part.raw.kind.value} without a type", part.raw)


def read_content(message: WireMessage, read_part: ReadPart) -> list[DraftPart]:
    """The parts of a message's ``content``: a text, a list, or nothing (``null`` and the empty text)."""
    if message.content is not None:
        return read_parts(message.content, read_part)
    value = message.fields.get("content")
    if value is None or value.is_null:
        return []
    text = value.string
    if text is None:
        return [UnknownPart("content", value)]
    return [TextPart(text, value)] if text else []


def open_items(value: JsonValue | None, label: str) -> tuple[list[WirePart], list[DraftPart]]:
    """The items of a message's side list, such as ``tool_calls``; what is no list is labelled JSON."""
    if value is None or value.is_null:
        return [], []
    if value.kind is not JsonKind.ARRAY:
        return [], [UnknownPart(label, value)]
    return list(of_each(WirePart, value.items())), []


def joined_texts(content: JsonValue) -> JsonValue:
    """A list of nothing but text blocks as one text, as the model was given it; else ``content`` itself."""
    if content.kind is not JsonKind.ARRAY:
        return content
    blocks = [item.members() for item in content.items()]
    texts = [text_of(block, "text") for block in blocks if set(block) <= {"type", "text"}]
    if not blocks or len(texts) < len(blocks) or None in texts:
        return content
    return JsonValue.of("\n".join(text or "" for text in texts))


def read_text(part: WirePart) -> TextPart | None:
    """Read a part with a ``text``; None without one."""
    text = text_of(part.fields, "text")
    return None if text is None else TextPart(text, part.raw)


def failure(error: JsonValue | None) -> Outcome:
    """The outcome of a call that failed with ``error``."""
    error = read_result(error)
    notes = (_LOST_ERROR,) if error is not None and error.compact() == "{}" else ()
    return Outcome(ToolCallState.FAILED, error=error, notes=notes)


def success(result: JsonValue | None, *, preliminary: bool = False) -> Outcome:
    """The outcome of a call that returned ``result``: any value, ``null`` and ``false`` too.

    A result of an MCP server says itself whether the call failed (modelcontextprotocol.io, `CallToolResult`).
    """
    members = result.members() if result is not None else {}
    if result is not None and _is_mcp_result(members):
        said = result if {"structuredContent", "_meta"} & members.keys() else joined_texts(members["content"])
        if boolean_of(members, "isError"):
            return failure(said)
        result = said
    return Outcome(ToolCallState.SUCCEEDED, read_result(result), preliminary=preliminary)


_MCP_FIELDS = frozenset({"content", "isError", "structuredContent", "_meta"})
_MCP_ITEMS = frozenset({"text", "image", "audio", "resource", "resource_link"})


def _is_mcp_result(members: Fields) -> bool:
    """Whether these are the fields of a ``CallToolResult``, which tells an error by ``isError``."""
    if (
        "content" not in members
        or boolean_of(members, "isError") is None
        or not members.keys() <= _MCP_FIELDS
    ):
        return False
    items = members["content"].items()
    return bool(items) and all(text_of(item.members(), "type") in _MCP_ITEMS for item in items)


def read_file(
    raw: JsonValue, fields: Fields, data: JsonValue | None, media_type: str | None = None
) -> FilePart:
    """A file from its ``data`` in any form the wire has for it, named but never fetched.

    Args:
        raw: the whole part.
        fields: the members that name it.
        data: its content, or where that is.
        media_type: what to call it when neither ``fields`` nor a ``data:`` URL name a type.
    """
    size, url, named_by_url = _bytes_or_url(data)
    named = text_of(fields, "mediaType", "mimeType", "media_type", "contentType", "mime_type")
    name = text_of(fields, "filename", "name", "title")
    return FilePart(name, named or named_by_url or media_type, size, url, raw)


def _bytes_or_url(data: JsonValue | None) -> tuple[int | None, str | None, str | None]:
    """Size in bytes, URL, and the media type a ``data:`` URL names; None for what is not known."""
    if data is None:
        return None, None, None
    text = data.string
    if text is not None:
        return _from_text(text)
    members = data.members()
    match text_of(members, "type"):
        case "data" | "url" | "base64":
            return _bytes_or_url(members.get("data") or members.get("url"))
        case "text":
            return len((text_of(members, "text", "data") or "").encode()), None, None
        case "Buffer":  # what JSON.stringify makes of a Node Buffer
            return len(members["data"].items()) if "data" in members else None, None, None
    if members and "0" in members and str(len(members) - 1) in members:
        return len(members), None, None  # ... and of a Uint8Array
    return (len(data.items()), None, None) if data.kind is JsonKind.ARRAY else (None, None, None)


def _from_text(text: str) -> tuple[int | None, str | None, str | None]:
    if text.startswith("data:"):
        header, comma, payload = text[len("data:") :].partition(",")
        media_type = header.partition(";")[0] or None
        if not comma:
            return None, None, media_type
        return (base64_size(payload) if header.endswith(";base64") else len(payload)), None, media_type
    if "://" in text[:200]:
        return None, text, None
    return base64_size(text), None, None


def base64_size(text: str) -> int:
    """How many bytes ``text`` stands for in base64."""
    return len(text.rstrip("=")) * 3 // 4
