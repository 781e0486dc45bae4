"""A decision about a call, written into the message that asked for it: so it is saved and exported with it.

The AI SDK keeps an answer in the part of the call: ``approval: {id, approved, reason?}``. Who decided and
when are fields of our own beside these.
"""

from __future__ import annotations

from datetime import datetime

from ..json_value import JsonValue
from .formats.ai_sdk import DECIDED_AT, DECIDED_BY
from .stream_parts import object_of


def with_decision(
    message: JsonValue, call_id: str, *, approved: bool, reason: str | None, by: str, at: datetime
) -> JsonValue:
    """``message`` with the decision in the part of the call; the same when it has no such part.

    Args:
        message: a UI message of the AI SDK.
        call_id: the id of the call.
        approved: whether it may be carried out.
        reason: why; None without one.
        by: who decided.
        at: when, in UTC.
    """
    members = message.members()
    parts = members.get("parts", JsonValue.of([])).items()
    decided: dict[str, object] = {
        "approved": approved,
        "reason": reason,
        DECIDED_BY: by,
        DECIDED_AT: f"{at:%Y-%m-%d %H:%M:%S} UTC",
    }
    shown = [_decided(part, decided) if _is_call(part, call_id) else part for part in parts]
    members["parts"] = JsonValue(b"[" + b",".join(part.encoded for part in shown) + b"]")
    return object_of(members.items())


def _is_call(part: JsonValue, call_id: str) -> bool:
    known = part.members().get("toolCallId")
    return known is not None and known.string == call_id


def _decided(part: JsonValue, decided: dict[str, object]) -> JsonValue:
    fields = part.members()
    known = fields.get("approval")
    approval = {} if known is None else dict(known.members())
    approval |= {key: JsonValue.of(value) for key, value in decided.items() if value is not None}
    fields["approval"] = object_of(approval.items())
    fields["state"] = JsonValue.of("approval-responded")
    return object_of(fields.items())
