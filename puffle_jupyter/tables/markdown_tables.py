"""The tables of a Markdown text, read as the page shows them.

The Markdown library gives html and no tree, so the tables are read from that html: what is a table, and where
its cells end, is then the same here and on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
    Where the links of the column ``Company`` lead is in a column of its own behind it: ``Company link``.

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


@dataclass(slots=True)
class _Cell:
    """What a cell says, and where its links lead."""

    said: str = ""
    addresses: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """The cells of one table, row by row, its heading first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[_Cell]] = []
        self._texts: list[str] = []
        self._addresses: list[str] = []
        self._address = ""
        self._link_start = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._texts, self._addresses = [], []
        elif tag == "a":
            self._address, self._link_start = dict(attrs).get("href") or "", len(self._texts)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.rows[-1].append(_Cell("".join(self._texts).strip(), self._addresses))
        elif tag == "a" and self._address not in _as_addresses("".join(self._texts[self._link_start :])):
            if markdown.is_allowed_address(self._address):
                self._addresses.append(self._address)
            else:  # the page has no link there
                self._texts.append(f" ({self._address})")

    def handle_data(self, data: str) -> None:
        self._texts.append(data)


def _as_addresses(said: str) -> tuple[str, ...]:
    """The addresses that a link with this text leads to when the text is its address."""
    return said, f"mailto:{said}", f"http://{said}", ""


def _table(cells: Sequence[Sequence[_Cell]]) -> Rows:
    """The rows, with a column for the addresses behind each column in which there are any."""
    heads, *rows = cells
    names = unique_names(head.said or f"column {at}" for at, head in enumerate(heads, 1))
    linked = [any(row[at].addresses for row in rows) for at in range(len(names))]
    added = [f"{name} link" for name, has_links in zip(names, linked, strict=True) if has_links]
    links = iter(unique_names([*names, *added])[len(names) :])
    columns: dict[str, list[JsonValue | None]] = {}
    for at, name in enumerate(names):
        columns[name] = _values([row[at].said for row in rows])
        if linked[at]:
            columns[next(links)] = [_text(" ".join(row[at].addresses)) for row in rows]
    return Rows(
        tuple(columns),
        tuple(
            {name: cell for name, values in columns.items() if (cell := values[at]) is not None}
            for at in range(len(rows))
        ),
    )


def _values(said: Sequence[str]) -> list[JsonValue | None]:
    """The cells of a column: numbers if all of them are, with the digits as written."""
    if any(said) and all(not text or _NUMBER.fullmatch(text) for text in said):
        return [JsonValue(text.encode()) if text else None for text in said]
    return [_text(text) for text in said]


def _text(said: str) -> JsonValue | None:
    return JsonValue.of(said) if said else None
