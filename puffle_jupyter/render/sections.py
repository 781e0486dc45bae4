"""A run as a document: its blocks, in the order in which text, Markdown and any other notation say them.

A renderer of a notation without folds is one function over `RunBlock`; this is the order it goes by.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from ..transcript.answer import Answer
from .blocks import (
    AnswerJson,
    AnswerText,
    Call,
    Failure,
    Heading,
    OutlinedMessage,
    Remark,
    RunBlock,
    Sentence,
    Speaker,
    WhatItDid,
)
from .outline import Outline, block_of
from .words import state_words, transcript_words


class Counted(enum.Enum):
    """What a section counts as, where a view says how many of them it shows."""

    MESSAGE = "message"
    TOOL_CALL = "tool call"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks that belong together.

    Attributes:
        blocks: each is made when it is asked for.
        counted: what it counts as.
        count: as how many of those.
    """

    blocks: Iterator[RunBlock]
    counted: Counted = Counted.NOTHING
    count: int = 1


def sections(outline: Outline) -> Iterator[Section]:
    """All that ``outline`` says, from how the run ended to what was counted."""
    for block in _conclusion(outline):
        yield Section(iter([block]))
    if messages := outline.message_count:
        counts = transcript_words(messages, outline.transcript.tool_calls)
        yield Section(iter([Heading("Transcript", counts)]))
    for outlined in outline.messages():
        yield Section(_message(outlined), Counted.MESSAGE, outlined.count)
    if outline.others:
        yield Section(iter([Heading(outline.others_title())]))
    for call in outline.others:
        yield Section(iter([Call(call)]), Counted.TOOL_CALL)
    for remark in filter(None, (outline.ledger(), outline.left_out)):
        yield Section(iter([Remark(remark)]))


def answer_blocks(answer: Answer) -> Iterator[RunBlock]:
    """What a run answered; none when it said nothing."""
    if answer.text:
        yield AnswerText(answer.text)
    if answer.json is not None:
        yield AnswerJson(answer.json)
    if answer.state:
        yield Remark(state_words(answer.state))


def _conclusion(outline: Outline) -> Iterator[RunBlock]:
    """What the run came to."""
    if outline.sentence:
        yield Sentence(outline.sentence)
    if outline.error:
        yield Failure(outline.error)
    yield from answer_blocks(outline.answer)
    deeds = outline.deeds()
    did = WhatItDid(deeds.line(), deeds.failed_line())
    if did.deeds or did.failed:
        yield did


def _message(outlined: OutlinedMessage) -> Iterator[RunBlock]:
    yield Speaker(outlined.message.role, outlined.message.facts)
    for part in outlined.message.parts:
        yield block_of(part)
