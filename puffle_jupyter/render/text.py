"""What a run looks like as plain text, safe in any terminal and in a text file.

Untrusted text is indented below a line of ours, so it cannot pass for one.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator

from ..run_data import RunData
from ..transcript.model import ToolCall
from ..transcript.readable import readable
from ..untrusted import plain_label, terminal_safe
from .arguments_summary import summarize_arguments
from .blocks import (
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
from .outline import Outline, outline_of
from .sections import Counted, Section, sections
from .words import ANSWER_IS_ABOVE, LABEL_BY_CALL_STATE, call_title, label_of_status, state_words


def run_text(run: RunData, head: str = "") -> str:
    """A run as plain text, all of it; ``head`` is its first line."""
    made = text_sections(outline_of(run), head or run_line(run))
    return "".join(piece for _, pieces in made for piece in pieces)


def run_line(run: RunData) -> str:
    """The first line of a run."""
    return f"{label_of_status(run.status, run.status_text)} · {plain_label(run.run_id)}"


def text_sections(outline: Outline, head: str) -> Iterator[tuple[Section, Iterator[str]]]:
    """Each section with the pieces of its text, which are made one after the other."""
    yield Section(iter(())), iter([head])
    before = Counted.NOTHING
    for section in sections(outline):
        gap = [] if section.counted is before is Counted.TOOL_CALL else ["\n"]
        lines = itertools.chain.from_iterable(map(_lines, section.blocks))
        yield section, itertools.chain(gap, (f"\n{line}" for line in lines))
        before = section.counted
    yield Section(iter(())), iter(["\n"])


def _lines(block: RunBlock) -> Iterator[str]:
    match block:
        case Sentence() | Remark():
            yield block.text
        case Failure() | Prose():
            yield _indented(block.text)
        case AnswerText():
            yield terminal_safe(block.text).strip("\n")
        case AnswerJson():
            yield "The final text is not a string, shown as JSON:\n" + _indented(readable(block.value))
        case WhatItDid():
            yield from filter(None, (block.deeds and f"What it did: {block.deeds}", block.failed))
        case Heading():
            yield f"── {' · '.join(filter(None, (block.text, block.counts)))} ──"
        case Speaker():
            role = plain_label(block.role) or "(no role)"
            yield f"{' · '.join(filter(None, (role, block.facts)))}:"
        case AnswerAbove():
            yield f"  ({ANSWER_IS_ABOVE})"
        case Reasoning():
            said = block.text if block.hidden is None else readable(block.hidden)
            yield "  reasoning:\n" + _indented(said, 4)
        case Call():
            yield from _call(block.call)
        case ResultElsewhere():
            yield f"  result of {block.title}: shown with its call"
        case Facts():
            label = "" if block.kind is FactsKind.NOTE else f"{block.kind.value}: "
            yield f"  {label}{' · '.join(map(plain_label, block.in_order()))}"
        case LabelledJson():
            name = plain_label(block.label)
            heading = f"unknown part ({name})" if block.is_unknown else name
            yield f"  {heading}:\n" + _indented(readable(block.value), 4)
        case State():
            yield f"  {state_words(block.text)}"


def _call(call: ToolCall) -> Iterator[str]:
    line = summarize_arguments(call.arguments_json)
    yield f"  {LABEL_BY_CALL_STATE[call.state]} · {call_title(call.name)}{f' · {line}' if line else ''}"
    for note in call.notes:
        yield f"    {plain_label(note)}"
    for name, value in values_of(call):
        yield f"    {name}:\n{_indented(readable(value), 6)}"


def _indented(text: str, by: int = 2) -> str:
    return textwrap.indent(terminal_safe(text).strip("\n"), " " * by, lambda _line: True)
