"""What a run looks like as HTML: pure functions of what is known.

The same string feeds the live widget, the saved notebook and, inside `page`, the .html file. It is
made of elements that read well without any style, and holds no script, no style sheet but the one for
paper (`style.PRINT`), nothing that is fetched and, but for the page, no id (`anchors`).
"""

from __future__ import annotations

import functools
import html
import itertools
from collections.abc import Iterator, Sequence

from ...run_data import RunData
from ...transcript.model import Message, ToolCall, Transcript
from ...transcript.read import unmentioned_calls
from ..arrangement import AS_IT_IS, Arrangement
from ..deeds import Deeds, deeds_of
from ..detail import Detail
from ..limits import EVERYTHING, FOR_WANT_OF_ROOM, NOTEBOOK, Limits, fitted, series, size_of
from ..outline import messages_shown, outline_of, outlined_messages, turns
from ..words import OF_NO_MESSAGE, calls_words, ledger_words, size_words, transcript_words
from . import style
from .anchors import NO_IDS, Anchors, anchors_of_page
from .badge import run_badge
from .chips import chips_html
from .conclusion import conclusion
from .contents import contents_html
from .deeds import deeds_html, failed_calls_html
from .escape import escaped, label
from .fold import DETAILS_END, details, details_start, joined, left_out, small
from .message import message as message_html
from .part_classes import TURN, attribute, end_of_turns, in_turn
from .tool_call import tool_call

_MESSAGES_OPEN = 40
_FOLD_MARGIN = "14px 0 8px"
# A thin rule holds the transcript together.
_TRANSCRIPT_START = f'<div style="margin:8px 0 0;padding:0 0 1px 14px;border-left:2px solid {style.LINE}">'
TRANSCRIPT_END = f"</div>{DETAILS_END}"
BADGE_LINE = "margin:0 0 10px"


def arranged_body(run: RunData, arrangement: Arrangement) -> str:
    """What is below the badge of `run_fragment`, arranged."""
    return wrapped(run_body(run, NOTEBOOK, arrangement))


def run_fragment(run: RunData) -> str:
    """A run as a notebook shows it: at most 2 MB, and exact about what is left out."""
    return wrapped(f'<div style="{BADGE_LINE}">{run_badge(run)}</div>{run_body(run, NOTEBOOK)}')


def run_page(run: RunData, detail: Detail = Detail.FULL, id_prefix: str = "") -> str:
    """A run as a standalone page, with everything in it or as much as ``detail`` says.

    Raises:
        InvalidExport: no id can begin with ``id_prefix``.
    """
    from .page import around

    before, after = around(run)
    pieces = _run_pieces(run, EVERYTHING.for_one_output(), detail=detail, anchors=anchors_of_page(id_prefix))
    wrapped = [style.WRAPPER_START], pieces, [style.WRAPPER_END]
    return joined(itertools.chain([before], *wrapped, [after]))


def run_body(run: RunData, limits: Limits, arrangement: Arrangement = AS_IT_IS) -> str:
    """Answer, transcript, ledger and raw JSON of ``run``, without a badge."""
    return "".join(_run_pieces(run, limits.for_one_output(arrangement)))


def folded_body(run: RunData, room: int) -> str | None:
    """Answer and closed transcript of ``run``, whole, in at most ``room`` bytes; None when they do not fit.

    Without its raw JSON, so that several runs have room in one output.
    """
    if len(run.body.encoded) > room:  # to render megabytes only to leave them out would take seconds
        return None
    limits = Limits(NOTEBOOK.block, room, arrangement=Arrangement(is_open=False))
    shown = "".join(_run_pieces(run, limits, has_raw=False))
    return None if limits.omissions.any or size_of(shown) > room else shown


def column_body(run: RunData, room: int) -> str:
    """Answer and closed transcript of ``run`` in about ``room`` bytes; it says exactly what is left out."""
    limits = Limits(NOTEBOOK.block, room, arrangement=Arrangement(is_open=False))
    return "".join(_run_pieces(run, limits, has_raw=False))


def _run_pieces(
    run: RunData,
    limits: Limits,
    detail: Detail = Detail.FULL,
    anchors: Anchors = NO_IDS,
    has_raw: bool = True,
) -> Iterator[str]:
    """`run_body` piece by piece, since all of a page at once would be in the memory several times.

    What is left out is noted in ``limits``, which must be those of one output alone. The raw JSON is not
    arranged: all that is in it is shown above.
    """
    arrangement = limits.arrangement
    outline = outline_of(run, detail)
    transcript = outline.transcript
    limits.omissions.any = bool(outline.left_out)
    following = len(transcript.messages) + len(transcript.tool_calls)
    for piece in conclusion(run, outline.answer, limits, following):
        yield piece
        limits = limits.without([piece])
    links = anchors if transcript.tool_calls else NO_IDS
    deeds = outline.deeds()
    line = deeds_html(deeds, links, is_brief=arrangement.is_brief)
    yield line
    limits = limits.without([line])
    yield contents_html(outline, anchors)
    yield chips_html(outline, anchors)
    for piece in _transcript_pieces(transcript, deeds, limits, anchors):
        yield piece
        limits = limits.without([piece])
    if outline.left_out:
        yield f'<p style="{style.PARAGRAPH}">{small(html.escape(outline.left_out))}</p>'
    if detail is Detail.FULL and has_raw:
        yield _raw(run, transcript, limits)


def transcript_html(
    transcript: Transcript,
    limits: Limits = EVERYTHING,
) -> str:
    """Messages, tool calls that no message mentions, and the ledger.

    Args:
        transcript: what is rendered.
        limits: how much there is room for.
    """
    return "".join(_transcript_pieces(transcript, deeds_of(transcript.tool_calls), limits, NO_IDS))


def _transcript_pieces(
    transcript: Transcript,
    deeds: Deeds,
    limits: Limits,
    anchors: Anchors,
) -> Iterator[str]:
    arrangement = limits.arrangement
    others = unmentioned_calls(transcript.messages, transcript.tool_calls)
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
        heading = small(_others_heading(transcript, others))
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


def _others_heading(transcript: Transcript, others: Sequence[ToolCall]) -> str:
    return calls_words(others) + (OF_NO_MESSAGE if transcript.messages else "")


def _raw(run: RunData, transcript: Transcript, limits: Limits) -> str:
    """The untouched JSON in a fold, if there is room for it."""
    size = size_words(len(run.body.encoded))
    formats = ", ".join(label(name) for name in dict.fromkeys(m.format for m in transcript.messages))
    said = small(f"Raw JSON ({size}{f', {formats}' if formats else ''})")
    # To lay out and escape megabytes only to leave them out would hold up every other thread.
    is_short = limits.output is None or len(run.body.encoded) <= limits.output
    block = f'<pre style="{style.PRE}">{escaped(run.body.pretty())}</pre>' if is_short else ""
    if not is_short or not limits.fit(block):
        why = f"Raw JSON ({size}): not shown, {FOR_WANT_OF_ROOM}; run.raw and run.to_html() have it"
        return f'<div style="margin:4px 0 0">{small(why)}</div>'
    return details(said, block, margin="2px 0 0")


def wrapped(content: str, *, is_wide: bool = False) -> str:
    """``content`` in the element that sets its font, its width and how it prints."""
    start = style.WIDE_WRAPPER_START if is_wide else style.WRAPPER_START
    return f"{start}{content}{style.WRAPPER_END}"
