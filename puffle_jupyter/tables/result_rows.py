"""The rows of the results of tool calls: the one home of what counts as a row, for a run and for a board.

A result with a table has the rows of that; one that is an object, such as a company, is one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..json_value import JsonValue
from ..transcript.binary import without_base64
from ..transcript.model import ToolCall
from ..transcript.tables import Rows, find_record, find_table
from .names import unique_names

Cells: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gave, as rows.

    Attributes:
        sent: the rows as sent.
        shown: the same, where a file in base64 is its type and size.
        is_record: whether it is one object, and no table by itself.
    """

    sent: Rows
    shown: Rows
    is_record: bool


def result_of(call: ToolCall, limit: int | None = None) -> Result | None:
    """The rows of the result of ``call``; None when it is neither a table nor an object.

    Args:
        call: the call.
        limit: bytes of a result beyond which it is not looked at; None for any size.
    """
    value = call.result_json
    sent, is_record = find_table(value, limit=limit), False
    if sent is None:
        sent, is_record = find_record(value, limit=limit), True
    if value is None or sent is None:
        return None
    plain = without_base64(value)
    find = find_record if is_record else find_table
    shown = sent if plain is value else find(plain, limit=limit) or sent
    return Result(sent, shown, is_record)


def rows_of(result: Result) -> Iterator[tuple[Cells, Cells]]:
    """Each row as sent and as shown."""
    return zip(result.sent.rows, result.shown.rows, strict=False)


def rows_after(added: Sequence[str], rows: Iterable[tuple[Cells, Cells]], last: Sequence[str] = ()) -> Rows:
    """Rows with columns of ours around their own: a column of the same name becomes ``call 2``.

    Args:
        added: the names of our columns before theirs.
        rows: of each row our cells and its own.
        last: the names of our columns after theirs.
    """
    listed = list(rows)
    own = list(dict.fromkeys(name for _, cells in listed for name in cells))
    ours = [*added, *last]
    name_of = dict(zip(own, unique_names([*ours, *own])[len(ours) :], strict=True))
    renamed = tuple(ours | {name_of[name]: cell for name, cell in cells.items()} for ours, cells in listed)
    return Rows((*added, *name_of.values(), *last), renamed)
