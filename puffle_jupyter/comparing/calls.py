"""The calls of two runs, aligned: which are the same, changed, moved, made again, made by one run only.

Calls are paired in four rounds, each between the pairs of the round before: those that are the same in all,
the same request, the same tool and first argument, the same tool. A request that both runs made at another
place has moved. A call that follows its own failure, or is the failure, is a retry.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..json_value import JsonValue
from ..transcript.model import ToolCall, ToolCallState
from ..transcript.tables import Rows, find_table
from .align import Effort, pairs
from .values import Change, changes_of, meaning

_Pairs: TypeAlias = dict[int, int]


class CallKind(enum.Enum):
    """What became of a call in the second run."""

    SAME = "same"
    CHANGED = "changed"
    """The same tool at the same place, with other arguments or another result."""
    MOVED = "moved"
    """The same request at another place."""
    RETRIED = "retried"
    """An attempt that only one of the runs made: a call that failed and was made again, or that one."""
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class CallDiff:
    """A call of one run or both.

    Attributes:
        kind: what became of it.
        before: the call in the first run; None where it has none.
        after: the same of the second run.
        changes: the arguments, and what of the result or the error differs, by path.
        rows: how many rows the results have, where both are tables; `RowsDiff` says which.
    """

    kind: CallKind
    before: ToolCall | None
    after: ToolCall | None
    changes: tuple[Change, ...] = ()
    rows: tuple[int, int] | None = None

    @property
    def call(self) -> ToolCall:
        """The call of the second run, or else of the first."""
        call = self.after or self.before
        assert call is not None
        return call


@dataclass(frozen=True, slots=True)
class CallKeys:
    """What of a call is compared, and the table in its result: read once, for the calls and for the rows."""

    call: ToolCall
    request: bytes
    whole: bytes
    begins: bytes
    name: bytes
    table: Rows | None


def keys_of(call: ToolCall, tables: dict[JsonValue, Rows | None]) -> CallKeys:
    """What of ``call`` is compared: ids and times are not.

    Args:
        call: a call of either run.
        tables: the tables of results that were read: most results are the same in both runs.
    """
    name = call.name.encode("utf-8", "replace")
    request = name + b"\0" + meaning(call.arguments_json)
    outcome = (meaning(value) for value in (call.result_json, call.error_json))
    members = call.arguments_json.members() if call.arguments_json is not None else {}
    first = next((key.encode() + b"\0" + meaning(value) for key, value in members.items()), b"")
    result = call.result_json
    if result is not None and result not in tables:
        tables[result] = find_table(result)
    table = None if result is None else tables[result]
    whole = b"\0".join((request, call.state.value.encode(), *outcome))
    return CallKeys(call, request, whole, name + b"\0" + first, name, table)


def call_diffs(
    before: Sequence[CallKeys], after: Sequence[CallKeys], effort: Effort | None = None
) -> tuple[CallDiff, ...]:
    """The calls of two runs in one list: in the order of the second, those it does not have in between.

    Args:
        before: the calls of the first run.
        after: the calls of the second run.
        effort: what the comparison of their values takes its share of.
    """
    in_order = _between(before, after, _between(before, after, {}, lambda keys: keys.whole), _request)
    moved = _moved(before, after, in_order)
    taken = (frozenset(moved), frozenset(moved.values()))
    for key in (lambda keys: keys.begins, lambda keys: keys.name):
        in_order = _between(before, after, in_order, key, taken)
    again = (retried(before), retried(after))
    return tuple(_listed(before, after, in_order, moved, again, effort or Effort()))


def _request(keys: CallKeys) -> bytes:
    return keys.request


def _between(
    before: Sequence[CallKeys],
    after: Sequence[CallKeys],
    known: _Pairs,
    key: Callable[[CallKeys], bytes],
    taken: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset()),
) -> _Pairs:
    """The pairs that are ``known``, and those of equal ``key`` between them, without the calls ``taken``."""
    found = dict(known)
    start = other_start = 0
    for end, other_end in [*sorted(known.items()), (len(before), len(after))]:
        places = [at for at in range(start, end) if at not in taken[0]]
        others = [at for at in range(other_start, other_end) if at not in taken[1]]
        aligned = pairs([key(before[at]) for at in places], [key(after[at]) for at in others])
        found.update((places[at], others[other]) for at, other in aligned)
        start, other_start = end + 1, other_end + 1
    return dict(sorted(found.items()))


def _moved(before: Sequence[CallKeys], after: Sequence[CallKeys], in_order: _Pairs) -> _Pairs:
    """The calls of the same request that are in both, and not in order."""
    waiting: defaultdict[bytes, list[int]] = defaultdict(list)
    for at, keys in enumerate(before):
        if at not in in_order:
            waiting[keys.request].append(at)
    paired = set(in_order.values())
    others = [at for at in range(len(after)) if at not in paired and waiting[after[at].request]]
    return {waiting[after[at].request].pop(0): at for at in others if waiting[after[at].request]}


def retried(calls: Sequence[CallKeys]) -> frozenset[int]:
    """The places of the calls that failed and were made again, and of those that were made again.

    A tool may be asked otherwise the second time, but then it is the very next call.
    """
    found: set[int] = set()
    failed: dict[bytes, int] = {}
    for at, keys in enumerate(calls):
        last = failed.pop(keys.request, None)
        if last is None and at and calls[at - 1].name == keys.name and _has_failed(calls[at - 1]):
            last = at - 1
        if last is not None:
            found |= {last, at}
        if _has_failed(keys):
            failed[keys.request] = at
    return frozenset(found)


def _has_failed(keys: CallKeys) -> bool:
    return keys.call.state is ToolCallState.FAILED


def _listed(
    before: Sequence[CallKeys],
    after: Sequence[CallKeys],
    in_order: _Pairs,
    moved: _Pairs,
    again: tuple[frozenset[int], frozenset[int]],
    effort: Effort,
) -> Iterator[CallDiff]:
    moved_from = {other: at for at, other in moved.items()}
    start = other_start = 0
    for end, other_end in [*in_order.items(), (len(before), len(after))]:
        for at in range(start, end):
            if at not in moved:
                kind = CallKind.RETRIED if at in again[0] else CallKind.REMOVED
                yield CallDiff(kind, before[at].call, None)
        for at in range(other_start, other_end):
            if at in moved_from:
                yield _pair(before[moved_from[at]], after[at], CallKind.MOVED, effort)
            else:
                kind = CallKind.RETRIED if at in again[1] else CallKind.ADDED
                yield CallDiff(kind, None, after[at].call)
        if end < len(before):
            yield _pair(before[end], after[other_end], CallKind.CHANGED, effort)
        start, other_start = end + 1, other_end + 1


def _pair(before: CallKeys, after: CallKeys, kind: CallKind, effort: Effort) -> CallDiff:
    if before.whole == after.whole:
        return CallDiff(CallKind.SAME if kind is CallKind.CHANGED else kind, before.call, after.call)
    call, other = before.call, after.call
    changes = changes_of(("arguments",), call.arguments_json, other.arguments_json, effort)
    rows, results = _results(before, after, effort)
    errors = changes_of(("error",), call.error_json, other.error_json, effort)
    return CallDiff(kind, call, other, (*changes, *results, *errors), rows)


def _results(
    before: CallKeys, after: CallKeys, effort: Effort
) -> tuple[tuple[int, int] | None, tuple[Change, ...]]:
    """How many rows two results have, and what differs in them apart from the rows."""
    result, other_result = before.call.result_json, after.call.result_json
    if meaning(result) == meaning(other_result):
        return None, ()
    table, other = before.table, after.table
    if table is None or other is None:
        return None, changes_of(("result",), result, other_result, effort)
    beside, others = dict(table.beside), dict(other.beside)
    changes = [
        change
        for key in dict.fromkeys([*beside, *others])
        for change in changes_of(("result", key), beside.get(key), others.get(key), effort)
    ]
    return (len(table.rows), len(other.rows)), tuple(changes)
