"""Long things are folded after a screenful: the exact size is said, and the rest is inside the fold.

What goes in is plain text or finished HTML; what comes out is HTML made of ``details`` and ``pre``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..limits import EVERYTHING, Limits, shown_words
from ..words import count_words
from . import markdown
from .direction import auto
from .escape import escaped
from .fence import FENCE, fence_after
from .marks import is_open_fold, marked
from .style import PARAGRAPH, PRE, SMALL, SUMMARY, bold

SCREENFUL_LINES = 28
SCREENFUL_CHARACTERS = 2_400


def left_out(shown: int, of: int, noun: str, limits: Limits) -> str:
    """How many are shown of all, as HTML; "" when those are all. Also notes it in ``limits``."""
    if shown == of:
        return ""
    limits.omissions.any = True
    *first, last = limits.elsewhere
    said = f"{shown_words(shown, of, noun)}; {', '.join(first)} and {last} have all of them"
    return f'<p style="{PARAGRAPH}">{bold(said)}</p>'


def details(
    summary: str,
    content: str,
    limits: Limits = EVERYTHING,
    *,
    is_open: bool = False,
    margin: str = "4px 0 8px",
) -> str:
    """A fold.

    Args:
        summary: what is always seen, as HTML.
        content: what is in the fold, as HTML.
        limits: say how the page is arranged, and so which folds are open.
        is_open: whether it is open where nobody has asked for anything.
        margin: around the fold.
    """
    is_open = is_open_fold(content, limits, is_open=is_open)
    return f"{details_start(summary, is_open=is_open, margin=margin)}{content}{DETAILS_END}"


DETAILS_END = "</details>"


def details_start(summary: str, *, is_open: bool = False, margin: str) -> str:
    """A fold up to its content; `DETAILS_END` comes after that."""
    opened = " open" if is_open else ""
    return f'<details style="margin:{margin}"{opened}><summary style="{SUMMARY}">{summary}</summary>'


def joined(pieces: Iterable[str]) -> str:
    """All ``pieces`` as one text, each let go of as it comes: in UTF-8, the least that they can take."""
    encoded = bytearray()
    for piece in pieces:
        encoded += piece.encode()
    return encoded.decode()


def small(content: str) -> str:
    """Quiet small print; ``content`` is HTML already."""
    return f'<span style="{SMALL}">{content}</span>'


def text_block(text: str, limits: Limits) -> str:
    """Plain text as ``pre``; after a screenful, the rest in a fold that says how long the whole is."""
    shown, missing = within(text, limits)
    head, rest = at_screenful(shown)
    direction = auto(shown)
    block = _pre(head, direction, limits)
    if rest:
        block += _rest(text, _pre(rest, direction, limits), limits)
    return block + missing


def _pre(text: str, direction: str, limits: Limits) -> str:
    return marked(f'<pre{direction} style="{PRE}">{escaped(text)}</pre>', limits)


def markdown_block(
    text: str, limits: Limits, screenful: int = SCREENFUL_CHARACTERS, *, is_open: bool = False
) -> str:
    """Markdown rendered; after ``screenful`` characters, the rest in a fold, cut between paragraphs.

    ``is_open`` says that the first screenful is in no fold, so its code is worth its colours.
    """
    shown, missing = within(text, limits)
    head, rest = between_paragraphs(shown, screenful)
    folded = _rest(text, marked(markdown.to_html(rest), limits), limits) if rest else ""
    return marked(markdown.to_html(head, highlighted=is_open), limits) + folded + missing


def within(text: str, limits: Limits) -> tuple[str, str]:
    """The part of ``text`` that ``limits`` leave room for, and HTML that says what is missing."""
    if limits.block is None or len(text) <= limits.block:
        return text, ""
    limits.omissions.any = True
    said = f"{shown_words(limits.block, len(text), 'character')}; {limits.elsewhere[0]} has all of them"
    return text[: limits.block], f'<p style="{SMALL};margin:0 0 8px">{said}</p>'


def at_screenful(text: str) -> tuple[str, str]:
    """``text`` cut after a screenful, at a line's end where there is one; the rest is "" when it fits.

    A rest of less than half a screenful is not worth a fold.
    """
    if len(text) <= 1.5 * SCREENFUL_CHARACTERS and text.count("\n") <= 1.5 * SCREENFUL_LINES:
        return text, ""
    cut = 0
    for _ in range(SCREENFUL_LINES):
        end = text.find("\n", cut, SCREENFUL_CHARACTERS)
        if end < 0:
            break
        cut = end + 1
    cut = cut or SCREENFUL_CHARACTERS
    return text[:cut].removesuffix("\n"), text[cut:]


def between_paragraphs(text: str, screenful: int) -> tuple[str, str]:
    """Markdown cut at the first blank line after ``screenful`` characters that ends a top-level block."""
    if len(text) <= 1.5 * screenful:
        return text, ""
    fence, at, after_blank = "", 0, False
    for line in text.splitlines(keepends=True):
        if not fence and after_blank and at >= screenful and not line[0].isspace():
            return text[:at], text[at:]
        if mark := FENCE.match(line):
            fence = fence_after(fence, mark[1])
        after_blank, at = not line.strip(), at + len(line)
    return text, ""


def _rest(text: str, content: str, limits: Limits) -> str:
    return details(small(f"show all {count_words(len(text), 'character')}"), content, limits)
