"""What a run looks like as HTML: pure functions of what is known.

The same string feeds the live widget, the saved notebook and, inside `page`, the .html file. It is
made of elements that read well without any style, and holds no script, no style sheet but the one for
paper (`style.PRINT`), nothing that is fetched and, but for the page, no id (`anchors`).
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator

from ...run_data import RunData
from ...transcript.model import Transcript
from ..arrangement import AS_IT_IS, Arrangement
from ..detail import Detail
from ..limits import EVERYTHING, FOR_WANT_OF_ROOM, NOTEBOOK, Limits, size_of
from ..outline import outline_of
from ..words import size_words
from . import style
from .anchors import NO_IDS, Anchors, anchors_of_page
from .badge import run_badge
from .chips import chips_html
from .conclusion import conclusion
from .contents import contents_html
from .deeds import deeds_html
from .escape import escaped, label
from .fold import details, joined, small
from .transcript import transcript_pieces

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
    for piece in conclusion(outline, limits, following):
        yield piece
        limits = limits.without([piece])
    links = anchors if transcript.tool_calls else NO_IDS
    deeds = outline.deeds()
    line = deeds_html(deeds, links, is_brief=arrangement.is_brief)
    yield line
    limits = limits.without([line])
    yield contents_html(outline, anchors)
    yield chips_html(outline, anchors)
    for piece in transcript_pieces(outline, deeds, limits, anchors):
        yield piece
        limits = limits.without([piece])
    if outline.left_out:
        yield f'<p style="{style.PARAGRAPH}">{small(html.escape(outline.left_out))}</p>'
    if detail is Detail.FULL and has_raw:
        yield _raw(run, transcript, limits)


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
