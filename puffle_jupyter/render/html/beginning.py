"""The beginning of rendered text, as much as fits a height: html of our own in, two pieces of html out.

Only a browser knows how high html becomes, so the height is estimated, for a window of ordinary width. The
cut is made between blocks, list items, table rows or lines of code; between words only where that would leave
too little to read. The second piece has the same elements around it: a list goes on with its next number, a
table has its heading again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from .direction import AUTO

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?([a-z0-9]+)")
_START = re.compile(r' start="(\d+)"')
# A word with the white space after it; a part of one where it is long, or of text that has no spaces.
_BREAK = "(?:\n|&#10;)"
_LINE_BREAK = re.compile(_BREAK)
_PIECE = r"(?:(?!&#10;)(?:&[^;\s]{1,10};|\S)){1,24}"
_WORD = re.compile(rf"{_PIECE}[^\S\n]*{_BREAK}?|[^\S\n]+{_BREAK}?|{_BREAK}")
_WIDE = re.compile("[\u1100-\uffdc\U0001f000-\U0003ffff]")

_HEADINGS = frozenset(("h3", "h4", "h5", "h6"))
_STARTS_ANEW = _HEADINGS | {"p", "pre", "blockquote", "ul", "ol", "li", "hr", "div", "tr"}
_ENDS_A_LINE = _STARTS_ANEW | {"br", "table"}
_WITHOUT_END = frozenset(("br", "hr"))
_INDIVISIBLE = frozenset(("thead", "tr"))

# Pixels above and below an element: its margins, paddings and lines.
_ABOVE = {"pre": 12, "hr": 13, "div": 4, "tr": 11} | dict.fromkeys(_HEADINGS, 14)
_BELOW = {"p": 8, "pre": 16, "ul": 8, "ol": 8, "hr": 12, "div": 10, "blockquote": 8} | dict.fromkeys(
    _HEADINGS, 6
)
_LINE_HEIGHT = 22.0
_LINE_HEIGHT_IN = {"pre": 18.0, "tr": 18.2}
_COLUMNS = 90
"""Characters in a line of an ordinary window, a wide one counted as two."""
_ENOUGH = 0.45
"""The part of the height that a cut between blocks must leave to read."""


def beginning(shown: str, height: float) -> tuple[str, str]:
    """``shown`` cut where it has filled ``height`` pixels; the second piece is "" when all of it fits.

    Args:
        shown: balanced html, as `markdown.to_html` makes it.
        height: pixels.

    >>> beginning("<p>one</p><p>two</p><p>three</p>", 65)
    ('<p>one</p><p>two</p>', '<p>three</p>')
    """
    cut = _Reading(height).cut(shown)
    return (shown, "") if cut is None else (shown[: cut.at] + cut.closing, cut.opening + shown[cut.at :])


def rows_in_beginning(shown: str, height: float) -> tuple[int, int] | None:
    """How many rows of a table the first piece of `beginning` has, and how many the table has.

    Returns:
        None if it has all rows of all of its tables.
    """
    cut = _Reading(height).cut(shown)
    if cut is None or cut.table is None:
        return None
    before = shown.count("<tr", cut.table, cut.at) - shown.count("<thead>", cut.table, cut.at)
    return before, before + shown.count("<tr", cut.at, shown.find("</table>", cut.at))


@dataclass(frozen=True, slots=True)
class _Cut:
    at: int
    closing: str
    opening: str
    bottom: float
    """Pixels that the first piece fills."""
    table: int | None
    """Where the table begins that is cut."""


@dataclass(slots=True)
class _Open:
    """An element that is not closed yet."""

    tag: str
    name: str
    at: int
    items: int = 0
    heading: str = ""


@dataclass(slots=True)
class _Reading:
    """Reads html from its beginning, and keeps account of how far down that is."""

    height: float
    bottom: float = 0.0
    columns: int = 0
    elements: list[_Open] = field(default_factory=list)
    before: str = "<"
    """The last tag; "" after a text."""
    between: _Cut | None = None
    after_heading: _Cut | None = None
    """Taken only where there is no other."""

    def cut(self, shown: str) -> _Cut | None:
        """Where to cut ``shown``; None when all of it fits."""
        at = 0
        for number, token in enumerate(_TAG.split(shown)):
            found = self._read_tag(token, at, shown) if number % 2 else self._read_text(token, at)
            if found is not None:
                return found
            at += len(token)
        return None

    def _read_tag(self, tag: str, at: int, shown: str) -> _Cut | None:
        named = _NAME.match(tag)
        name = named[1] if named else ""
        if name in _ENDS_A_LINE:
            self._end_line()
        if tag.startswith("</"):
            self._close(name, at + len(tag), shown)
        else:
            if name in _STARTS_ANEW and self._may_cut():
                if self._is_after_heading():
                    self.after_heading = self._cut_at(at)
                else:
                    self.between = self._cut_at(at)
            self._start(tag, name, at)
        self.before = tag
        return (self.between or self.after_heading) if self._is_full() else None

    def _start(self, tag: str, name: str, at: int) -> None:
        if name == "li" and self.elements:
            self.elements[-1].items += 1
        self.bottom += _ABOVE.get(name, 0)
        if name in _WITHOUT_END:
            self.bottom += _BELOW.get(name, 0)
        else:
            self.elements.append(_Open(tag, name, at))

    def _close(self, name: str, end: int, shown: str) -> None:
        element = self.elements.pop()
        self.bottom += _BELOW.get(name, 0)
        if name == "thead" and self.elements:
            self.elements[-1].heading = shown[element.at : end]

    def _read_text(self, text: str, at: int) -> _Cut | None:
        if self._is_in("tr"):
            self.columns += _columns(text)
            return None
        is_code = self._is_in("pre")
        for word in _WORD.finditer(text):
            if not is_code and not self.columns and word[0].isspace():
                continue  # between tags
            is_within = self.columns or self.before.startswith("<br")
            within = self._cut_at(at + word.start()) if is_within else None
            self.columns += _columns(word[0])
            self.before = ""
            if self._is_full() and (found := self._chosen(within)):
                return found
            if is_code and word[0].endswith(("\n", "&#10;")):
                self._end_line()
                # Html drops the first line break in a `pre`: no piece begins with one.
                if word.end() < len(text) and not _LINE_BREAK.match(text, word.end()):
                    self.between = self._cut_at(at + word.end())
        return None

    def _chosen(self, within: _Cut | None) -> _Cut | None:
        """Between blocks where that leaves enough to read, else between words, else whatever there is."""
        if within is None:
            return self.between or self.after_heading
        is_enough = self.between is not None and self.between.bottom >= _ENOUGH * self.height
        return self.between if is_enough else within

    def _may_cut(self) -> bool:
        """Whether a cut here leaves no list or table without anything in it."""
        is_after_start = self.before.startswith("<") and not self.before.startswith(("</", "<hr"))
        return not is_after_start and not any(map(self._is_in, _INDIVISIBLE))

    def _is_after_heading(self) -> bool:
        named = _NAME.match(self.before)
        return named is not None and named[1] in _HEADINGS

    def _cut_at(self, at: int) -> _Cut:
        closing = "".join(f"</{element.name}>" for element in reversed(self.elements))
        inner = [*self.elements[1:], None]
        opening = "".join(map(_opened_again, self.elements, inner))
        table = next((element.at for element in self.elements if element.name == "table"), None)
        return _Cut(at, closing, opening, self.bottom, table)

    def _is_full(self) -> bool:
        return self.bottom + self._line_height() > self.height

    def _end_line(self) -> None:
        self.bottom += self._line_height()
        self.columns = 0

    def _line_height(self) -> float:
        """Of the text since the last end of a line, which may take several of them."""
        if not self.columns:
            return 0.0
        kinds = [height for name, height in _LINE_HEIGHT_IN.items() if self._is_in(name)]
        return math.ceil(self.columns / _COLUMNS) * (kinds[0] if kinds else _LINE_HEIGHT)

    def _is_in(self, name: str) -> bool:
        return any(element.name == name for element in self.elements)


def _columns(text: str) -> int:
    return len(text) + len(_WIDE.findall(text))


def _opened_again(element: _Open, inner: _Open | None) -> str:
    """What opens ``element`` anew, to go on with what is in it, or in ``inner``, which is open in it."""
    if element.name == "li":
        return f'<li{AUTO if AUTO in element.tag else ""} style="list-style:none">'
    if element.name != "ol":
        return element.tag + element.heading
    first = _START.search(element.tag)
    number = (int(first[1]) if first else 1) + element.items - (inner is not None)
    return f'{_START.sub("", element.tag)[:-1]} start="{number}">'
