"""What providers put beside a message's content, whatever its format: they are parts of the message.

OpenRouter sends ``images`` and ``reasoning_details``, Perplexity ``citations`` and ``search_results``; agents
that were stopped leave an ``error``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...json_value import JsonKind, JsonValue
from ..calls.observed import DraftPart, ToolObservation
from ..model import DataPart, ReasoningPart, SourcePart, UnknownPart
from .fields import WireMessage, has_some, read_result, text_of


def read_beside(message: WireMessage, parts: list[DraftPart]) -> list[DraftPart]:
    """The parts that stand beside the content of ``message``.

    Args:
        message: any message.
        parts: what its format read. What they say already is not said again.
    """
    found: list[DraftPart] = []
    if _READERS.keys().isdisjoint(message.fields):
        return found
    for key, read in _READERS.items():
        if has_some(message.fields, key):
            found += read(key, message.fields[key], [*parts, *found])
    return found


def _error(key: str, value: JsonValue, parts: list[DraftPart]) -> list[DraftPart]:
    """The message's own error, unless it is what a call of it failed with."""
    outcomes = [part.outcome for part in parts if isinstance(part, ToolObservation)]
    is_told = any(outcome is not None and outcome.error == read_result(value) for outcome in outcomes)
    return [] if is_told else [DataPart(key, value, value)]


def _images(key: str, value: JsonValue, parts: list[DraftPart]) -> list[DraftPart]:
    """Parts like those of a content: the readers of all formats have a look at each."""
    return [UnknownPart(key, item) for item in _items(value)]


def _sources(key: str, value: JsonValue, parts: list[DraftPart]) -> list[DraftPart]:
    known = {part.url for part in parts if isinstance(part, SourcePart)}
    found: list[DraftPart] = []
    for item in _items(value):
        members = item.members()
        url = item.string or text_of(members, "url", "link")
        title = text_of(members, "title", "name")
        if url is None and title is None:
            found.append(UnknownPart(key, item))
        elif url not in known:
            found.append(SourcePart(title, url, item, text_of(members, "snippet", "cited_text") or ""))
    return found


def _reasoning(key: str, value: JsonValue, parts: list[DraftPart]) -> list[DraftPart]:
    """Texts that no reasoning of the message says already, and what the provider hid."""
    said = "\n".join(part.text for part in parts if isinstance(part, ReasoningPart))
    found: list[DraftPart] = []
    for item in _items(value):
        text = text_of(item.members(), "text", "summary")
        if text is None:
            found.append(ReasoningPart("", item, redacted=True))
        elif text not in said:
            found.append(ReasoningPart(text, item))
    return found


def _items(value: JsonValue) -> list[JsonValue]:
    return value.items() if value.kind is JsonKind.ARRAY else [value]


_READERS: Mapping[str, Callable[[str, JsonValue, list[DraftPart]], list[DraftPart]]] = {
    "reasoning_details": _reasoning,
    "images": _images,
    "search_results": _sources,
    "citations": _sources,
    "error": _error,
}
BESIDE = tuple(_READERS)
"""The keys that are read beside the content of any message."""
