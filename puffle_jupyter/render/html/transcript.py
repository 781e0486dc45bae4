"""The transcript of a run as HTML: messages in a fold, the calls that none of them mentions, the ledger."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from ...transcript.model import Message, Transcript
from ..deeds import Deeds
from ..limits import Limits, fitted, series
from ..outline import Outline, messages_shown, outlined_messages, turns
from ..words import ledger_words, transcript_words
from . import style
from .anchors import Anchors
from .deeds import failed_calls_html
from .fold import DETAILS_END, details_start, left_out, small
from .message import message as message_html
from .part_classes import TURN, attribute, end_of_turns, in_turn
from .tool_call import tool_call

_MESSAGES_OPEN = 40
_FOLD_MARGIN = "14px 0 8px"
# A thin rule holds the transcript together.
_TRANSCRIPT_START = f'<div style="margin:8px 0 0;padding:0 0 1px 14px;border-left:2px solid {style.LINE}">'
TRANSCRIPT_END = f"</div>{DETAILS_END}"


def transcript_pieces(outline: Outline, deeds: Deeds, limits: Limits, anchors: Anchors) -> Iterator[str]:
    """The messages, the calls that no message mentions, and the ledger, piece by piece.

    Args:
        outline: of the run.
        deeds: what it did: of many calls, the failed ones come first.
        limits: how much there is room for.
        anchors: the ids of the page.
    """
    arrangement = limits.arrangement
    transcript, others = outline.transcript, outline.others
    is_empty = not (transcript.messages or others or transcript.ledger.received)
    if arrangement.is_brief and not is_empty:
        yield transcript_start(transcript, is_open=False)
    if deeds.are_many and not anchors.is_page:
        yield (failed := failed_calls_html(deeds, limits))
        limits = limits.without([failed])
    if transcript.messages:
        is_open = len(transcript.messages) <= _MESSAGES_OPEN
        if arrangement.is_open is not None:
            is_open = arrangement.is_open
        if not arrangement.is_brief:
            yield transcript_start(transcript, is_open=is_open)
        for piece in _messages(transcript, limits, is_open, len(others), anchors):
            yield piece
            limits = limits.without([piece])
        if not arrangement.is_brief:
            yield TRANSCRIPT_END
    if others:
        heading = small(outline.others_title())
        yield f'<div{attribute(TURN, anchors)} style="margin:14px 0 0">{heading}'
        shown = 0
        for call in series(others, functools.partial(tool_call, anchors=anchors), limits):
            yield call
            shown += 1
        yield left_out(shown, len(others), "tool call", limits) + "</div>"
    if transcript.ledger.received:
        counted = ledger_words(transcript.ledger, is_whole=not limits.omissions.any)
        yield f'<div style="margin:10px 0 0">{small(counted)}</div>'
    if arrangement.is_brief and not is_empty:
        yield TRANSCRIPT_END


def _messages(
    transcript: Transcript,
    limits: Limits,
    is_open: bool,
    following: int,
    anchors: Anchors,
) -> Iterator[str]:
    """The messages that there is room for, and how many that is of all."""
    before: Message | None = None
    at, count = 0, len(transcript.messages)
    for outlined in turns(outlined_messages(transcript)):
        message = outlined.message
        at += outlined.count
        if outlined.only_results:
            continue
        render = functools.partial(
            message_html,
            message,
            after=before,
            is_open=is_open,
            indexes=outlined.indexes,
            anchors=anchors,
        )
        one = fitted(render, limits, following + count - at)
        if one is None:
            yield left_out(at - outlined.count, count, "message", limits)
            return
        begins = before is None or before.role != message.role
        one = in_turn(one, anchors, begins=begins, is_first=before is None)
        yield one
        limits = limits.without([one])
        before = message
    if before is not None:
        yield end_of_turns(anchors)


def transcript_start(transcript: Transcript, *, is_open: bool) -> str:
    """The fold of the messages up to its content; `TRANSCRIPT_END` comes after that."""
    return details_start(_heading(transcript), is_open=is_open, margin=_FOLD_MARGIN) + _TRANSCRIPT_START


def _heading(transcript: Transcript) -> str:
    said = transcript_words(messages_shown(transcript), transcript.tool_calls)
    return f"{style.bold('Transcript')} {small(said)}"
