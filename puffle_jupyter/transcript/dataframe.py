"""JSON as pandas columns and frames: pandas is imported when asked for, and only then needed.

No value is changed. Columns have nullable types (``Int64``, ``Float64``, ``boolean``, ``string``), and what
is missing is ``pandas.NA``, so that a column with a hole keeps its whole numbers and Parquet gives back what
it was given. A whole number that 64 bits cannot hold makes its column text, with the digits as sent; a column
of several kinds holds Python objects.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import MissingExtra, NotATable
from ..json_value import JsonKind, JsonValue
from .tables import Rows, find_table

_WHOLE_IN_FLOAT = 2**53


def result_frame(name: str, result: JsonValue | None) -> Any:
    """The rows of the result of the tool ``name``: see `ToolCall.to_frame`."""
    table = find_table(result, limit=None)
    if table is None:
        raise NotATable(f"the result of {name!r} is not a list of objects: see its .result")
    return table_frame(table)


def table_frame(table: Rows) -> Any:
    """The rows of ``table``: see `ToolCall.to_frame`.

    Raises:
        MissingExtra: pandas is not installed; the message says how to get it.
    """
    pandas = import_pandas()
    cells = {name: [row.get(name) for row in table.rows] for name in table.columns}
    return pandas.DataFrame({name: _typed_column(pandas, values) for name, values in cells.items()})


def _typed_column(pandas: Any, cells: Sequence[JsonValue | None]) -> Any:
    """A column of the narrowest type that holds every one of ``cells`` exactly."""
    present = [cell for cell in cells if cell is not None and not cell.is_null]
    kinds = {cell.kind for cell in present}
    if kinds <= {JsonKind.STRING}:
        return column(pandas, [cell and cell.string for cell in cells], "string")
    if kinds == {JsonKind.BOOLEAN}:
        return column(pandas, [cell and cell.python() for cell in cells], "boolean")
    if kinds == {JsonKind.NUMBER}:
        return _numbers(pandas, cells, _number_type(present))
    return column(pandas, [cell and cell.python() for cell in cells], "object")


def _number_type(numbers: Iterable[JsonValue]) -> str:
    values = [number.python() for number in numbers]
    if all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in values):
        return "Int64"
    is_float = all(
        math.isfinite(value) if isinstance(value, float) else _is_whole_in_float(value) for value in values
    )
    return "Float64" if is_float and any(isinstance(value, float) for value in values) else "string"


def _is_whole_in_float(value: Any) -> bool:
    return isinstance(value, int) and abs(value) <= _WHOLE_IN_FLOAT


def _numbers(pandas: Any, cells: Sequence[JsonValue | None], dtype: str) -> Any:
    if dtype == "string":
        return column(pandas, [_digits(cell) for cell in cells], dtype)
    return column(pandas, [cell and cell.python() for cell in cells], dtype)


def _digits(cell: JsonValue | None) -> str | None:
    return None if cell is None or cell.is_null else cell.encoded.decode()


def column(pandas: Any, values: Sequence[Any], dtype: str) -> Any:
    """``values`` as a series of ``dtype``; None is missing."""
    if all(value is None for value in values):  # most columns of a long frame: made ten times as fast
        return pandas.Series(pandas.NA, index=pandas.RangeIndex(len(values)), dtype=dtype)
    return pandas.Series([pandas.NA if value is None else value for value in values], dtype=dtype)


def import_pandas() -> Any:
    """The module.

    Raises:
        MissingExtra: it is not installed; the message says how to get it.
    """
    try:
        import pandas
    except ImportError:
        raise MissingExtra(
            "to_frame() needs pandas: pip install 'puffle_jupyter[pandas]'. "
            "Without it, run.transcript and run.calls give the same as Python objects."
        ) from None
    return pandas
