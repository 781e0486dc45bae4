"""Long things are folded after a screenful: the exact size is said, and the rest stands inside the fold.

What goes in is plain text or finished HTML; what comes out is HTML made of ``details`` and ``pre``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from . import markdown
from .escape import escaped
from .style import PRE, SMALL, SUMMARY
from .words import count_words

SCREENFUL_LINES = 28
SCREENFUL_CHARACTERS = 2_400
_FENCE = re.compile(r" {0,3}(```+|~~~+)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one output may hold; None is everything.

    Attributes:
        block: characters of one text or one JSON value.
        output: bytes of HTML in all.
    """

    block: int | None = None
    output: int | None = None

    def fit(self, content: str) -> bool:
        """Whether there is room for ``content``."""
        return self.output is None or size_of(content) <= self.output

    def without(self, contents: Iterable[str]) -> Limits:
        """What is left when ``contents`` are in the output."""
        if self.output is None:
            return self
        return replace(self, output=self.output - sum(map(size_of, contents)))


EVERYTHING = Limits()
"""A standalone page."""
NOTEBOOK = Limits(block=200_000, output=1_600_000)
"""A notebook output: html and text together stay under 2 MB."""


def fitted(render: Callable[[Limits], str], limits: Limits) -> str | None:
    """What ``render`` makes within ``limits``: of all, or of less of each text; None if that does not fit."""
    for divisor in (1, 10, 100):
        less = limits if limits.block is None else replace(limits, block=limits.block // divisor)
        if limits.fit(content := render(less)):
            return content
    return None


def size_of(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def details(summary: str, content: str, *, is_open: bool = False, margin: str = "4px 0 8px") -> str:
    """A fold. Both arguments are HTML already."""
    opened = " open" if is_open else ""
    return (
        f'<details style="margin:{margin}"{opened}><summary style="{SUMMARY}">{summary}</summary>'
        f"{content}</details>"
    )


def small(content: str) -> str:
    """Quiet small print; ``content`` is HTML already."""
    return f'<span style="{SMALL}">{content}</span>'


def text_block(text: str, limits: Limits) -> str:
    """Plain text as ``pre``; after a screenful, the rest in a fold that says how long the whole is."""
    shown, missing = within(text, limits)
    head, rest = at_screenful(shown)
    block = f'<pre style="{PRE}">{escaped(head)}</pre>'
    if rest:
        block += _rest(text, f'<pre style="{PRE}">{escaped(rest)}</pre>')
    return block + missing


def markdown_block(
    text: str, limits: Limits, screenful: int = SCREENFUL_CHARACTERS, *, is_open: bool = False
) -> str:
    """Markdown rendered; after ``screenful`` characters, the rest in a fold, cut between paragraphs.

    ``is_open`` says that the first screenful stands in no fold, so its code is worth its colours.
    """
    shown, missing = within(text, limits)
    head, rest = between_paragraphs(shown, screenful)
    folded = _rest(text, markdown.to_html(rest)) if rest else ""
    return markdown.to_html(head, highlighted=is_open) + folded + missing


def within(text: str, limits: Limits) -> tuple[str, str]:
    """The part of ``text`` that ``limits`` leave room for, and HTML that says what is missing."""
    if limits.block is None or len(text) <= limits.block:
        return text, ""
    said = (
        f"{limits.block:,} of {count_words(len(text), 'character')} shown here; run.to_html() has all of them"
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
        if mark := _FENCE.match(line):
            fence = _fence_after(fence, mark[1])
        after_blank, at = not line.strip(), at + len(line)
    return text, ""


def _fence_after(fence: str, mark: str) -> str:
    if not fence:
        return mark
    return "" if mark.startswith(fence) else fence


def _rest(text: str, content: str) -> str:
    return details(small(f"show all {count_words(len(text), 'character')}"), content)
