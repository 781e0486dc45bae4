"""A run as a Markdown document, for files, issues and mails.

Whoever renders it later may trust Markdown more than we do, so raw HTML, images and script links in
untrusted text become entities (`disarm`), and everything but the answer is quoted: no text can pass for
structure of ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...run_data import RunData
from ...transcript.answer import Answer, answer_of
from ...transcript.model import ToolCall
from ...transcript.read import read
from ..blocks import (
    AnswerAbove,
    Block,
    Call,
    Facts,
    FactsKind,
    LabelledJson,
    OutlinedMessage,
    Prose,
    Reasoning,
    ResultElsewhere,
    State,
    values_of,
)
from ..deeds import Deeds
from ..detail import Detail
from ..outline import block_of, outline_of
from ..times import times_words
from ..words import (
    ANSWER_IS_ABOVE,
    LABEL_BY_CALL_STATE,
    call_title,
    label_of_status,
    state_words,
)
from .compact import run_compact
from .notation import disarmed, fenced, fenced_json, quoted, word


def run_markdown(run: RunData, detail: Detail = Detail.FULL) -> str:
    """A run as one Markdown document, with everything in it or as much as ``detail`` says."""
    if detail is Detail.COMPACT:
        return run_compact(run)
    return "\n\n".join(_blocks(run, detail)) + "\n"


def answer_markdown(run: RunData) -> str:
    """The answer of a run alone, nothing live in it; "" when there is none."""
    return "\n\n".join(_answer(answer_of(run, read(run.body))))


def _blocks(run: RunData, detail: Detail) -> Iterator[str]:
    yield f"# Puffle run {word(run.run_id)}"
    yield f"**{word(str(label_of_status(run.status, run.status_text)))}**"
    if times := times_words(run):
        yield word(times)
    outline = outline_of(run, detail)
    if outline.sentence:
        yield outline.sentence
    if outline.error:
        yield fenced(outline.error, "text")
    yield from _answer(outline.answer)
    yield from _deeds(outline.deeds())
    if outline.transcript.messages:
        yield "## Transcript"
    for outlined in outline.messages():
        yield from _message(outlined)
    if outline.others:
        yield f"## {outline.others_title()}"
        for call in outline.others:
            yield _call(call)
    if counted := outline.ledger():
        yield f"*{counted}*"
    if outline.left_out:
        yield f"*{outline.left_out}*"


def _deeds(deeds: Deeds) -> Iterator[str]:
    if line := deeds.line():
        yield f"*What it did:* {word(line)}"
    if failed := deeds.failed_line():
        yield f"**{word(failed)}**"


def _answer(answer: Answer) -> Iterator[str]:
    if answer.text:
        yield disarmed(answer.text)
    if answer.json is not None:
        yield "*The final text is not a string, shown as JSON:*\n\n" + fenced_json(answer.json)
    if answer.state:
        yield f"*{state_words(answer.state)}*"


def _message(outlined: OutlinedMessage) -> Iterator[str]:
    yield f"### {word(outlined.message.role) or '(no role)'}"
    if facts := outlined.message.facts:
        yield f"*{facts}*"
    for part in outlined.message.parts:
        yield _block(block_of(part))


def _block(block: Block) -> str:
    match block:
        case Prose():
            return quoted(block.text)
        case AnswerAbove():
            return f"*{ANSWER_IS_ABOVE}*"
        case Reasoning():
            said = quoted(block.text) if block.hidden is None else fenced_json(block.hidden)
            return "*Reasoning:*\n\n" + said
        case Call():
            return _call(block.call)
        case ResultElsewhere():
            return f"*Result of {word(block.title)}: with its call.*"
        case Facts():
            return _facts_line(block)
        case LabelledJson():
            heading = f"Unknown part: {word(block.label)}" if block.is_unknown else word(block.label)
            return f"*{heading}*\n\n" + fenced_json(block.value)
        case State():
            return f"*{state_words(block.text)}*"


def _facts_line(block: Facts) -> str:
    if block.kind is FactsKind.FILE:
        return "File: " + _facts(block.name or "without a name", *block.details, block.url)
    if block.kind is FactsKind.SOURCE:
        return "Source: " + _facts(block.name, block.url, *block.details)
    return _facts(block.name, *block.details)


def _call(call: ToolCall) -> str:
    lines = [f"**{word(call_title(call.name))}** {LABEL_BY_CALL_STATE[call.state]}"]
    lines += [f"*{word(note)}*" for note in call.notes]
    lines += [f"{name.capitalize()}:\n\n{fenced_json(value)}" for name, value in values_of(call)]
    return "\n\n".join(lines)


def _facts(*facts: str | None) -> str:
    return " · ".join(word(fact) for fact in facts if fact)
