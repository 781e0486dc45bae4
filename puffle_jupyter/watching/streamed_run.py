"""The run that a stream amounts to: as a poll would answer it, so that every view shows both alike.

A streamed chat has no run id of Puffle's (docs.puffle.ai, "Stream agent chat", names none): `stream_name`
makes a name for it, which begins with ``stream_`` and cannot be taken for one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from ..json_value import JsonValue
from ..run import Run
from ..run_data import RunStatus
from ..transcript.answer import final_text
from ..transcript.stream import StreamedMessage, StreamEnd
from ..transcript.stream_parts import object_of

_PREFIX = "stream_"
_STATUS_BY_END = {
    StreamEnd.FINISHED: RunStatus.COMPLETED,
    StreamEnd.FAILED: RunStatus.FAILED,
    StreamEnd.ABORTED: RunStatus.CANCELLED,
    StreamEnd.OPEN: RunStatus.RUNNING,
}


def stream_name(conversation_id: str | None, turn: int | None) -> str:
    """The name of a streamed chat, such as ``stream_3f2a91c4_2``: the same when a notebook runs again.

    Args:
        conversation_id: the conversation, a UUID; None where Puffle named none.
        turn: the number of the turn in it; None when that is not known.
    """
    known = (conversation_id or uuid.uuid4().hex)[:8]
    return f"{_PREFIX}{known}_{uuid.uuid4().hex[:4] if turn is None else turn}"


def is_stream_name(run_id: str) -> bool:
    """Whether ``run_id`` is a name that `stream_name` made."""
    return run_id.startswith(_PREFIX)


Cut = Callable[[JsonValue], JsonValue]


def streamed_run(name: str, message: StreamedMessage, cut: Cut) -> Run:
    """The run whose answer is ``message``, with the status that its end says.

    Args:
        name: see `stream_name`.
        message: the answer, as far as it came.
        cut: takes the key out of it.
    """
    return _run(name, message, _STATUS_BY_END[message.end], cut)


def broken_run(name: str, message: StreamedMessage, cut: Cut) -> Run:
    """The run of an answer that broke off: not completed, whatever its chunks say."""
    return _run(name, message, RunStatus.RUNNING, cut)


def _run(name: str, message: StreamedMessage, status: RunStatus, cut: Cut) -> Run:
    said = cut(message.json())
    fields = [("runId", JsonValue.of(name)), ("status", JsonValue.of(status.value))]
    if status is RunStatus.COMPLETED:
        fields.append(("text", JsonValue.of(final_text(said))))
    if status is RunStatus.FAILED:
        fields.append(("error", cut(JsonValue.of("\n".join(message.errors)))))
    if status is RunStatus.CANCELLED and message.abort_reason:
        fields.append(("reason", cut(JsonValue.of(message.abort_reason))))
    messages = JsonValue(b"[" + (b"" if message.is_empty else said.encoded) + b"]")
    return Run.from_json(
        object_of([*fields, ("messages", messages), ("toolCalls", JsonValue.of([]))]).encoded
    )
