"""Data frames hold what was sent: exact numbers, one mark for what is missing, the same after Parquet."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter import Run
from puffle_jupyter.transcript.run_frame import COLUMNS
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called
from tests.unit.transcript.test_transcript_properties import WIRE, objects

pandas = pytest.importorskip("pandas")

HUGE = 2**70 + 1
TYPES = {"Int64", "Float64", "boolean", "string", "datetime64[us, UTC]"}
CONTENT_TYPES = {"text", "image", "file", "custom", "input_text", "output_text"}


def call_frame(rows: str) -> Any:
    """The frame of a call whose result is ``rows``, JSON."""
    body = json.dumps(
        {"runId": "run_a", "status": "completed", "toolCalls": [{"toolName": "f", "result": 0}]}
    )
    return Run.from_json(body.replace('"result": 0', f'"result": {rows}')).calls[0].to_frame()


def run_frame() -> Any:
    messages = [
        {"role": "user", "content": "Go"},
        called(ai_sdk_call("a", "f", input={"id": 9007199254740993}), ai_sdk_call("b", "g")),
        answered(ai_sdk_result("a", "f", result={"score": 1})),
        answered(ai_sdk_result("b", "g", result=None)),
        {"role": "assistant", "content": [{"type": "text", "text": ""}]},
        called({"type": "tool-call", "toolName": "h", "input": {}}),
    ]
    listed = [{"type": "tool-error", "toolName": "h", "args": {"n": 2}, "error": "boom"}]
    body = {
        "runId": "run_a",
        "status": "completed",
        "messages": messages,
        "toolCalls": listed,
        "text": "Done",
    }
    return Run.from_dict(body).to_frame()


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["9007199254740993", None, "1"], "Int64", [9007199254740993, pandas.NA, 1]),
        (["9007199254740993", "null"], "Int64", [9007199254740993, pandas.NA]),
        ([str(HUGE), "1", None], "string", [str(HUGE), "1", pandas.NA]),
        (["-9223372036854775808", "9223372036854775807"], "Int64", [-(2**63), 2**63 - 1]),
        (["9" * 5000], "string", ["9" * 5000]),
        (["1.10", "2", None], "Float64", [1.1, 2.0, pandas.NA]),
        (["1.5", "9007199254740993"], "string", ["1.5", "9007199254740993"]),
        (["1e400", "1.10"], "string", ["1e400", "1.10"]),
        (["true", None, "false"], "boolean", [True, pandas.NA, False]),
        (['"a"', "null", None], "string", ["a", pandas.NA, pandas.NA]),
        (["null", "null"], "string", [pandas.NA, pandas.NA]),
        (['"a"', str(HUGE), None, "true"], "object", ["a", HUGE, pandas.NA, True]),
    ],
)
def test_a_column_holds_what_was_sent(cells: list[str | None], dtype: str, values: list[Any]) -> None:
    """Whole numbers of any size and with holes, one mark for what is missing, mixtures as they are."""
    rows = ",".join('{"row": 0}' if cell is None else f'{{"row": 0, "value": {cell}}}' for cell in cells)
    column = call_frame(f"[{rows}]").value
    assert str(column.dtype) == dtype
    assert [(value is pandas.NA) for value in column] == [(value is pandas.NA) for value in values]
    assert [v for v in column if v is not pandas.NA] == [v for v in values if v is not pandas.NA]


@pytest.mark.parametrize("result", ["[]", '{"leads": [], "total": 0}'])
def test_a_table_without_rows_is_an_empty_frame(result: str) -> None:
    """No lead was found: that is no error."""
    assert len(call_frame(result)) == 0


def test_the_frame_of_a_run_says_which_call_a_row_is() -> None:
    """Every row says something: whose results a message carries, and the final text that no message says."""
    frame = run_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert frame.astype("string").fillna("-")[
        ["message", "kind", "name", "call_id", "text"]
    ].values.tolist() == [
        ["0", "message", "-", "-", "Go"],
        ["1", "message", "-", "-", "-"],
        ["1", "tool call", "f", "a", "-"],
        ["1", "tool call", "g", "b", "-"],
        ["2", "results", "f", "a", "-"],
        ["3", "results", "g", "b", "-"],
        ["4", "message", "-", "-", ""],
        ["5", "message", "-", "-", "-"],
        ["5", "tool call", "h", "-", "-"],
        ["-", "tool call", "h", "-", "-"],
        ["-", "final text", "-", "-", "Done"],
    ]


def test_the_frame_of_a_run_changes_no_value() -> None:
    """Ids and numbers as sent, and only ``pandas.NA`` where nothing is; ``NaT`` for a time."""
    frame = run_frame()
    types = dict.fromkeys(COLUMNS, "string") | {"created_at": "datetime64[us, UTC]"}
    types |= dict.fromkeys(("message", "input_tokens", "output_tokens", "total_tokens"), "Int64")
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == types
    calls = frame[frame.kind == "tool call"]
    assert json.loads(calls.arguments.iloc[0]) == {"id": 9007199254740993}
    assert calls.result.iloc[1] == "null"
    missing = [(name, value) for name in COLUMNS for value in frame[name] if pandas.isna(value)]
    assert missing
    assert all(value is (pandas.NaT if name == "created_at" else pandas.NA) for name, value in missing)


FLAT = """[{"id": 9007199254740993, "big": 1180591620717411303425, "score": 1.10, "ok": true, "name": "a"},
  {"name": "b", "none": null}]"""


@pytest.mark.parametrize("make", [run_frame, lambda: call_frame(FLAT)], ids=["run", "call"])
def test_parquet_gives_back_what_it_was_given(make: Any) -> None:
    """Written and read again: the same values, types and holes."""
    pytest.importorskip(
        "pyarrow", reason="pyarrow is not installed: the round trip through Parquet is not tested"
    )
    frame, file = make(), io.BytesIO()
    frame.to_parquet(file)
    pandas.testing.assert_frame_equal(pandas.read_parquet(file), frame)


@pytest.mark.parametrize("make", [run_frame, lambda: call_frame(FLAT)], ids=["run", "call"])
def test_every_column_has_a_type_that_parquet_has(make: Any) -> None:
    """The same without Parquet: no column of Python objects is left."""
    assert {str(dtype) for dtype in make().dtypes} <= TYPES


@pytest.mark.parametrize(
    ("result", "columns", "rows"),
    [
        ({"leads": [], "warnings": ["slow"]}, [], 0),
        ({"leads": [], "warnings": [{"code": 1}]}, [], 0),
        ({"data": {"leads": [{"a": {"b": 1}}, {}]}, "warnings": []}, ["a.b"], 2),
        ([{"type": "text", "text": '[{"a": [1, "x"]}]'}], ["a"], 1),
        ({"content": [{"type": "text", "text": '{"leads": [{"a": 1}]}'}]}, ["a"], 1),
        ({"content": [{"type": "text", "text": "1"}], "structuredContent": {"leads": [{"a": 1}]}}, ["a"], 1),
    ],
)
def test_rows_are_a_frame_whatever_wraps_them(result: Any, columns: list[str], rows: int) -> None:
    """An object, JSON in a text, the content of an MCP result; warnings beside them do no harm."""
    frame = call_frame(json.dumps(result))
    assert (list(frame.columns), len(frame)) == (columns, rows)


def test_a_frame_has_all_rows_of_a_result_of_any_size() -> None:
    """What a page shows as JSON, because it is too large for a table, is still a frame."""
    assert len(call_frame(json.dumps([{"text": "x" * 1_000}] * 3_000))) == 3_000


@settings(max_examples=200, deadline=None)
@given(st.lists(objects(WIRE), min_size=1, max_size=4).filter(lambda rows: all(rows)))
def test_any_rows_are_a_frame(rows: list[Any]) -> None:
    """Whatever stands in the cells: as many rows as were sent, and no error."""
    if not all(str(row.get("type")) in CONTENT_TYPES for row in rows):
        assert len(call_frame(json.dumps({"leads": rows}))) == len(rows)
