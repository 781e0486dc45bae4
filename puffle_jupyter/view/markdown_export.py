"""A run as a Markdown document, for files, issues and mails.

Whoever renders it later may trust Markdown more than we do, so raw HTML and images in text of others
are disarmed by a backslash, and everything but the answer is quoted: no text can pass for structure of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..api.run import Run, RunStatus
from ..json_value import JsonKind, JsonValue
from ..transcript.model import (
    DataPart,
    FilePart,
    Message,
    NotePart,
    Part,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from ..transcript.read import read, unmentioned_calls
from .disarm import disarmed
from .escape import plain_label
from .redact import redact
from .tool_call import readable
from .visible import visible
from .words import PILL_BY_CALL_STATE, call_title, count_words, ledger_words, run_sentence, status_pill

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~!&])")


def run_markdown(run: Run) -> str:
    """A run as one Markdown document with everything in it."""
    return redact("\n\n".join(_blocks(run)) + "\n")


def _blocks(run: Run) -> Iterator[str]:
    yield f"# Puffle run {_word(run.run_id)}"
    yield f"**{_word(str(status_pill(run.status, run.status_text)))}**"
    if sentence := run_sentence(run):
        yield sentence
    if run.status is RunStatus.FAILED and run.error:
        yield _fenced(run.error, "text")
    if run.text:
        yield disarmed(run.text).strip("\n")
    transcript = read(run)
    if transcript.messages:
        yield "## Transcript"
    for message in transcript.messages:
        yield from _message(message, run.text)
    if others := unmentioned_calls(transcript.messages, transcript.tool_calls):
        yield f"## {count_words(len(others), 'tool call')} not mentioned in the messages"
        for call in others:
            yield _call(call)
    if transcript.ledger.received:
        yield f"*{ledger_words(transcript.ledger)}*"


def _message(message: Message, answer: str | None) -> Iterator[str]:
    yield f"### {_word(message.role) or '(no role)'}"
    for part in message.parts:
        is_answer = (
            isinstance(part, TextPart) and bool(answer) and part.text.strip() == (answer or "").strip()
        )
        yield "*The answer above.*" if is_answer else _part(part)


def _part(part: Part) -> str:
    match part:
        case TextPart():
            return _quoted(part.text)
        case ReasoningPart():
            return "*Reasoning:*\n\n" + (_fenced_json(part.raw) if part.redacted else _quoted(part.text))
        case ToolCallPart():
            return _call(part.call)
        case ToolResultPart():
            return f"*Result of {_word(call_title(part.call.name))}: with its call.*"
        case FilePart():
            size = count_words(part.size, "byte") if part.size is not None else None
            return "File: " + _facts(part.name or "without a name", part.media_type, size, part.url)
        case SourcePart():
            return "Source: " + _facts(part.title, part.url)
        case NotePart():
            return _facts(part.label, part.text)
        case DataPart():
            return f"*{_word(part.label)}*\n\n" + _fenced_json(part.data)
        case UnknownPart():
            return f"*Unknown part: {_word(part.label)}*\n\n" + _fenced_json(part.raw)


def _call(call: ToolCall) -> str:
    lines = [f"**{_word(call_title(call.name))}** {PILL_BY_CALL_STATE[call.state]}"]
    lines += [f"*{_word(note)}*" for note in call.notes]
    for name, value in (
        ("Arguments", call.arguments_json),
        ("Error", call.error_json),
        ("Result", call.result_json),
    ):
        if value is not None:
            lines.append(f"{name}:\n\n{_fenced_json(value)}")
    return "\n\n".join(lines)


def _fenced_json(value: JsonValue) -> str:
    return _fenced(readable(value), "text" if value.kind is JsonKind.STRING else "json")


def _fenced(text: str, language: str) -> str:
    """A code block whose fence is longer than any in ``text`` (CommonMark 0.31, section 4.5)."""
    text = visible(text).strip("\n")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in disarmed(text).strip("\n").split("\n"))


def _facts(*facts: str | None) -> str:
    return " · ".join(_word(fact) for fact in facts if fact)


def _word(text: str) -> str:
    return _MARKUP.sub(r"\\\1", plain_label(text))
