"""Finding things in a transcript from Python: calls by tool, and text anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import overload

from ..json_value import JsonValue
from .model import ReasoningPart, TextPart, ToolCall, ToolCallPart, ToolResultPart, Transcript


class ToolCalls(tuple[ToolCall, ...]):
    """The calls of a run, in order; by name they are those of one tool.

    >>> run.calls["search_leads"][0].arguments          # doctest: +SKIP
    {'query': 'fintech founders'}
    """

    __slots__ = ()

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> ToolCall: ...
    @overload
    def __getitem__(self, key: slice) -> ToolCalls: ...
    @overload
    def __getitem__(self, key: str) -> ToolCalls: ...
    def __getitem__(self, key: int | slice | str) -> ToolCall | ToolCalls:
        if isinstance(key, str):
            return self._of(key)
        found = super().__getitem__(key)
        return ToolCalls(found) if isinstance(key, slice) else found  # type: ignore[return-value, arg-type]

    @property
    def names(self) -> list[str]:
        """The tools called, each once, in order of their first call."""
        return list(dict.fromkeys(call.name for call in self))

    def _of(self, name: str) -> ToolCalls:
        found = ToolCalls(call for call in self if call.name == name)
        if not found:
            called = ", ".join(self.names) or "nothing"
            raise KeyError(f"no call of {name!r} in this run; it called: {called}")
        return found

    def __repr__(self) -> str:
        return f"<ToolCalls {[call.name for call in self]!a}>"


@dataclass(frozen=True, slots=True)
class Match:
    """A line in which a searched text stands.

    Attributes:
        place: where it stands, such as ``assistant text`` or ``search_leads result``.
        message: the index in `Transcript.messages`; None for the final text and top-level tool calls.
        line: the whole line, or the lines of pretty JSON, without its indentation.
    """

    place: str
    message: int | None
    line: str


def grep(transcript: Transcript, text: str | None, wanted: str | re.Pattern[str]) -> list[Match]:
    """Every line that holds ``wanted``: text as it is, in any case, or a compiled pattern.

    Args:
        text: the run's final text.
    """
    pattern = re.compile(re.escape(wanted), re.IGNORECASE) if isinstance(wanted, str) else wanted
    return [
        Match(place, message, line.strip())
        for place, message, content in _contents(transcript, text)
        for line in content.splitlines()
        if pattern.search(line)
    ]


def _contents(transcript: Transcript, text: str | None) -> Iterable[tuple[str, int | None, str]]:
    if text:
        yield "final text", None, text
    told: set[int] = set()
    for index, message in enumerate(transcript.messages):
        for part in message.parts:
            match part:
                case TextPart(text=said) if said != text:
                    yield f"{message.role} text", index, said
                case TextPart():
                    pass  # the final text once more
                case ReasoningPart(text=thought):
                    yield f"{message.role} reasoning", index, thought
                case ToolCallPart(call=call):
                    told.add(id(call))
                    yield from _call(call, index)
                case ToolResultPart():
                    pass  # told with its call
                case _:
                    yield f"{message.role} {type(part).__name__}", index, _readable(part.raw)
    for call in transcript.tool_calls:
        if id(call) not in told:
            yield from _call(call, None)


def _call(call: ToolCall, message: int | None) -> Iterable[tuple[str, int | None, str]]:
    yield f"{call.name} call", message, call.name
    values = {"arguments": call.arguments_json, "result": call.result_json, "error": call.error_json}
    for kind, value in values.items():
        if value is not None:
            yield f"{call.name} {kind}", message, _readable(value)


def _readable(value: JsonValue) -> str:
    """Text as text, the rest as pretty JSON with its escapes resolved."""
    if value.string is not None:
        return value.string
    return JsonValue.of(value.python()).pretty()
