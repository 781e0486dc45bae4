"""Which approved calls were carried out, as far as a stream says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from ..transcript.model import ToolCall, ToolCallState
from ..transcript.stream import StreamedMessage
from .approvals import Decision

_OUTCOMES = MappingProxyType(
    {"output-available": ToolCallState.SUCCEEDED, "output-error": ToolCallState.FAILED}
)


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """An approved call that has its result.

    Attributes:
        call: as it was approved.
        state: `ToolCallState.SUCCEEDED` or `ToolCallState.FAILED`.
    """

    call: ToolCall
    state: ToolCallState


def carried_out(decisions: Iterable[Decision], message: StreamedMessage) -> tuple[CarriedOut, ...]:
    """The approved calls that have a result in ``message``, in the order of the decisions.

    A denied call has none: what the server gives the agent in its place is the denial.
    """
    found = []
    for decision in decisions:
        state = _OUTCOMES.get(message.call_state(decision.call.id or ""))
        if decision.approved and state is not None:
            found.append(CarriedOut(decision.call, state))
    return tuple(found)
