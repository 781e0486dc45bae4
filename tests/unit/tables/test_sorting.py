"""The order of a table by one of its columns."""

from __future__ import annotations

from typing import Any

import pytest

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.tables.csv_text import tab_separated
from puffle_jupyter.tables.sorting import sorted_rows
from puffle_jupyter.transcript.tables import Rows, find_rows


def rows_of(*cells: Any) -> Rows:
    """A table of the column ``a``, and of ``at``, which numbers its rows; `...` is a missing cell."""
    found = find_rows(
        JsonValue.of([{"at": at, **({} if cell is ... else {"a": cell})} for at, cell in enumerate(cells)])
    )
    assert found is not None
    return found


def order(found: Rows) -> list[int]:
    return [row["at"].python() for row in found.rows]


@pytest.mark.parametrize(
    ("cells", "up", "down"),
    [
        ([10, 9, 2.5, -1], [3, 2, 1, 0], [0, 1, 2, 3]),
        (["10", "9", "1e1"], [1, 0, 2], [0, 2, 1]),
        ([9007199254740993, 9007199254740992], [1, 0], [0, 1]),
        (["b", "", "a", None, ...], [2, 0, 1, 3, 4], [0, 2, 1, 3, 4]),
        (["Öl", "ab", "B"], [1, 2, 0], [0, 2, 1]),
        (["0123", "1234", "99"], [0, 1, 2], [2, 1, 0]),
        (["x", 5, True, "5"], [1, 3, 2, 0], [0, 2, 3, 1]),
        (["2026-03-01", "2025-12-31"], [1, 0], [0, 1]),
        ([1e308, JsonValue(b"1e99999999999"), 3], [2, 0, 1], [1, 0, 2]),
        (["s", "s", "s"], [0, 1, 2], [0, 1, 2]),
    ],
)
def test_order_of_a_column(cells: list[Any], up: list[int], down: list[int]) -> None:
    """Numbers as numbers, also in text where all are; equal cells as they were; what is empty last."""
    found = rows_of(*(cell for cell in cells if not isinstance(cell, JsonValue)))
    if len(found.rows) < len(cells):  # a number that Python has none for
        texts = [cell.encoded if isinstance(cell, JsonValue) else str(cell).encode() for cell in cells]
        rows = [{"at": JsonValue.of(at), "a": JsonValue(text)} for at, text in enumerate(texts)]
        found = Rows(("at", "a"), tuple(rows))
    assert order(sorted_rows(found, "a")) == up
    assert order(sorted_rows(found, "a", descending=True)) == down


def test_what_is_pasted_starts_no_formula() -> None:
    """A cell is one cell, whatever breaks and tabs are in it, and none is a formula; numbers stay."""
    text = tab_separated(rows_of("=1+1", "a\tb\n=2", -5, ...))
    assert text == "at\ta\n0\t'=1+1\n1\ta b =2\n2\t-5\n3\t"
