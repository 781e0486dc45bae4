"""The rows of one tool's results in many runs, as one table: where each is from, and what contradicts it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import InvalidSetting, NoSuchToolCall, NotATable
from ..json_value import JsonKind, JsonValue
from ..render.words import call_title, count_words
from ..run_data import RunData
from ..tables.result_rows import Cells, result_of, rows_after, rows_of
from ..tables.table import Table
from ..transcript.read import read
from ..transcript.tables import Rows
from ..untrusted import untrusted_words

_ORIGIN = ("run_id", "call")
_CONFLICTS = "conflicts"
_LONGEST_NAMES = 500


@dataclass(slots=True)
class _Found:
    """A row, as sent and as shown, and where it is from."""

    run_id: str
    call: int
    sent: Cells
    shown: Cells
    conflicts: list[str] = field(default_factory=list)


def merged_rows(runs: Iterable[RunData], tool: str, key: str | None = None) -> Table:
    """Every row of the results of ``tool``, in order, with the columns ``run_id`` and ``call`` before them.

    With a ``key`` each of its values is there once: the first row is kept, and the column ``conflicts`` names
    the cells in which a later one says something else, with its run. A row without the key is kept.

    Args:
        runs: the runs.
        tool: the name of the tool.
        key: a column whose values tell rows apart; None keeps every row.

    Raises:
        NoSuchToolCall: no run called the tool.
        NotATable: none of its results has rows.
        InvalidSetting: there is no column ``key``.
    """
    found = list(_found(runs, tool))
    if key is not None and found and not any(key in one.sent for one in found):
        known = dict.fromkeys(name for one in found for name in one.sent)
        raise InvalidSetting(
            f"key: no column is called {ascii(key)[:60]}; there are "
            f"{untrusted_words(', '.join(known), _LONGEST_NAMES)}."
        )
    kept = found if key is None else _each_once(found, key)
    place = f"results of {call_title(tool)} in {count_words(len({one.run_id for one in found}), 'run')}"
    if len(kept) < len(found):
        again = count_words(len(found) - len(kept), "further row")
        place += f", {again} of the same {untrusted_words(key or '', 40)}"
    if conflicts := sum(bool(one.conflicts) for one in kept):
        place += f", {count_words(conflicts, 'row')} with conflicts"
    return Table(call_title(tool), place, _table(kept, key, "sent"), _table(kept, key, "shown"))


def _found(runs: Iterable[RunData], tool: str) -> Iterator[_Found]:
    names: dict[str, None] = {}
    is_called = has_rows = False
    for run in runs:
        for call in read(run.body).tool_calls:
            names[call.name] = None
            if call.name != tool:
                continue
            is_called = True
            result = result_of(call)
            has_rows = has_rows or result is not None
            for sent, shown in rows_of(result) if result is not None else ():
                yield _Found(run.run_id, call.index, sent, shown)
    if not is_called:
        called = untrusted_words(", ".join(names), _LONGEST_NAMES) or "nothing"
        raise NoSuchToolCall(f"no call of {tool!r} in these runs; they called: {called}")
    if not has_rows:
        raise NotATable(f"no result of {tool!r} is an object or a list of them: see calls_frame(board)")


def _each_once(found: list[_Found], key: str) -> list[_Found]:
    """The first row of each value of ``key``, with what contradicts it; rows without one as they are."""
    first: dict[Hashable, _Found] = {}
    kept = []
    for one in found:
        value = one.sent.get(key)
        if value is None or value.is_null:
            kept.append(one)
            continue
        earlier = first.setdefault(_same(value), one)
        if earlier is one:
            kept.append(one)
        else:
            earlier.conflicts += _conflicts(earlier, one)
    return kept


def _conflicts(earlier: _Found, later: _Found) -> list[str]:
    """The cells in which two rows say different things; one that is missing contradicts nothing."""
    names = [
        name
        for name, cell in later.sent.items()
        if not cell.is_null
        and (known := earlier.sent.get(name)) is not None
        and not known.is_null
        and _same(known) != _same(cell)
    ]
    return [f"{', '.join(names)} in {later.run_id}, call {later.call}"] if names else []


def _same(value: JsonValue) -> Hashable:
    """What is equal for equal values: ``1`` and ``"1"`` are not, and neither is ``1`` and ``true``."""
    if value.kind in (JsonKind.OBJECT, JsonKind.ARRAY):
        return value.kind, value.compact()
    return value.kind, value.python()


def _table(kept: list[_Found], key: str | None, which: str) -> Rows:
    last = [_CONFLICTS] if key is not None else []
    return rows_after(_ORIGIN, ((_added(one), getattr(one, which)) for one in kept), last)


def _added(one: _Found) -> Cells:
    added = {"run_id": JsonValue.of(one.run_id), "call": JsonValue.of(one.call)}
    if one.conflicts:
        added[_CONFLICTS] = JsonValue.of("; ".join(one.conflicts))
    return added
