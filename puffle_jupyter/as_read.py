"""Text as it is read in the end: escapes resolved, invisible characters gone, and the way back.

What an agent writes is Markdown, JSON, a part of an address, or one inside another: ``pk\\_live``,
``pk&#95;live``, ``\\u0070k``, ``pk%5Flive``. Whoever looks for something that must not be shown looks here.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from .safe_text import HIDDEN

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2065-\u206f\ufff9-\ufffb"
_INVISIBLE = re.compile(f"[{HIDDEN}{_CONTROLS}\ud800-\udfff\U000e0000-\U000e0fff]")
# A JSON string within a JSON string doubles each backslash. The lookbehind keeps long rows of them linear.
_ESCAPE = re.compile(
    r"(?<!\\)\\+(?:u(?P<json>[0-9A-Fa-f]{4})|(?P<space>[nrt])|(?P<mark>[!-/:-@\[\]^_`{-~]))"
    r"|&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,31});"
    r"|%(?:25)*(?P<percent>[2-7][0-9A-Fa-f])"
    f"|{_INVISIBLE.pattern}"
)
_ANY_ESCAPE = re.compile(r"[\\&%]")


@dataclass(frozen=True, slots=True)
class AsRead:
    """``text`` is what a reader sees of another text; `original` leads back."""

    text: str
    read_at: list[int]
    written_at: list[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original that is written which is read from ``start`` to ``end``."""
        before = bisect_right(self.read_at, start) - 1
        first = self.written_at[before] + start - self.read_at[before]
        after = bisect_left(self.read_at, end)
        if after == len(self.read_at) or self.read_at[after] != end:
            after -= 1
        return first, self.written_at[after] + end - self.read_at[after]


def as_read(text: str) -> AsRead:
    """``text`` as it is read once every escape in it has been resolved.

    >>> as_read("pk\\\\_live").text
    'pk_live'
    """
    if text.isascii() and not _ANY_ESCAPE.search(text):
        return as_written(text)
    pieces, read_at, written_at = [], [0], [0]
    read, written = 0, 0
    for escape in _ESCAPE.finditer(text):
        character = _character(escape)
        start, end = escape.span()
        pieces += [text[written:start], character]
        read += start - written
        read_at += [read, read + len(character)]
        written_at += [start, end]
        read, written = read + len(character), end
    return AsRead("".join([*pieces, text[written:]]), read_at, written_at)


def as_written(text: str) -> AsRead:
    """``text`` with no escape resolved: for text that is known to have none that matters."""
    return AsRead(text, [0], [0])


@lru_cache(maxsize=1024)
def _unescaped(reference: str) -> str:
    """What a character reference means; a hundred thousand of them are mostly a few different ones."""
    return html.unescape(reference)


def _character(escape: re.Match[str]) -> str:
    """What one escape means; "" for what is invisible."""
    if escape["json"]:
        character = chr(int(escape["json"], 16))
    elif escape["space"]:
        return " "
    elif escape["mark"]:
        return escape["mark"]
    elif escape["percent"]:
        character = chr(int(escape["percent"], 16))
    else:
        character = _unescaped(escape[0])
    return "" if len(character) == 1 and _INVISIBLE.match(character) else character
