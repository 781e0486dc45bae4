"""What a run said, piece by piece in the order it is to be read, and whether a reader's text has it so."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.run import Run
from puffle_jupyter.safe_text import escape_invisible
from puffle_jupyter.transcript.answer import answer_of
from puffle_jupyter.transcript.model import (
    DataPart,
    FilePart,
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
from puffle_jupyter.transcript.read import read, unmentioned_calls

OfValue: TypeAlias = Callable[[JsonValue], Iterable[str]]
"""The pieces of an argument, an error or a result."""

# What Markdown is written with and nobody reads: addresses of links, fences, numbers of lists.
_MARKS = re.compile(r"(?<=\])\([^)]*\)|^\s*(?:`{3,}|~{3,}).*$|^\s*\d+[.)]\s", re.MULTILINE)
# A picture of an MCP server in base64: what it is and its size are said instead.
_PICTURE = re.compile(r'"data":"([\w+/=]{100,})","mimeType":"([\w/]+)"')
# What the view says between two pieces of one text.
_ROWS_ABOVE = r"(?:\s+·\s+[\d,]+\s+of\s+[\d,]+\s+rows?\s+above)?"
_FOLDS = re.compile(rf"show\s+all\s+[\d,]+\s+(?:characters|rows){_ROWS_ABOVE}")


def compact_or_text(value: JsonValue) -> Iterable[str]:
    """A string as its text, anything else as its JSON."""
    text = value.string
    return [_PICTURE.sub(_kind_and_size, value.compact()) if text is None else text]


def cells_or_text(value: JsonValue) -> Iterable[str]:
    """The same, but of a list of objects its cells, row by row: paper has a table and not its JSON."""
    rows = value.items()
    if not rows or not all(row.members() for row in rows):
        return compact_or_text(value)
    return (text for row in rows for cell in row.members().values() for text in compact_or_text(cell))


def pieces(run: Run, of_value: OfValue = compact_or_text) -> Iterator[str]:
    """Texts, names, arguments, errors and results of ``run``, the final text first and only there."""
    transcript, role = read(run.body), ""
    answer = answer_of(run, transcript)
    yield from _lines(answer.text.strip())
    for index, message in enumerate(transcript.messages):
        if message.parts and all(isinstance(part, ToolResultPart) for part in message.parts):
            continue
        if message.role != role:  # who goes on is not named again
            yield (role := message.role)
        for number, part in enumerate(message.parts):
            if not answer.is_said_by(index, number):
                yield from _part(part, of_value)
    for call in unmentioned_calls(transcript.messages, transcript.tool_calls):
        yield from _call(call, of_value)


def _part(part: Part, of_value: OfValue) -> Iterator[str]:
    match part:
        case TextPart():
            yield from _lines(part.text)
        case ReasoningPart():
            yield from [part.raw.compact()] if part.redacted else _lines(part.text)
        case ToolCallPart():
            yield from _call(part.call, of_value)
        case FilePart():
            yield from (part.name or "", part.media_type or "")
        case SourcePart():
            yield part.title or part.url or ""
        case NotePart():
            yield from () if part.is_mark else (part.label, part.text)
        case DataPart():
            yield from (part.label, part.data.compact())
        case StatePart():
            yield "internal state of the agent"
        case UnknownPart():
            yield part.raw.compact()


def _call(call: ToolCall, of_value: OfValue) -> Iterator[str]:
    yield call.name
    for value in (call.arguments_json, call.error_json, call.result_json):
        if value is not None:
            yield from of_value(value)


def _kind_and_size(picture: re.Match[str]) -> str:
    size = len(base64.b64decode(picture[1]))
    return f'"data":"{picture[2]} {size} bytes","mimeType":"{picture[2]}"'


def _lines(markdown: str) -> Iterator[str]:
    yield from _MARKS.sub("\n", markdown).splitlines()


def squeezed(text: str) -> str:
    """Letters and digits alone: marks, layout and the shapes of letters make no difference."""
    return "".join(char for char in unicodedata.normalize("NFKC", escape_invisible(text)) if char.isalnum())


def first_missing(expected: Iterable[str], shown: str) -> str | None:
    """The first piece that does not stand in ``shown`` behind the one before it; None if all do."""
    text, at = squeezed(_FOLDS.sub("", shown)), 0
    for piece in expected:
        wanted = squeezed(piece)
        found = text.find(wanted, at)
        if found < 0:
            return piece
        at = found + len(wanted)
    return None
