"""A run as a pandas DataFrame: a row for each message and each tool call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..run_data import RunData
from .answer import answer_of
from .dataframe import column, import_pandas
from .model import Message, ReasoningPart, TextPart, ToolCall, ToolCallPart, ToolResultPart
from .read import read, unmentioned_calls

COLUMNS = (
    "message",
    "role",
    "kind",
    "name",
    "call_id",
    "state",
    "text",
    "arguments",
    "result",
    "error",
    "created_at",
    "input_tokens",
    "output_tokens",
    "total_tokens",
)
_NUMBERS = frozenset(("message", "input_tokens", "output_tokens", "total_tokens"))
_TYPES = dict.fromkeys(_NUMBERS, "Int64") | {"created_at": "datetime64[us, UTC]"}


def to_frame(run: RunData) -> Any:
    """One row for each message and each tool call, in order; see `frame_rows`.

    Raises:
        MissingExtra: pandas is not installed; the message says how to get it.
    """
    pandas = import_pandas()
    values: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    count = 0
    for row in frame_rows(run):  # there may be hundreds of thousands: none is kept
        for name, value in row.items():
            _fill(values[name], count)
            values[name].append(value)
        count += 1
    for cells in values.values():
        _fill(cells, count)
    return pandas.DataFrame(
        {name: column(pandas, values.pop(name), _TYPES.get(name, "string")) for name in COLUMNS}
    )


def _fill(cells: list[Any], count: int) -> None:
    """Note that the cells up to ``count`` are missing: most rows have few of the columns."""
    if len(cells) < count:
        cells.extend(itertools.repeat(None, count - len(cells)))


def frame_rows(run: RunData) -> Iterator[dict[str, Any]]:
    """The rows of `to_frame`, without what is missing.

    ``kind`` is ``message``, ``results`` (a message of nothing but results, which stand with their calls),
    ``tool call`` or ``final text`` (only where the last message does not say it). Arguments, results and
    errors are JSON as sent: they can be anything, and a column has one type. A call has the time of the
    message that makes it; tokens are counted for messages, so that their sum is that of the run. A time that
    is missing is ``NaT``: pandas has no other mark for one.
    """
    transcript = read(run.body)
    before: Message | None = None
    row: dict[str, Any] = {}
    for index, message in enumerate(transcript.messages):
        if message is not before:  # half a million equal messages in a row are one object
            row = {"role": message.role, **_message(message), **_facts(message)}
        before = message
        yield {"message": index, **row}
        for part in message.parts:
            if isinstance(part, ToolCallPart):
                yield {"message": index, "role": message.role, **_call(part.call), **_time(message)}
    for call in unmentioned_calls(transcript.messages, transcript.tool_calls):
        yield _call(call)
    answer = answer_of(run, transcript)
    text = answer.text if answer.json is None else answer.json.encoded.decode()
    if text and answer.message is None:
        yield {"kind": "final text", "text": text}


def _message(message: Message) -> dict[str, Any]:
    if not message.parts:
        return {"kind": "message"}
    said = [part.text for part in message.parts if isinstance(part, TextPart | ReasoningPart)]
    row: dict[str, Any] = {"kind": "message"}
    if said:
        row["text"] = "\n\n".join(said)
    answered = [part.call for part in message.parts if isinstance(part, ToolResultPart)]
    if answered and len(answered) == len(message.parts):
        row["kind"] = "results"
        for column in ("name", "call_id", "state"):
            values = {_call(call).get(column) for call in answered}
            row |= {column: values.pop()} if len(values) == 1 else {}
    return row


def _facts(message: Message) -> dict[str, Any]:
    return _time(message) | ({} if message.usage is None else asdict(message.usage))


def _time(message: Message) -> dict[str, Any]:
    return {} if message.created_at is None else {"created_at": message.created_at}


def _call(call: ToolCall) -> dict[str, Any]:
    values = {"arguments": call.arguments_json, "result": call.result_json, "error": call.error_json}
    return {
        "kind": "tool call",
        "name": call.name,
        "call_id": call.id,
        "state": call.state.value,
        **{column: value.encoded.decode() for column, value in values.items() if value is not None},
    }
