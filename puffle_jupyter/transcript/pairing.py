"""Calls joined with their results, and both with the top-level ``toolCalls``.

The rule: by id; where one side has none, by name and order. Nothing is shown twice, and what finds no
partner (a call without a result, a result without a call) stays visible.
"""

from __future__ import annotations

from collections.abc import Sequence

from .joining import CallQueues, JoinedCall, in_order
from .merging import match_listed, may_be_same
from .model import Message, NotePart, Part, ToolCall, ToolCallPart, ToolResultPart
from .sightings import ApprovalSighting, Draft, DraftPart, ToolSighting


class Pairing:
    """Joins what the messages, and then the top-level ``toolCalls``, tell of tool calls."""

    def __init__(self) -> None:
        self._calls: list[JoinedCall] = []
        self._last_by_id: dict[str, JoinedCall] = {}
        self._open = CallQueues(lambda call: not call.is_open)
        self._told_by: dict[int, JoinedCall] = {}
        self._asked_about: dict[str, JoinedCall] = {}

    def read_drafts(self, drafts: Sequence[Draft]) -> None:
        """Join the calls of ``drafts`` with their results; by id also with a result that stands before."""
        parts = [part for draft in drafts for part in draft.parts]
        self._read_calls(drafts)
        sightings = (part for part in parts if isinstance(part, ToolSighting))
        for position, sighting in enumerate(sightings):
            if not sighting.is_call:
                self._told_by[id(sighting)] = self._read_result(sighting, position)
        for part in parts:
            if isinstance(part, ApprovalSighting):
                self._read_approval(part)

    def merge_listed(self, listed: Sequence[ToolSighting]) -> None:
        """Merge the top-level ``toolCalls``; one that no message mentions is a call of its own."""
        found = match_listed(self._calls, listed)
        for index, sighting in enumerate(listed):
            position = len(self._told_by) + index
            call = found.get(index) or self._told_before(sighting, position)
            if call is not None:
                call.tell_listed(sighting)
                continue
            call = self._new_call(sighting, position)
            call.listed = True
            call.is_call = sighting.is_call or sighting.arguments is not None

    def finish(self, drafts: Sequence[Draft]) -> tuple[tuple[Message, ...], tuple[ToolCall, ...]]:
        """The messages with every call in its place, and every call once, in order of appearance."""
        finished = {id(call): call.finish() for call in in_order(self._calls)}
        messages = [
            Message(
                role=draft.role,
                parts=tuple([self._placed(part, finished) for part in draft.parts]),
                raw=draft.raw,
                shape=draft.shape,
                id=draft.id,
            )
            for draft in drafts
        ]
        return tuple(messages), tuple(finished.values())

    def _read_calls(self, drafts: Sequence[Draft]) -> None:
        position = 0
        for draft in drafts:
            told: dict[str, JoinedCall] = {}
            for part in draft.parts:
                if isinstance(part, ToolSighting):
                    if part.is_call:
                        self._told_by[id(part)] = self._read_call(part, position, told)
                    position += 1

    def _read_call(self, sighting: ToolSighting, position: int, told: dict[str, JoinedCall]) -> JoinedCall:
        """A call of its own, unless this message already ``told`` of it: some list their calls twice."""
        call = told.get(sighting.id or "")
        if call is None or call.name != sighting.name or not may_be_same(call.arguments, sighting.arguments):
            call = self._new_call(sighting, position)
        else:
            call.tell(sighting)
        if sighting.id:
            told[sighting.id] = call
        return call

    def _read_result(self, sighting: ToolSighting, position: int) -> JoinedCall:
        call = self._answered_by(sighting, position)
        if call is None:
            return self._new_call(sighting, position)
        call.tell(sighting)
        if sighting.id:
            self._last_by_id.setdefault(sighting.id, call)
        return call

    def _new_call(self, sighting: ToolSighting, position: int) -> JoinedCall:
        call = JoinedCall(position, sighting)
        call.tell(sighting)
        self._calls.append(call)
        has_id = bool(sighting.id)
        if sighting.id:
            self._last_by_id[sighting.id] = call
            self._open.add(("id", sighting.id), call)
        self._open.add(("name", sighting.name, has_id), call)
        self._open.add(("any", has_id), call)
        return call

    def _answered_by(self, sighting: ToolSighting, position: int) -> JoinedCall | None:
        """The call whose result ``sighting`` is. Ids decide; two different ids never meet."""
        if sighting.id and sighting.id in self._last_by_id:
            return self._open.first(("id", sighting.id)) or self._last_by_id[sighting.id]
        ids = (False,) if sighting.id else (False, True)
        if sighting.name:
            call = self._open.first(*(("name", sighting.name, has_id) for has_id in ids))
        else:
            call = self._open.first(*(("any", has_id) for has_id in ids))
        return call if call is not None and call.position < position else None

    def _told_before(self, sighting: ToolSighting, position: int) -> JoinedCall | None:
        """The call of the messages, or of the list so far, that a listed item tells of once more."""
        if not sighting.is_call:
            return self._answered_by(sighting, position)
        call = self._last_by_id.get(sighting.id or "")
        # Some providers give the first call of every step the same id.
        return call if call is not None and may_be_same(call.arguments, sighting.arguments) else None

    def _read_approval(self, sighting: ApprovalSighting) -> None:
        call = self._call_of_approval(sighting)
        if call is None:
            return
        call.approval = sighting.approval
        call.raw.append(sighting.raw)
        if sighting.approval_id:
            self._asked_about[sighting.approval_id] = call

    def _call_of_approval(self, sighting: ApprovalSighting) -> JoinedCall | None:
        by_call = self._last_by_id.get(sighting.call_id or "")
        return by_call or self._asked_about.get(sighting.approval_id or "")

    def _placed(self, part: DraftPart, finished: dict[int, ToolCall]) -> Part:
        if isinstance(part, ToolSighting):
            call = self._told_by[id(part)]
            kind = ToolCallPart if call.home is part else ToolResultPart
            return kind(finished[id(call)], part.raw)
        if isinstance(part, ApprovalSighting):
            asked_about = self._call_of_approval(part)
            name = "unknown tool" if asked_about is None else finished[id(asked_about)].name
            return NotePart("tool approval", f"{name}: {part.approval.words}", part.raw)
        return part
