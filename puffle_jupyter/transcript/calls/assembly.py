"""Messages and tool calls assembled from what the readers saw: every call once, in its place.

`pairing` says which result belongs to which call, `merging` which call an item of the top-level
``toolCalls`` is. What finds no partner (a call without a result, a result without a call) stays visible.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count

from ..model import Message, NotePart, Part, ToolCall, ToolCallPart, ToolResultPart
from .builder import JoinedCall, Seen, in_order
from .match_listed import match_listed, may_be_same
from .match_results import pair, results_of
from .observed import ApprovalObservation, Draft, DraftPart, ToolObservation


class Assembly:
    """Joins what the messages, and then the top-level ``toolCalls``, tell of tool calls."""

    def __init__(self) -> None:
        self._calls: list[JoinedCall] = []
        self._told_by: dict[int, JoinedCall] = {}
        self._asked_about: dict[int, JoinedCall] = {}
        self._end = 0

    def read_drafts(self, drafts: Sequence[Draft]) -> None:
        """Join the calls of ``drafts`` with their results and approvals."""
        position = count()
        seen: list[Seen] = []
        approvals: list[tuple[int, ApprovalObservation]] = []
        for message, draft in enumerate(drafts):
            for part, at in zip(draft.parts, position, strict=False):  # position last: it is the longer one
                if isinstance(part, ToolObservation):
                    seen.append(Seen(at, message, part))
                elif isinstance(part, ApprovalObservation):
                    approvals.append((at, part))
        self._end = next(position)
        self._calls, self._told_by = _joined(seen)
        self._read_approvals(approvals)

    def merge_listed(self, listed: Sequence[ToolObservation]) -> None:
        """Merge the top-level ``toolCalls``; one that no message mentions is a call of its own."""
        # The list as if it was one more message: its own calls and results are joined first.
        seen = [Seen(self._end + at, -1, observation) for at, observation in enumerate(listed)]
        calls, _ = _joined(seen, is_list=True)
        found = match_listed(self._calls, calls)
        for call in calls:
            if call.position in found:
                found[call.position].tell_listed(call)
                continue
            call.is_call = call.is_call or call.arguments is not None
            self._calls.append(call)

    def finish(self, drafts: Sequence[Draft]) -> tuple[tuple[Message, ...], tuple[ToolCall, ...]]:
        """The messages with every call in its place, and every call once, in order of appearance."""
        calls = {call.position: call.finish(index) for index, call in enumerate(in_order(self._calls))}
        position = count()
        messages: list[Message] = []
        before: Draft | None = None
        for draft in drafts:
            parts = tuple(
                [self._placed(part, at, calls) for part, at in zip(draft.parts, position, strict=False)]
            )
            # A draft that is there again is of a short message, see `json_value.of_each`.
            is_again = draft is before and parts == messages[-1].parts
            before = draft
            messages.append(messages[-1] if is_again else _message(draft, parts))
        return tuple(messages), tuple(calls.values())

    def _placed(self, part: DraftPart, position: int, calls: dict[int, ToolCall]) -> Part:
        if isinstance(part, ToolObservation):
            call = self._told_by[position]
            kind = ToolCallPart if call.position == position else ToolResultPart
            return kind(calls[call.position], part.raw)
        if isinstance(part, ApprovalObservation):
            asked_about = self._asked_about.get(position)
            name = "unknown tool" if asked_about is None else calls[asked_about.position].name
            return NotePart("tool approval", f"{name}: {part.approval.words}", part.raw)
        return part

    def _read_approvals(self, approvals: Iterable[tuple[int, ApprovalObservation]]) -> None:
        by_id: dict[str, list[JoinedCall]] = defaultdict(list)
        for known in in_order(self._calls):
            by_id[known.id or ""].append(known)
        by_approval: dict[str, JoinedCall] = {}
        for position, observation in approvals:
            asked = (
                by_approval.get(observation.approval_id or "") if observation.approval.is_answered else None
            )
            call = asked or _last_before(position, by_id.get(observation.call_id or "\0", ()))
            if call is None:
                continue
            call.approval = observation.approval
            call.raw.append(observation.raw)
            self._asked_about[position] = call
            if observation.approval_id:
                by_approval[observation.approval_id] = call


def _message(draft: Draft, parts: tuple[Part, ...]) -> Message:
    return Message(draft.role, parts, draft.raw, draft.format, draft.id, draft.created_at, draft.usage)


def _joined(seen: Sequence[Seen], is_list: bool = False) -> tuple[list[JoinedCall], dict[int, JoinedCall]]:
    """The calls that ``seen`` tells of, in order, and the call at each position."""
    told_by = _read_calls(seen, is_list)
    calls = list(dict.fromkeys(told_by.values()))
    results = results_of(seen)
    pair(calls, results)
    alone: dict[tuple[str, str], JoinedCall] = {}
    for result in results:
        if result.call is None and result.id:
            result.call = alone.get((result.id, result.name))
        told = result.seen
        if result.call is None:
            result.call, told = JoinedCall.seen(told[0]), told[1:]
            result.call.note(result.note)
            calls.append(result.call)
            if result.id:
                alone[result.id, result.name] = result.call
        for each in told:
            result.call.tell(each.observation)
        told_by.update((each.position, result.call) for each in result.seen)
    return in_order(calls), told_by


def _read_calls(seen: Iterable[Seen], is_list: bool) -> dict[int, JoinedCall]:
    """The call at the position of each call seen: some messages, and the list, tell of a call twice."""
    told_by: dict[int, JoinedCall] = {}
    told: dict[tuple[int, str], dict[str, JoinedCall]] = defaultdict(dict)
    for each in seen:
        observation = each.observation
        same_id = told[each.message, observation.id or ""]
        if not observation.is_call:
            if is_list:
                same_id.clear()  # the same call once more, after its result, is the next step's
            continue
        call = same_id.get(observation.name)
        if call is not None and may_be_same(call.arguments, observation.arguments):
            call.tell(observation)
        else:
            call = JoinedCall.seen(each)
        told_by[each.position] = call
        if observation.id:
            same_id[observation.name] = call
    return told_by


def _last_before(position: int, calls: Sequence[JoinedCall]) -> JoinedCall | None:
    """The last of ``calls`` before ``position``; else the first one."""
    at = bisect_right(calls, position, key=lambda call: call.position)
    return calls[max(at - 1, 0)] if calls else None
