"""Long things are folded after a screenful: the exact size is said, and the rest is inside the fold.

What goes in is plain text or finished HTML; what comes out is HTML made of ``details`` and ``pre``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..words import count_words
from . import markdown
from .direction import auto
from .escape import escaped
from .fence import FENCE, fence_after
from .style import PARAGRAPH, PRE, SMALL, SUMMARY, bold

T = TypeVar("T")

SCREENFUL_LINES = 28
SCREENFUL_CHARACTERS = 2_400
_ATTEMPTS = 4
_BLOCK = 16_000
"""Bytes of a block that is not large, such as a message of several screenfuls."""
_FRAME = 1_000
"""Bytes around a series: a heading, and how much of it is left out."""


@dataclass(slots=True)
class Omissions:
    """Whether anything was left out of one output for want of room."""

    any: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one output may hold; None is everything.

    Attributes:
        block: characters of one text or one JSON value, and bytes of one table.
        output: bytes of HTML in all.
        elsewhere: what has all of it, such as ``run.to_html()``.
        omissions: notes whether anything was left out; shared by all that is rendered for one output.
    """

    block: int | None = None
    output: int | None = None
    elsewhere: tuple[str, ...] = ("run.to_html()", "run.to_markdown()", "run.to_dict()")
    omissions: Omissions = field(default_factory=lambda: Omissions(), compare=False)

    def before(self, following: int) -> Limits:
        """What a block may hold when so many follow it: of a large one, half is kept for those."""
        if self.output is None or not following:
            return self
        left = self.output
        return replace(self, output=max(left // 2, left - following * _BLOCK, min(left, _BLOCK)))

    def fit(self, content: str) -> bool:
        """Whether there is room for ``content``."""
        return self.output is None or size_of(content) <= self.output

    def without(self, contents: Iterable[str]) -> Limits:
        """What is left when ``contents`` are in the output."""
        if self.output is None:
            return self
        return replace(self, output=self.output - sum(map(size_of, contents)))

    def for_one_output(self) -> Limits:
        """The same limits, with nothing left out yet."""
        return Limits(self.block, self.output, self.elsewhere)


EVERYTHING = Limits()
"""A standalone page."""
NOTEBOOK = Limits(block=200_000, output=1_600_000)
"""A notebook output: html and text together stay under 2 MB."""


def fitted(render: Callable[[Limits], str | None], limits: Limits, following: int = 0) -> str | None:
    """What ``render`` makes of one block: of all of it, or of less of each text, table and list in it.

    The one place that decides how much of a block is shown, so that no block hides those after it.

    Args:
        render: makes the block within the limits it is given.
        limits: what there is room for.
        following: how many blocks come after it.

    Returns:
        None if nothing of it fits.
    """
    limits = limits.before(following)
    for _ in range(_ATTEMPTS):
        content = render(limits)
        if content is None or limits.output is None or limits.block is None:
            return content
        if (size := size_of(content)) <= limits.output:
            return content
        less = int(min(limits.block, size) * min(0.8 * limits.output / size, 0.5))
        limits = replace(limits, block=less)
    return None


def series(items: Sequence[T], render: Callable[[T, Limits], str | None], limits: Limits) -> Iterator[str]:
    """What ``render`` makes of the ``items``, up to the first that there is no room for."""
    if limits.output is not None:
        limits = replace(limits, output=limits.output - _FRAME)
    for at, item in enumerate(items, 1):
        room = limits.before(len(items) - at)
        one = render(item, room)
        if one is not None and not room.fit(one):
            one = fitted(functools.partial(render, item), room)
        if one is None:
            return
        yield one
        limits = limits.without([one])


def left_out(shown: int, of: int, noun: str, limits: Limits) -> str:
    """How many are shown of all, as HTML; "" when those are all. Also notes it in ``limits``."""
    if shown == of:
        return ""
    limits.omissions.any = True
    *first, last = limits.elsewhere
    said = (
        f"{shown:,} of {count_words(of, noun)} shown, to keep this output under 2 MB; "
        f"{', '.join(first)} and {last} have all of them"
    )
    return f'<p style="{PARAGRAPH}">{bold(said)}</p>'


def size_of(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def details(summary: str, content: str, *, is_open: bool = False, margin: str = "4px 0 8px") -> str:
    """A fold. Both arguments are HTML already."""
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
    block = f'<pre{direction} style="{PRE}">{escaped(head)}</pre>'
    if rest:
        block += _rest(text, f'<pre{direction} style="{PRE}">{escaped(rest)}</pre>')
    return block + missing


def markdown_block(
    text: str, limits: Limits, screenful: int = SCREENFUL_CHARACTERS, *, is_open: bool = False
) -> str:
    """Markdown rendered; after ``screenful`` characters, the rest in a fold, cut between paragraphs.

    ``is_open`` says that the first screenful is in no fold, so its code is worth its colours.
    """
    shown, missing = within(text, limits)
    head, rest = between_paragraphs(shown, screenful)
    folded = _rest(text, markdown.to_html(rest)) if rest else ""
    return markdown.to_html(head, highlighted=is_open) + folded + missing


def within(text: str, limits: Limits) -> tuple[str, str]:
    """The part of ``text`` that ``limits`` leave room for, and HTML that says what is missing."""
    if limits.block is None or len(text) <= limits.block:
        return text, ""
    limits.omissions.any = True
    said = (
        f"{limits.block:,} of {count_words(len(text), 'character')} shown here; "
        f"{limits.elsewhere[0]} has all of them"
    )
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


def _rest(text: str, content: str) -> str:
    return details(small(f"show all {count_words(len(text), 'character')}"), content)
