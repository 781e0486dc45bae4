"""Which call a result belongs to. The one home of this rule; every row sees what the rows above left over.

====  =================  =====================  =======================  =====================================
row   id                 name                   the result takes         the call says
====  =================  =====================  =======================  =====================================
1     the same           the same               an open call             if calls share the id: by order
2     the same           the result has none    an open call             if calls share the id: by order
3     one side has none  the same               an open call before it   if results are missing: by order
4     one side has none  the result has none    an open call before it   if results are missing: by order
5     the same           another                an open call             which other tool the result names
6     the same           the same, or none      a call with a result     how many results were sent
none  -                  -                      no call: it is shown on  if its id is that of another tool's
                                                its own                  call: which
====  =================  =====================  =======================  =====================================

*Order* means rounds: some calls, then their results, then the next calls. Results belong to the calls of
their own round. Where a round has fewer results than calls, the last messages of the round are answered
(an earlier one was cut off and tried again), and inside one message the first calls. Results that a round
has too many go to the calls still open, in order.

In rows 1 to 5 a call takes one result. Two different ids never meet. Every row takes linear time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from .builder import JoinedCall, Seen

Key = Hashable | None


@dataclass(slots=True, eq=False)
class Result:
    """One result of one call: a final one with the preliminary ones before it.

    Attributes:
        call: the call it belongs to; None until, and unless, one is found.
    """

    id: str | None
    name: str
    position: int
    seen: list[Seen]
    call: JoinedCall | None = None
    is_known: bool = False
    """Whether a call before it has its id and its name."""
    note: str = ""
    """What is doubtful about a result that found no call."""


def results_of(seen: Iterable[Seen]) -> list[Result]:
    """The results among ``seen``, in order; preliminary ones belong to the final one that follows them."""
    results: list[Result] = []
    unfinished: dict[tuple[str | None, str], Result] = {}
    for each in seen:
        observation = each.observation
        key = (observation.id, observation.name)
        if observation.is_call:
            for ended in (key, (observation.id, ""), (None, observation.name), (None, "")):
                unfinished.pop(ended, None)
            continue
        result = unfinished.pop(key, None)
        if result is None:
            result = Result(observation.id, observation.name, each.position, [])
            results.append(result)
        result.seen.append(each)
        if observation.outcome is not None and observation.outcome.preliminary:
            unfinished[key] = result
    return results


def pair(calls: Sequence[JoinedCall], results: Sequence[Result]) -> None:
    """Give each of ``results`` its call by the table above. Both are in wire order."""
    by_id = _CallsById(calls)
    for result in results:
        result.is_known = by_id.is_known(result)
    for row in _ROWS:
        left = [result for result in results if result.call is None]
        if not left:
            return
        _apply(row, [call for call in calls if call.takes_a_result], left)
    by_id = _CallsById(calls)  # a call without an id has its result's now
    for result in results:
        if result.call is None and result.id:
            result.call = by_id.last_before(result)
            if result.call is None and (others := by_id.other_names(result)):
                result.note = f"another tool was called with this id: {_named(*others)}"


def _named(*names: str) -> str:
    """Some of ``names``, shortened: a note is repeated for every result, its names must not be long."""
    shown = [name if len(name) <= 80 else f"{name[:79]}…" for name in names[:3]]
    return ", ".join([*shown, "…"] if len(names) > 3 else shown)


class _CallsById:
    def __init__(self, calls: Sequence[JoinedCall]) -> None:
        self._calls: dict[tuple[str, str], list[JoinedCall]] = defaultdict(list)
        self._names: dict[str, dict[str, None]] = defaultdict(dict)
        for call in calls:
            if call.id:
                self._names[call.id][call.name] = None
                self._calls[call.id, call.name].append(call)
                self._calls[call.id, ""].append(call)

    def is_known(self, result: Result) -> bool:
        """Whether a call before ``result`` has its id, and its name where it has one."""
        calls = self._calls.get((result.id or "", result.name), [])
        return bool(calls) and calls[0].position < result.position

    def last_before(self, result: Result) -> JoinedCall | None:
        """The last call before ``result`` with its id and name; else the first one behind it."""
        calls = self._calls.get((result.id or "", result.name), [])
        at = bisect_left(calls, result.position, key=lambda call: call.position)
        return calls[max(at - 1, 0)] if calls else None

    def other_names(self, result: Result) -> list[str]:
        names = self._names.get(result.id or "", ())
        return list(islice((name for name in names if name != result.name), 4))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table: a call and a result can meet where their keys are the same and not None."""

    call_key: Callable[[JoinedCall], Key]
    result_key: Callable[[Result], Key]
    by_id: bool = False
    names_differ: bool = False

    def meets_outside_rounds(self, call: JoinedCall, result: Result) -> bool:
        """Whether they can be a pair though other calls or results stand between them."""
        if self.names_differ and result.is_known:
            return False
        return self.by_id or call.position < result.position


_ROWS = (
    _Row(
        lambda call: (call.id, call.name) if call.id else None,
        lambda result: (result.id, result.name) if result.id and result.name else None,
        by_id=True,
    ),
    _Row(
        lambda call: call.id or None,
        lambda result: result.id if result.id and not result.name else None,
        by_id=True,
    ),
    # Rows 3 and 4, first the results that have fewer calls to choose from.
    _Row(
        lambda call: None if call.id else call.name,
        lambda result: result.name if result.id and result.name and not result.is_known else None,
    ),
    _Row(
        lambda call: call.name,
        lambda result: result.name if result.name and not result.id else None,
    ),
    _Row(
        lambda call: None if call.id else "any",
        lambda result: "any" if result.id and not result.name and not result.is_known else None,
    ),
    _Row(
        lambda _call: "any",
        lambda result: None if result.id or result.name else "any",
    ),
    _Row(
        lambda call: call.id or None,
        lambda result: result.id or None,
        by_id=True,
        names_differ=True,
    ),
)


def _apply(row: _Row, calls: Sequence[JoinedCall], results: Sequence[Result]) -> None:
    meeting: dict[Key, tuple[list[JoinedCall], list[Result]]] = {}
    for result in results:
        key = row.result_key(result)
        if key is not None:
            meeting.setdefault(key, ([], []))[1].append(result)
    for call in calls:
        key = row.call_key(call)
        if key is not None and key in meeting:
            meeting[key][0].append(call)
    for some_calls, some_results in meeting.values():
        if len(some_calls) == len(some_results) == 1 and some_calls[0].position < some_results[0].position:
            _join(row, some_calls[0], some_results[0])  # as nearly all do
        elif some_calls:
            _meet(row, some_calls, some_results)


def _meet(row: _Row, calls: Sequence[JoinedCall], results: Sequence[Result]) -> None:
    """Pair ``calls`` and ``results``, which only their order can tell apart."""
    for round_calls, round_results in _rounds(calls, results):
        note = _order_note(row, len(round_calls), len(round_results))
        for call in round_calls if note else ():
            call.note(note)
        for call, result in zip(_answered(round_calls, len(round_results)), round_results, strict=False):
            _join(row, call, result)
    still_open = deque(call for call in calls if call.takes_a_result)
    for result in (result for result in results if result.call is None):
        if still_open and row.meets_outside_rounds(still_open[0], result):
            call = still_open.popleft()
            call.note(_order_note(row, len(calls), 0))
            _join(row, call, result)


def _rounds(
    calls: Sequence[JoinedCall], results: Sequence[Result]
) -> Iterator[tuple[list[JoinedCall], list[Result]]]:
    """Calls, and the results that come before the next call. Results before every call are in no round."""
    coming = deque(calls)
    asked: list[JoinedCall] = []
    told: list[Result] = []
    for result in results:
        if told and coming and coming[0].position < result.position:
            yield asked, told
            asked, told = [], []
        while coming and coming[0].position < result.position:
            asked.append(coming.popleft())
        if asked:
            told.append(result)
    if told:
        yield asked, told


def _answered(calls: Sequence[JoinedCall], count: int) -> list[JoinedCall]:
    """The ``count`` calls of one round that were answered: see the table."""
    if count >= len(calls):
        return list(calls)
    by_message = [list(group) for _, group in groupby(calls, key=lambda call: call.message)]
    answered: list[JoinedCall] = []
    while len(answered) < count:
        answered = by_message.pop()[: count - len(answered)] + answered
    return answered


def _join(row: _Row, call: JoinedCall, result: Result) -> None:
    result.call = call
    call.is_paired = True
    call.id = call.id or result.id
    if row.names_differ:
        call.note(f"the result names another tool: {_named(result.name)}")


def _order_note(row: _Row, calls: int, results: int) -> str:
    """What a call says of a pairing that only the order decided; "" when ids and names did."""
    if row.by_id:
        return f"{calls} calls share this id: results were matched by order" if calls > 1 else ""
    if results >= calls:
        return ""
    return "no ids to tell calls and results apart: matched by order"
