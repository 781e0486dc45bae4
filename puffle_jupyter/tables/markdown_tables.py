"""The tables of a Markdown text, read as the page shows them.

The Markdown library gives html and no tree, so the tables are read from that html: what is a table, and where
its cells end, is then the same here and on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from ..json_value import JsonValue
from ..render.html import markdown
from ..render.html.markdown_limits import too_much
from ..transcript.tables import Rows
from .names import unique_names

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)  # raw HTML is escaped: each of them is Markdown's
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?")


def markdown_tables(text: str) -> Iterator[Rows]:
    """The tables of ``text``; none where the page shows it as plain text.

    A column whose cells all are numbers holds numbers, with the digits as written. An empty cell is missing.

    >>> next(markdown_tables("|a|\\n|-|\\n|1|")).columns
    ('a',)
    """
    if "|" not in text or "-" not in text or too_much(text):
        return
    try:
        written = markdown.rendered(text)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the Rust library is not an Exception
        return
    for found in _TABLE.finditer(written):
        reader = _Reader()
        reader.feed(found[0])
        reader.close()
        yield _table(reader.rows)


class _Reader(HTMLParser):
    """The texts of the cells of one table, row by row, its heading first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._texts: list[str] = []
        self._address = ""
        self._link_start = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._texts = []
        elif tag == "a":
            self._address, self._link_start = dict(attrs).get("href") or "", len(self._texts)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.rows[-1].append("".join(self._texts).strip())
        elif tag == "a" and self._address not in _as_addresses("".join(self._texts[self._link_start :])):
            self._texts.append(f" ({self._address})")

    def handle_data(self, data: str) -> None:
        self._texts.append(data)


def _as_addresses(said: str) -> tuple[str, ...]:
    """The addresses that a link with this text leads to when the text is its address."""
    return said, f"mailto:{said}", f"http://{said}", ""


def _table(cells: Sequence[Sequence[str]]) -> Rows:
    heads, *rows = cells
    columns = unique_names(head or f"column {at}" for at, head in enumerate(heads, 1))
    are_numbers = [_all_numbers([row[at] for row in rows]) for at in range(len(columns))]
    return Rows(
        tuple(columns),
        tuple(
            {
                column: JsonValue(cell.encode()) if is_number else JsonValue.of(cell)
                for column, cell, is_number in zip(columns, row, are_numbers, strict=True)
                if cell
            }
            for row in rows
        ),
    )


def _all_numbers(cells: Sequence[str]) -> bool:
    return any(cells) and all(not cell or _NUMBER.fullmatch(cell) for cell in cells)
