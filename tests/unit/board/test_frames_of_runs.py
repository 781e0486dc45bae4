"""Many runs as frames, and the rows of everything as one table: where each is from, and conflicts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas
import pytest

from puffle_jupyter import (
    InvalidSetting,
    NoSuchToolCall,
    NotATable,
    Run,
    calls_frame,
    messages_frame,
    runs_frame,
)
from puffle_jupyter.board.merged_rows import merged_rows
from puffle_jupyter.demo.app import run_body
from puffle_jupyter.demo.runs import SCRIPTED_RUNS


def scripted(run_id: str, status: str = "completed") -> Run:
    return Run.from_dict(run_body(SCRIPTED_RUNS[run_id], status))


def found(run_id: str, *rows: dict[str, Any], tool: str = "search_leads") -> Run:
    call = {"type": "tool-call", "toolCallId": "c1", "toolName": tool, "input": {}}
    output = {"type": "json", "value": {"leads": list(rows)}}
    result = {"type": "tool-result", "toolCallId": "c1", "toolName": tool, "output": output}
    messages = [{"role": "assistant", "content": [call]}, {"role": "tool", "content": [result]}]
    return Run.from_dict({"runId": run_id, "status": "completed", "text": "x", "messages": messages})


def results_of_one_tool(run_id: str) -> Run:
    calls = [{"toolName": "look_up", "args": {}, "result": {"name": name}} for name in ("Ada", "Bo")]
    return Run.from_dict({"runId": run_id, "status": "completed", "toolCalls": calls})


class Watched:
    """What follows a run and has no answer yet."""

    run_id = "run_b"
    run = None


RUNS = [scripted("run_abc"), scripted("run_failed", "failed"), scripted("run_cancelled", "cancelled")]


@pytest.mark.parametrize("make", [runs_frame, calls_frame, messages_frame])
def test_a_frame_survives_parquet(make: Any) -> None:
    """Types are nullable, also without any run; what is written is what is read."""
    for runs in (RUNS, []):
        frame = make(runs)
        file = io.BytesIO()
        frame.to_parquet(file)
        pandas.testing.assert_frame_equal(pandas.read_parquet(file), frame)
        assert list(frame.columns) == list(make([]).columns)


def test_every_run_call_and_message_has_its_row() -> None:
    """As many as the transcripts have, with the run they are of."""
    runs = runs_frame([*RUNS, Watched()])
    assert list(runs["run_id"]) == ["run_abc", "run_failed", "run_cancelled", "run_b"]
    assert list(runs["calls"][:3]) == [len(run.calls) for run in RUNS]
    assert runs["status"].isna().tolist() == [False, False, False, True]
    assert "Berlin" in runs["answer"][0]
    assert runs["error"][1] == RUNS[1].error
    calls = calls_frame(RUNS)
    assert len(calls) == sum(len(run.calls) for run in RUNS)
    assert list(calls[calls["run_id"] == "run_abc"]["name"]) == [call.name for call in RUNS[0].calls]
    messages = messages_frame(RUNS)
    whole = pandas.concat([run.to_frame() for run in RUNS])
    assert len(messages) == (whole["kind"] != "tool call").sum()


def test_rows_are_merged_by_their_key() -> None:
    """The first is kept, with its run and call; what a later one says otherwise is named."""
    table = merged_rows(
        [
            found("run_a", {"leadId": 1, "name": "Tom", "run_id": "x"}, {"leadId": 2, "name": "Lea"}),
            found("run_b", {"leadId": 2, "name": "Lea V."}, {"leadId": 3}, {"name": "nobody"}),
            found("run_c", {"leadId": 1, "name": "Tom", "city": "Berlin"}, {"leadId": "1", "name": "Text"}),
            found("run_d", {"leadId": 9}, tool="other"),
        ],
        "search_leads",
        "leadId",
    )
    assert table.columns == ("run_id", "call", "leadId", "name", "run_id 2", "conflicts")
    assert [(row["run_id"], row.get("leadId"), row.get("conflicts")) for row in table.rows] == [
        ("run_a", 1, None),
        ("run_a", 2, "name in run_b, call 0"),
        ("run_b", 3, None),
        ("run_b", None, None),
        ("run_c", "1", None),
    ]
    assert table.rows[0]["run_id 2"] == "x"
    assert (
        table.place
        == "results of search_leads in 3 runs, 2 further rows of the same leadId, 1 row with conflicts"
    )
    assert len(merged_rows([found("run_a", {"a": 1}), found("run_b", {"a": 1})], "search_leads")) == 2


def test_objects_are_rows_of_a_board_too() -> None:
    """A result that is one object is one row, as in the tables of its run."""
    runs = [results_of_one_tool(run_id) for run_id in ("run_a", "run_b")]
    table = merged_rows(runs, "look_up")
    assert [row["call"] for row in table.rows] == [0, 1, 0, 1]
    own = runs[0].tables["all look_up"].rows
    assert [{key: row[key] for key in row if key != "run_id"} for row in table.rows[:2]] == own


def test_merged_rows_are_safe_in_a_spreadsheet(tmp_path: Path) -> None:
    """A cell that would start a formula is disarmed, as in every CSV file."""
    table = merged_rows([found("run_a", {"name": "=cmd()"})], "search_leads")
    path = table.to_csv(tmp_path / "leads.csv")
    assert '"\'=cmd()"' in path.read_text("utf-8-sig")


def test_what_has_no_rows_is_said() -> None:
    """An unknown tool with those that were called, a result that is no list, a key that is no column."""
    with pytest.raises(NoSuchToolCall, match="they called: search_leads"):
        merged_rows([found("run_a", {"a": 1})], "nothing")
    with pytest.raises(InvalidSetting, match="no column is called 'b'; there are a"):
        merged_rows([found("run_a", {"a": 1})], "search_leads", "b")
    answer = found("run_a").to_dict()
    answer["messages"][1]["content"][0]["output"] = {"type": "text", "value": "none"}
    with pytest.raises(NotATable, match="calls_frame"):
        merged_rows([Run.from_dict(answer)], "search_leads")


@pytest.mark.parametrize("make", [runs_frame, calls_frame, messages_frame])
@pytest.mark.parametrize(
    ("given", "said"), [("run_a", "not str"), (5, "not int"), (["run_a"], "not 'run_a': RunBoard")]
)
def test_what_is_no_run_is_refused(make: Any, given: Any, said: str) -> None:
    """By an error of ours that says what to give."""
    with pytest.raises(InvalidSetting, match=said):
        make(given)
