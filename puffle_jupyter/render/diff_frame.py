"""A difference as rows of a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..comparing.calls import CallDiff, CallKind
from ..comparing.compare import Comparison
from ..comparing.rows import Row, RowsDiff
from ..comparing.values import Change
from ..json_value import JsonValue
from ..transcript.dataframe import column, import_pandas
from .diff_words import path_words, state_words

_NUMBERS = ("before_call", "after_call")
COLUMNS = ("part", "change", "name", *_NUMBERS, "key", "path", "before", "after")


def diff_frame(comparison: Comparison) -> Any:
    """One row for each thing that differs; see `RunDiff.to_frame`.

    Raises:
        MissingExtra: pandas is not installed; the message says how to get it.
    """
    pandas = import_pandas()
    rows = list(_rows(comparison))
    types = {name: "Int64" if name in _NUMBERS else "string" for name in COLUMNS}
    return pandas.DataFrame(
        {name: column(pandas, [row.get(name) for row in rows], dtype) for name, dtype in types.items()}
    )


def _rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    before, after = comparison.before.status_text, comparison.after.status_text
    if before != after:
        yield {"part": "status", "change": "changed", "before": before, "after": after}
    for call in comparison.calls:
        if call.kind is not CallKind.SAME:
            yield from _call(call)
    for rows in comparison.rows:
        yield from _rows_of(rows)
    for text in comparison.texts:
        yield {
            "part": "text",
            "change": "changed",
            "name": text.place.value,
            "before": text.before,
            "after": text.after,
        }


def _call(diff: CallDiff) -> Iterator[dict[str, Any]]:
    places = [None if call is None else call.index for call in (diff.before, diff.after)]
    facts: dict[str, Any] = {"part": "call", "change": diff.kind.value, "name": diff.call.name}
    facts |= dict(zip(_NUMBERS, places, strict=True))
    found = [_change(change, path_words(change.path)) for change in diff.changes]
    if states := state_words(diff):
        found.append({"path": "state", "before": states[0], "after": states[1]})
    if diff.rows is not None:
        found.append({"path": "rows", "before": str(diff.rows[0]), "after": str(diff.rows[1])})
    yield from ({**facts, **one} for one in found or [{}])


def _rows_of(diff: RowsDiff) -> Iterator[dict[str, Any]]:
    facts = {"part": "row", "name": diff.name}
    for row in diff.gained:
        yield {**facts, "change": "gained", "key": _key(diff, row), "after": _json(row)}
    for row in diff.lost:
        yield {**facts, "change": "lost", "key": _key(diff, row), "before": _json(row)}
    for one in diff.changed:
        for change in one.changes:
            path = str(change.path[0])
            yield {**facts, "change": "changed", "key": _key(diff, one.before), **_change(change, path)}


def _change(change: Change, path: str) -> dict[str, Any]:
    return {"path": path, "before": _sent(change.before), "after": _sent(change.after)}


def _key(diff: RowsDiff, row: Row) -> str | None:
    value = row.get(diff.key) if diff.key is not None else None
    return None if value is None else value.string or value.compact()


def _sent(value: JsonValue | None) -> str | None:
    return None if value is None else value.compact()


def _json(row: Row) -> str:
    return JsonValue.of({column: cell.python() for column, cell in row.items()}).compact()
