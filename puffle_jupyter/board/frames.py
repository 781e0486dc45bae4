"""Many runs as pandas DataFrames: a row a run, a call or a message, with types that keep every value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from ..errors import InvalidSetting
from ..json_value import JsonValue
from ..run_data import RunData
from ..transcript.answer import answer_of
from ..transcript.dataframe import column, import_pandas
from ..transcript.model import ToolCallPart, ToolCallState, Transcript
from ..transcript.read import read, read_afresh
from ..transcript.run_frame import frame_rows

_TOKENS = ("input_tokens", "output_tokens", "total_tokens")
_RUNS = ("run_id", "status", "answer", "error", "messages", "calls", "failed_calls", *_TOKENS)
_CALLS = (
    *("run_id", "call", "message", "role", "name", "call_id", "state"),
    *("arguments", "result", "error", "created_at"),
)
_MESSAGES = (
    *("run_id", "message", "role", "kind", "name", "call_id", "state", "text", "created_at"),
    *_TOKENS,
)
_TYPES = dict.fromkeys(("message", "messages", "call", "calls", "failed_calls", *_TOKENS), "Int64") | {
    "created_at": "datetime64[us, UTC]"
}
_CALL_KIND = "tool call"


class HasRun(Protocol):
    """What follows a run, such as a `RunWatch`."""

    @property
    def run_id(self) -> str:
        """The run's id."""

    @property
    def run(self) -> RunData | None:
        """The last answer about it; None before the first."""


def runs_frame(runs: Iterable[RunData | HasRun]) -> Any:
    """A pandas DataFrame with one row for each run: how it ended, its answer, its calls and tokens.

    Args:
        runs: runs or watches, such as a `RunBoard`. Of a run that has not ended there is what is known.

    Raises:
        MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        InvalidSetting: these are no runs and no watches.

    >>> runs_frame(board).groupby("status").size()     # doctest: +SKIP
    """
    return _frame(_RUNS, (_run_row(one, read) for one in checked_runs(runs)))


def passing_runs_frame(runs: Iterable[RunData | HasRun]) -> Any:
    """The same of runs that nobody looks at again soon: none of their transcripts is remembered.

    Args:
        runs: some of so many runs that they are not all held at a time.

    Raises:
        MissingExtra: pandas is not installed; the message says how to get it.
    """
    return _frame(_RUNS, (_run_row(one, read_afresh) for one in runs))


def calls_frame(runs: Iterable[RunData | HasRun]) -> Any:
    """A pandas DataFrame with one row for each tool call of ``runs``, in order.

    ``call`` is its index in ``run.calls``, ``message`` that of the message that makes it. Arguments, results
    and errors are JSON as sent.

    Args:
        runs: runs or watches, such as a `RunBoard`.

    Raises:
        MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        InvalidSetting: these are no runs and no watches.

    >>> calls_frame(board).query("state == 'failed'")  # doctest: +SKIP
    """
    return _frame(_CALLS, (row for run in answered_runs(runs) for row in _call_rows(run)))


def messages_frame(runs: Iterable[RunData | HasRun]) -> Any:
    """A pandas DataFrame with one row for each message of ``runs``, in order; the columns of `Run.to_frame`.

    Args:
        runs: runs or watches, such as a `RunBoard`.

    Raises:
        MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        InvalidSetting: these are no runs and no watches.

    >>> messages_frame(board)["total_tokens"].sum()    # doctest: +SKIP
    """
    rows = ({"run_id": run.run_id, **row} for run in answered_runs(runs) for row in frame_rows(run))
    return _frame(_MESSAGES, (row for row in rows if row["kind"] != _CALL_KIND))


def answered_runs(runs: Iterable[RunData | HasRun]) -> Iterator[RunData]:
    """The answers about ``runs``, without those that have none."""
    for one in checked_runs(runs):
        run = one if isinstance(one, RunData) else one.run
        if run is not None:
            yield run


def checked_runs(runs: object) -> Iterator[RunData | HasRun]:
    """``runs``, one by one.

    Raises:
        InvalidSetting: it is no collection of runs and watches; the message says what to give.
    """
    if isinstance(runs, str | bytes) or not isinstance(runs, Iterable):
        raise InvalidSetting(f"runs must be runs or watches, such as a RunBoard, not {type(runs).__name__}.")
    for one in runs:
        if not isinstance(one, RunData) and not (hasattr(one, "run_id") and hasattr(one, "run")):
            raise InvalidSetting(
                f"runs must be runs or watches, not {ascii(one)[:60]}: RunBoard(ids) watches those of ids."
            )
        yield one


def _call_rows(run: RunData) -> Iterator[dict[str, Any]]:
    transcript = read(run.body)
    made_by = {
        part.call.index: {"message": index, "role": message.role, "created_at": message.created_at}
        for index, message in enumerate(transcript.messages)
        for part in message.parts
        if isinstance(part, ToolCallPart)
    }
    for call in transcript.tool_calls:
        values = {"arguments": call.arguments_json, "result": call.result_json, "error": call.error_json}
        yield {
            "run_id": run.run_id,
            "call": call.index,
            "name": call.name,
            "call_id": call.id,
            "state": call.state.value,
            **made_by.get(call.index, {}),
            **{name: value.encoded.decode() for name, value in values.items() if value is not None},
        }


def _run_row(one: RunData | HasRun, read: Callable[[JsonValue], Transcript]) -> dict[str, Any]:
    run = one if isinstance(one, RunData) else one.run
    if run is None:
        return {"run_id": one.run_id}
    transcript = read(run.body)
    answer = answer_of(run, transcript)
    text = answer.text if answer.json is None else answer.json.encoded.decode()
    row: dict[str, Any] = {
        "run_id": run.run_id,
        "status": run.status_text,
        "answer": text or None,
        "error": run.error,
        "messages": len(transcript.messages),
        "calls": len(transcript.tool_calls),
        "failed_calls": sum(call.state is ToolCallState.FAILED for call in transcript.tool_calls),
    }
    for name in _TOKENS:
        counted = [getattr(message.usage, name) for message in transcript.messages if message.usage]
        known = [count for count in counted if count is not None]
        row[name] = sum(known) if known else None
    return row


def _frame(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> Any:
    pandas = import_pandas()
    values: dict[str, list[Any]] = {name: [] for name in columns}
    for row in rows:
        for name in columns:
            values[name].append(row.get(name))
    return pandas.DataFrame(
        {name: column(pandas, values.pop(name), _TYPES.get(name, "string")) for name in columns}
    )
