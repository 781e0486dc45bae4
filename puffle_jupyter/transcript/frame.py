"""A transcript as a pandas DataFrame: pandas is imported when asked for, and only then needed."""

from __future__ import annotations

from typing import Any

from .model import ReasoningPart, TextPart, ToolCall, ToolCallPart, Transcript
from .rows import find_rows

COLUMNS = ("message", "role", "kind", "name", "state", "text", "arguments", "result", "error")


def to_frame(transcript: Transcript) -> Any:
    """One row for each message and each tool call, in order.

    Raises:
        ImportError: pandas is not installed; the message says how to get it.
    """
    return _pandas().DataFrame(frame_rows(transcript), columns=list(COLUMNS))


def result_frame(call: ToolCall) -> Any:
    """The rows of a call's result: see `ToolCall.to_frame`."""
    table = find_rows(call.result_json)
    if table is None:
        raise ValueError(f"the result of {call.name!r} is not a list of flat objects: see its .result")
    rows = [{column: cell.python() for column, cell in row.items()} for row in table.rows]
    return _pandas().DataFrame(rows, columns=list(table.columns))


def frame_rows(transcript: Transcript) -> list[dict[str, Any]]:
    """The rows of `to_frame`."""
    rows: list[dict[str, Any]] = []
    told: set[int] = set()
    for index, message in enumerate(transcript.messages):
        said = [part.text for part in message.parts if isinstance(part, TextPart | ReasoningPart)]
        rows.append(_row(message=index, role=message.role, kind="message", text="\n\n".join(said)))
        for part in message.parts:
            if isinstance(part, ToolCallPart):
                told.add(id(part.call))
                rows.append(_call(part.call, index, message.role))
    others = [call for call in transcript.tool_calls if id(call) not in told]
    return rows + [_call(call, None, None) for call in others]


def _call(call: ToolCall, message: int | None, role: str | None) -> dict[str, Any]:
    return _row(
        message=message,
        role=role,
        kind="tool call",
        name=call.name,
        state=call.state.value,
        arguments=call.arguments,
        result=call.result,
        error=call.error,
    )


def _row(**values: Any) -> dict[str, Any]:
    return {column: values.get(column) for column in COLUMNS}


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "to_frame() needs pandas: pip install 'puffle_jupyter[pandas]'. "
            "Without it, run.transcript and run.calls give the same as Python objects."
        ) from None
    return pandas
