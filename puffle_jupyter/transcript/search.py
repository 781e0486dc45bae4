"""Finding things in a transcript from Python: calls by tool, and text anywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, overload

from ..errors import NoSuchToolCall
from ..run_data import RunData
from ..untrusted import untrusted_words
from .answer import Answer, answer_of
from .kinds import Only
from .model import (
    DataPart,
    FilePart,
    Message,
    NotePart,
    Part,
    ReasoningPart,
    SourcePart,
    StatePart,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from .read import read, unmentioned_calls
from .readable import lines_of, readable_lines

_LONGEST_NAMES = 500
"""Characters of the names of tools in an error."""
_NAMES, _LONGEST_NAME = 8, 60
"""Names of tools, and characters of each, in a line about all calls."""


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
    def failed(self) -> ToolCalls:
        """The calls that failed, in order."""
        return ToolCalls(call for call in self if Only.FAILED_CALLS.has_call(call))

    @property
    def names(self) -> list[str]:
        """The tools called, each once, in order of their first call."""
        return list(dict.fromkeys(call.name for call in self))

    def _of(self, name: str) -> ToolCalls:
        found = ToolCalls(call for call in self if call.name == name)
        if not found:
            called = untrusted_words(", ".join(self.names), _LONGEST_NAMES) or "nothing"
            raise NoSuchToolCall(f"no call of {name!r} in this run; it called: {called}")
        return found

    def __repr__(self) -> str:
        count_by_name = Counter(call.name for call in self)
        named = [
            f"{count:,} x {name[:_LONGEST_NAME]!a}" if count > 1 else f"{name[:_LONGEST_NAME]!a}"
            for name, count in count_by_name.most_common(_NAMES)
        ]
        more = [f"{len(count_by_name) - _NAMES:,} more tools"] if len(count_by_name) > _NAMES else []
        return f"<ToolCalls {len(self):,}: {', '.join([*named, *more]) or 'none'}>"


@dataclass(frozen=True, slots=True)
class Match:
    """A line that holds a searched text.

    Attributes:
        place: where it is, such as ``assistant text`` or ``search_leads result``.
        message: the index in `Transcript.messages`; None for the final text, the error and calls that no
            message mentions.
        line: the whole line, or the line of the JSON as the page shows it, without its indentation.
    """

    place: str
    message: int | None
    line: str


def grep(run: RunData, wanted: str | re.Pattern[str], only: Only = Only.EVERYTHING) -> list[Match]:
    """Every line that holds ``wanted``: text as it is, in any case, or a compiled pattern.

    What is searched is what the page shows with every fold open, but for the raw JSON, in whole.

    Args:
        run: the run.
        wanted: what is searched for.
        only: the kind of parts that are searched.
    """
    pattern = re.compile(re.escape(wanted), re.IGNORECASE) if isinstance(wanted, str) else wanted
    transcript = read(run.body)
    answer = answer_of(run, transcript)
    matches = _found(pattern, _end_of_run(run, answer)) if only in (Only.EVERYTHING, Only.TEXTS) else []
    before: Message | None = None
    for index, message in enumerate(transcript.messages):
        # Half a million equal messages in a row are one object: without a match in the first there is none.
        if message is before and index - 1 != answer.message:
            continue
        found = _found_in(pattern, message, index, only, answer)
        before = None if found else message
        matches += found
    for call in unmentioned_calls(transcript.messages, transcript.tool_calls):
        matches += _found(pattern, _call(call, None)) if only.has_call(call) else []
    return matches


Place: TypeAlias = tuple[str, int | None]
Content: TypeAlias = tuple[Place, Iterable[str]]


def _found(pattern: re.Pattern[str], contents: Iterable[Content]) -> list[Match]:
    return [Match(*place, line) for place, lines in contents for line in lines if pattern.search(line)]


def _found_in(
    pattern: re.Pattern[str], message: Message, index: int, only: Only, answer: Answer
) -> list[Match]:
    """What is found in a message; a text is not searched where it is the final text once more."""
    said_of_it = [message.role, *filter(None, [message.facts])] if only is Only.EVERYTHING else []
    matches = _found(pattern, [((f"{message.role} role", index), said_of_it)])
    before: Part | None = None
    found: list[Match] = []
    for number, part in enumerate(message.parts):
        if answer.is_said_by(index, number) or not only.has(part):
            continue
        if part is not before:  # as with messages: equal ones in a row are one object
            found = _found(pattern, _part(part, message.role, index))
        before = part
        matches += found
    return matches


def _end_of_run(run: RunData, answer: Answer) -> Iterator[Content]:
    if run.error:
        yield ("error", None), lines_of(run.error)
    if answer.json is not None:
        yield ("final text", None), readable_lines(answer.json)
    elif answer.text:
        yield ("final text", None), lines_of(answer.text)
    if answer.state:
        yield ("final text agent state", None), lines_of(answer.state)


def _part(part: Part, role: str, index: int) -> Iterator[Content]:
    match part:
        case TextPart():
            yield (f"{role} text", index), lines_of(part.text)
        case ReasoningPart():
            yield (
                (f"{role} reasoning", index),
                (readable_lines(part.raw) if part.redacted else lines_of(part.text)),
            )
        case ToolCallPart():
            yield from _call(part.call, index)
        case ToolResultPart():
            pass  # it is reported with its call
        case FilePart():
            yield (f"{role} file", index), _some(part.name, part.media_type, part.url)
        case SourcePart():
            yield (f"{role} source", index), _some(part.title, part.url, part.quote)
        case NotePart():
            said = f"{part.label}: {part.text}" if part.text else part.label
            yield (f"{role} note", index), [] if part.is_mark else lines_of(said)
        case StatePart():
            yield (f"{role} agent state", index), lines_of(part.text)
        case DataPart():
            yield (f"{role} data", index), [part.label, *readable_lines(part.data)]
        case UnknownPart():
            yield (f"{role} unknown part", index), [part.label, *readable_lines(part.raw)]


def _call(call: ToolCall, message: int | None) -> Iterator[Content]:
    yield (f"{call.name} call", message), _some(call.name, call.title, call.id)
    if call.notes:
        yield (f"{call.name} notes", message), call.notes
    values = {"arguments": call.arguments_json, "result": call.result_json, "error": call.error_json}
    for kind, value in values.items():
        if value is not None:
            yield (f"{call.name} {kind}", message), readable_lines(value)


def _some(*facts: str | None) -> list[str]:
    return [fact for fact in facts if fact]
