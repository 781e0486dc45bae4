"""What a run or a watch looks like as plain text, safe in any terminal and in a text file.

Text of others is indented below a line of ours, so it cannot pass for one.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..api.run import Run, RunStatus
from ..json_value import JsonValue
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
    Transcript,
    UnknownPart,
)
from ..transcript.read import read, unmentioned_calls
from ..watching.snapshot import WatchSnapshot
from .digest import digest
from .escape import plain_label
from .markdown_export import run_markdown
from .redact import redact
from .tool_call import readable
from .visible import one_line, visible
from .words import (
    PILL_BY_CALL_STATE,
    REASON_LIMIT,
    call_title,
    clock_words,
    count_words,
    ledger_words,
    run_sentence,
    status_pill,
    trouble_words,
    waiting_sentence,
    watch_pill,
)

__all__ = ["badge_line", "run_markdown", "run_output", "run_text", "snapshot_text", "terminal_safe"]

OUTPUT_BUDGET = 300_000
"""Bytes of the text beside the html in a notebook output."""


def terminal_safe(text: str, keep_newlines: bool = True) -> str:
    """``text`` with ESC, CR, C0 and C1 controls, bidirectional and tag characters as visible escapes.

    >>> terminal_safe("a\\x1b[2J")
    'a\\\\u001b[2J'
    """
    return redact(visible(text) if keep_newlines else one_line(text))


def badge_line(snapshot: WatchSnapshot, now: float, reason_limit: int = REASON_LIMIT) -> str:
    """The badge as one line: ``◐ running · run_abc · 12 s · 3 polls``."""
    what, then = trouble_words(snapshot, now, reason_limit)
    parts = [str(watch_pill(snapshot)), plain_label(snapshot.run_id), clock_words(snapshot, now)]
    return " · ".join([*parts, what + then] if what or then else parts)


def snapshot_text(snapshot: WatchSnapshot, now: float) -> str:
    """A watch at ``now``: the badge line, and the whole run once it ended."""
    run = snapshot.run
    if run is None or not run.status.is_terminal:
        return f"{badge_line(snapshot, now)}\n{waiting_sentence(snapshot)}"
    return within_budget(f"{badge_line(snapshot, now)}\n\n{_body(run)}")


def run_text(run: Run) -> str:
    """A run as plain text, all of it."""
    return f"{status_pill(run.status, run.status_text)} · {plain_label(run.run_id)}\n\n{_body(run)}"


def run_output(run: Run) -> str:
    """A run as plain text, as much of it as a notebook output may hold."""
    return within_budget(run_text(run))


def within_budget(text: str) -> str:
    """``text`` cut to what a notebook output may hold; the last line says exactly what is missing."""
    encoded = text.encode()
    if len(encoded) <= OUTPUT_BUDGET:
        return text
    kept = encoded[:OUTPUT_BUDGET].decode(errors="ignore")
    of = count_words(len(text), "character")
    return f"{kept}\n… {len(kept):,} of {of} shown; run.to_text() has all of them"


def _body(run: Run) -> str:
    blocks: list[str] = []
    if sentence := run_sentence(run):
        blocks.append(sentence)
    if run.status is RunStatus.FAILED and run.error:
        blocks.append(_indented(run.error))
    if run.text:
        blocks.append(terminal_safe(run.text).strip("\n"))
    transcript = read(run)
    blocks += _transcript(transcript, run.text)
    return "\n\n".join(blocks) + "\n"


def _transcript(transcript: Transcript, answer: str | None) -> Iterator[str]:
    if transcript.messages:
        yield f"── Transcript · {count_words(len(transcript.messages), 'message')} ──"
    for message in transcript.messages:
        yield "\n".join(_message(message, answer))
    others = unmentioned_calls(transcript.messages, transcript.tool_calls)
    if others:
        yield f"── {count_words(len(others), 'tool call')} not mentioned in the messages ──"
        yield "\n".join(_call(call) for call in others)
    if transcript.ledger.received:
        yield ledger_words(transcript.ledger)


def _message(message: Message, answer: str | None) -> Iterator[str]:
    yield f"{plain_label(message.role) or '(no role)'}:"
    for part in message.parts:
        is_answer = (
            isinstance(part, TextPart) and bool(answer) and part.text.strip() == (answer or "").strip()
        )
        yield "  (the answer above)" if is_answer else _part(part)


def _part(part: Part) -> str:
    match part:
        case TextPart():
            return _indented(part.text)
        case ReasoningPart():
            return "  reasoning:\n" + _indented(part.raw.pretty() if part.redacted else part.text, 4)
        case ToolCallPart():
            return _call(part.call)
        case ToolResultPart():
            return f"  result of {call_title(part.call.name)}: shown with its call"
        case FilePart():
            size = count_words(part.size, "byte") if part.size is not None else None
            return "  file: " + _facts(part.name or "without a name", part.media_type, size, part.url)
        case SourcePart():
            return "  source: " + _facts(part.title, part.url)
        case NotePart():
            return "  " + _facts(part.label, part.text)
        case DataPart():
            return f"  {plain_label(part.label)}:\n" + _indented(part.data.pretty(), 4)
        case UnknownPart():
            return f"  unknown part ({plain_label(part.label)}):\n" + _indented(part.raw.pretty(), 4)


def _call(call: ToolCall) -> str:
    line = digest(call.arguments_json)
    head = f"  {PILL_BY_CALL_STATE[call.state]} · {call_title(call.name)}{f' · {line}' if line else ''}"
    lines = [head, *(f"    {plain_label(note)}" for note in call.notes)]
    for name, value in (
        ("arguments", call.arguments_json),
        ("error", call.error_json),
        ("result", call.result_json),
    ):
        if value is not None:
            lines.append(f"    {name}:\n{_indented(_value(value), 6)}")
    return "\n".join(lines)


def _value(value: JsonValue) -> str:
    return readable(value)


def _facts(*facts: str | None) -> str:
    return " · ".join(plain_label(fact) for fact in facts if fact)


def _indented(text: str, by: int = 2) -> str:
    return textwrap.indent(terminal_safe(text).strip("\n"), " " * by, lambda _line: True)
