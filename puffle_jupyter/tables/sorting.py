"""Rows in the order of one column: numbers as numbers, what is empty last, equal cells as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from ..json_value import JsonKind, JsonValue
from ..render.arguments_summary import cell_text
from ..transcript.tables import Rows

_Row: TypeAlias = dict[str, JsonValue]
_Key: TypeAlias = tuple[int, Decimal, str, str]
# A code such as 0123 is no number, and an exponent of any size is none that can be compared.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_ZERO = Decimal(0)


def sorted_rows(found: Rows, column: str, *, descending: bool = False) -> Rows:
    """``found`` in the order of ``column``; a row without a value there is last in both directions.

    Args:
        found: a table.
        column: one of its columns; another one leaves the order as it is.
        descending: the largest first. Equal cells stay in the order they had.
    """
    full = [row for row in found.rows if not _is_empty(row.get(column))]
    empty = [row for row in found.rows if _is_empty(row.get(column))]
    texts_too = all(_NUMBER.fullmatch(cell_text(row[column])) for row in full)
    keys = [_key(row[column], texts_too) for row in full]
    order = sorted(range(len(full)), key=keys.__getitem__, reverse=descending)
    return Rows(found.columns, (*_picked(full, order), *empty), found.name, found.beside)


def _picked(rows: Sequence[_Row], order: Sequence[int]) -> list[_Row]:
    return [rows[at] for at in order]


def _is_empty(cell: JsonValue | None) -> bool:
    return cell is None or cell.is_null or cell.string == ""


def _key(cell: JsonValue, texts_too: bool) -> _Key:
    """Numbers come before texts. A text with a number in it is one only where the whole column is."""
    text = cell_text(cell)
    if (texts_too or cell.kind is JsonKind.NUMBER) and _NUMBER.fullmatch(text):
        return 0, Decimal(text), "", ""
    return 1, _ZERO, text.casefold(), text
