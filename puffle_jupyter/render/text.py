"""What a run or a watch looks like as plain text, safe in any terminal and in a text file.

Untrusted text is indented below a line of ours, so it cannot pass for one.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator

from ..run_data import RunData
from ..transcript.answer import Answer
from ..transcript.model import ToolCall
from ..transcript.readable import readable
from ..untrusted import plain_label, terminal_safe
from .arguments_summary import summarize_arguments
from .blocks import (
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
from .deeds import Deeds
from .limits import NOTEBOOK_TEXT, shown_words
from .outline import block_of, outline_of
from .words import (
    ANSWER_IS_ABOVE,
    LABEL_BY_CALL_STATE,
    call_title,
    count_words,
    label_of_status,
    state_words,
    transcript_words,
)


def run_text(run: RunData, head: str = "") -> str:
    """A run as plain text, all of it; ``head`` is its first line."""
    return "".join(piece for _, _, pieces in _Text(head or run_line(run), run).blocks() for piece in pieces)


def run_output(run: RunData, head: str = "") -> str:
    """A run as plain text, as much of it as a notebook output may hold; ``head`` is its first line."""
    return _within_budget(_Text(head or run_line(run), run))


def _within_budget(text: _Text) -> str:
    """As much of ``text`` as a notebook output may hold; its last line says exactly what is missing.

    What comes after that is never built.
    """
    kept: list[str] = []
    limits = NOTEBOOK_TEXT
    whole = dict.fromkeys(text.counts, 0)
    for noun, stands_for, pieces in text.blocks():
        for piece in pieces:
            if not limits.fit(piece):
                shown = piece.encode()[: limits.output].decode(errors="ignore")
                return "".join([*kept, shown, "\n", _missing(len(shown), len(piece), whole, text.counts)])
            kept.append(piece)
            limits = limits.without([piece])
        if noun:
            whole[noun] += stands_for
    return "".join(kept)


def _missing(shown: int, of: int, whole: dict[str, int], counts: dict[str, int]) -> str:
    said = [shown_words(shown, of, "character")]
    said += [
        f"{whole[noun]:,} of {count_words(count, noun)} in whole" for noun, count in counts.items() if count
    ]
    return f"… {', '.join(said)}; run.to_text() has all of them"


class _Text:
    """A run as text, in blocks of pieces that are built one after the other.

    Args:
        head: the first line.
    """

    def __init__(self, head: str, run: RunData) -> None:
        self._head = head
        self._run = run
        self._outline = outline_of(run)
        outline = self._outline
        self.counts = {"message": outline.message_count, "tool call": len(outline.others)}
        """How many blocks there are of each noun that `blocks` has."""

    def blocks(self) -> Iterator[tuple[str, int, Iterator[str]]]:
        """What each block is ("" for what is not counted), how many messages it is, and its pieces."""
        yield "", 1, iter([self._head])
        before = ""
        for noun, stands_for, lines in self._lines():
            gap = [] if noun == before == "tool call" else ["\n"]
            yield noun, stands_for, itertools.chain(gap, (f"\n{line}" for line in lines))
            before = noun
        yield "", 1, iter(["\n"])

    def _lines(self) -> Iterator[tuple[str, int, Iterable[str]]]:
        outline = self._outline
        if outline.sentence:
            yield "", 1, [outline.sentence]
        if outline.error:
            yield "", 1, [_indented(outline.error)]
        for line in _answer(outline.answer):
            yield "", 1, [line]
        if lines := _deeds(outline.deeds()):
            yield "", 1, lines
        if messages := self.counts["message"]:
            yield "", 1, [f"── Transcript · {transcript_words(messages, outline.transcript.tool_calls)} ──"]
        for outlined in outline.messages():
            yield "message", outlined.count, _message(outlined)
        if outline.others:
            yield "", 1, [f"── {outline.others_title()} ──"]
        for call in outline.others:
            yield "tool call", 1, _call(call)
        if counted := outline.ledger():
            yield "", 1, [counted]


def run_line(run: RunData) -> str:
    """Status and id."""
    return f"{label_of_status(run.status, run.status_text)} · {plain_label(run.run_id)}"


def _answer(answer: Answer) -> Iterator[str]:
    if answer.text:
        yield terminal_safe(answer.text).strip("\n")
    if answer.json is not None:
        yield "The final text is not a string, shown as JSON:\n" + _indented(readable(answer.json))
    if answer.state:
        yield state_words(answer.state)


def _deeds(deeds: Deeds) -> list[str]:
    line = deeds.line()
    return list(filter(None, (line and f"What it did: {line}", deeds.failed_line())))


def _message(outlined: OutlinedMessage) -> Iterator[str]:
    facts = outlined.message.facts
    yield f"{plain_label(outlined.message.role) or '(no role)'}{f' · {facts}' if facts else ''}:"
    for part in outlined.message.parts:
        yield from _block(block_of(part))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Prose():
            yield _indented(block.text)
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
            yield _facts_line(block)
        case LabelledJson():
            name = plain_label(block.label)
            heading = f"unknown part ({name})" if block.is_unknown else name
            yield f"  {heading}:\n" + _indented(readable(block.value), 4)
        case State():
            yield f"  {state_words(block.text)}"


def _facts_line(block: Facts) -> str:
    if block.kind is FactsKind.FILE:
        return "  file: " + _facts(block.name or "without a name", *block.details, block.url)
    if block.kind is FactsKind.SOURCE:
        return "  source: " + _facts(block.name, block.url, *block.details)
    return "  " + _facts(block.name, *block.details)


def _call(call: ToolCall) -> Iterator[str]:
    line = summarize_arguments(call.arguments_json)
    yield f"  {LABEL_BY_CALL_STATE[call.state]} · {call_title(call.name)}{f' · {line}' if line else ''}"
    for note in call.notes:
        yield f"    {plain_label(note)}"
    for name, value in values_of(call):
        yield f"    {name}:\n{_indented(readable(value), 6)}"


def _facts(*facts: str | None) -> str:
    return " · ".join(plain_label(fact) for fact in facts if fact)


def _indented(text: str, by: int = 2) -> str:
    return textwrap.indent(terminal_safe(text).strip("\n"), " " * by, lambda _line: True)
