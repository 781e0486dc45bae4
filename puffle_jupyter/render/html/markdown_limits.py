"""Which Markdown is not to be rendered: what the libraries behind `markdown` take too long for.

comrak and nh3 are linear in what people and agents write, and quadratic in a few things that nobody
means. Each limit here is one of those, and keeps any text below a second.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 500_000
MAX_ROW_CELLS = 500
MAX_CELLS = 100_000
MAX_NESTING = 50
MAX_LINE_ADDRESSES = 1_000
MAX_ADDRESS = 5_000
MAX_NO_BREAK_SPACES = 100_000
MAX_QUOTES = 100_000

# So many marks are as many of these characters at least. To look for those first spares almost every line.
_MARKS = rf"(?=[ \t>*+.)\d-]{{{MAX_NESTING}}})"
_NESTED = re.compile(rf"\n{_MARKS}[ \t]*(?:>[ \t]*|[-*+][ \t]+|\d{{1,9}}[.)][ \t]+){{{MAX_NESTING}}}")


def too_much(text: str) -> str:
    """Why ``text`` is not to be rendered as Markdown; "" when it is."""
    if len(text) > MAX_CHARACTERS:
        return f"it is longer than {MAX_CHARACTERS:,} characters"
    # nh3 is quadratic in depth, and browsers stop at 512.
    if _NESTED.search("\n" + text):
        return f"it is nested more than {MAX_NESTING} levels deep"
    # An ordinary message is too short for any of the rest, and is spared the counting.
    return _too_much_of_one_kind(text) if len(text) > MAX_ROW_CELLS else ""


def _too_much_of_one_kind(text: str) -> str:
    # comrak is quadratic in the cells of a row: 20,000 take it a second.
    pipes = text.count("|")
    if pipes > MAX_ROW_CELLS and max(line.count("|") for line in text.split("\n")) > MAX_ROW_CELLS:
        return f"it has table rows of more than {MAX_ROW_CELLS} cells"
    if pipes and len(text) > MAX_CELLS // 2 and _cells(text) > MAX_CELLS:
        return f"it has tables of more than {MAX_CELLS:,} cells"
    # ... in the e-mail addresses of a line ...
    if len(text) <= MAX_LINE_ADDRESSES:
        return ""
    if (
        text.count("@") > MAX_LINE_ADDRESSES
        and max(line.count("@") for line in text.split("\n")) > MAX_LINE_ADDRESSES
    ):
        return f"it has lines of more than {MAX_LINE_ADDRESSES:,} e-mail addresses"
    # ... and in the brackets that end a web address.
    if len(text) > MAX_ADDRESS and max(map(len, _addresses(text)), default=0) > MAX_ADDRESS:
        return f"it has addresses of more than {MAX_ADDRESS:,} characters"
    if len(text) <= min(MAX_NO_BREAK_SPACES, MAX_QUOTES):
        return ""
    # nh3 is quadratic in no-break spaces: 480,000 take it 3 s.
    if text.count("\xa0") > MAX_NO_BREAK_SPACES:
        return f"it has more than {MAX_NO_BREAK_SPACES:,} no-break spaces"
    # A quotation is fifty times as long in HTML as its mark.
    if text.count("> ") > MAX_QUOTES:
        return f"it has more than {MAX_QUOTES:,} quotations"
    return ""


def _cells(text: str) -> int:
    """How many cells the tables of ``text`` can have: short rows are filled up to the widest of theirs."""
    widest = rows = cells = 0
    for line in text.split("\n"):
        if line.strip():
            pipes = line.count("|")
            widest, rows = max(widest, pipes + 1 if pipes else 0), rows + 1
        else:
            cells += widest * rows
            widest = rows = 0
    return cells + widest * rows


def _addresses(text: str) -> list[str]:
    if "www." not in text and "://" not in text:
        return []
    return [word for word in text.split() if "www." in word or "://" in word]
