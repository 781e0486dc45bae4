"""A run as a Markdown document, for files, issues and mails.

Whoever renders it later may trust Markdown more than we do, so raw HTML, images and script links in
untrusted text become entities (`disarm`), and everything but the answer is quoted: no text can pass for
structure of ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...run_data import RunData
from ...transcript.answer import answer_of
from ...transcript.model import ToolCall
from ...transcript.read import read
from ..blocks import (
    AnswerAbove,
    AnswerJson,
    AnswerText,
    Call,
    Facts,
    FactsKind,
    Failure,
    Heading,
    LabelledJson,
    Prose,
    Reasoning,
    Remark,
    ResultElsewhere,
    RunBlock,
    Sentence,
    Speaker,
    State,
    WhatItDid,
    values_of,
)
from ..detail import Detail
from ..outline import outline_of
from ..sections import answer_blocks, sections
from ..times import times_words
from ..words import ANSWER_IS_ABOVE, LABEL_BY_CALL_STATE, call_title, label_of_status, state_words
from .compact import run_compact
from .notation import disarmed, fenced, fenced_json, quoted, word


def run_markdown(run: RunData, detail: Detail = Detail.FULL) -> str:
    """A run as one Markdown document, with everything in it or as much as ``detail`` says."""
    if detail is Detail.COMPACT:
        return run_compact(run)
    blocks = (_block(block) for section in sections(outline_of(run, detail)) for block in section.blocks)
    return "\n\n".join([*_head(run), *blocks]) + "\n"


def answer_markdown(run: RunData) -> str:
    """The answer of a run alone, nothing live in it; "" when there is none."""
    return "\n\n".join(map(_block, answer_blocks(answer_of(run, read(run.body)))))


def _head(run: RunData) -> Iterator[str]:
    yield f"# Puffle run {word(run.run_id)}"
    yield f"**{word(str(label_of_status(run.status, run.status_text)))}**"
    if times := times_words(run):
        yield word(times)


def _block(block: RunBlock) -> str:
    match block:
        case Sentence():
            return block.text
        case Failure():
            return fenced(block.text, "text")
        case AnswerText():
            return disarmed(block.text)
        case AnswerJson():
            return "*The final text is not a string, shown as JSON:*\n\n" + fenced_json(block.value)
        case WhatItDid():
            said = (
                block.deeds and f"*What it did:* {word(block.deeds)}",
                block.failed and f"**{word(block.failed)}**",
            )
            return "\n\n".join(filter(None, said))
        case Heading():
            return f"## {block.text}"
        case Speaker():
            role = f"### {word(block.role) or '(no role)'}"
            return f"{role}\n\n*{block.facts}*" if block.facts else role
        case Remark():
            return f"*{block.text}*"
        case Prose():
            return quoted(block.text)
        case AnswerAbove():
            return f"*{ANSWER_IS_ABOVE}*"
        case Reasoning():
            said_in_full = quoted(block.text) if block.hidden is None else fenced_json(block.hidden)
            return "*Reasoning:*\n\n" + said_in_full
        case Call():
            return _call(block.call)
        case ResultElsewhere():
            return f"*Result of {word(block.title)}: with its call.*"
        case Facts():
            label = "" if block.kind is FactsKind.NOTE else f"{block.kind.value.capitalize()}: "
            return label + " · ".join(map(word, block.in_order()))
        case LabelledJson():
            heading = f"Unknown part: {word(block.label)}" if block.is_unknown else word(block.label)
            return f"*{heading}*\n\n" + fenced_json(block.value)
        case State():
            return f"*{state_words(block.text)}*"


def _call(call: ToolCall) -> str:
    lines = [f"**{word(call_title(call.name))}** {LABEL_BY_CALL_STATE[call.state]}"]
    lines += [f"*{word(note)}*" for note in call.notes]
    lines += [f"{name.capitalize()}:\n\n{fenced_json(value)}" for name, value in values_of(call)]
    return "\n\n".join(lines)
