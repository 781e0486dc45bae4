"""Finding things in a run from Python."""

from __future__ import annotations

import re
import sys

import pytest

from puffle_jupyter import Run
from puffle_jupyter.demo.transcripts import load_transcript


@pytest.fixture
def run() -> Run:
    return Run.from_dict({"runId": "run_abc", "status": "completed", **load_transcript("run_abc")})


def test_calls_are_found_by_the_name_of_their_tool(run: Run) -> None:
    """In order, with their results."""
    assert [call.name for call in run.calls] == [call["toolName"] for call in run.tool_calls]
    searches = run.calls["search_leads"]
    assert searches
    assert all(call.name == "search_leads" and call.has_result for call in searches)
    assert run.calls[0] == run.transcript.tool_calls[0]
    assert len(run.calls[1:3]) == 2


def test_a_tool_that_was_not_called_is_named_with_those_that_were(run: Run) -> None:
    """The error helps with the next try."""
    with pytest.raises(KeyError, match=r"no call of 'send_mail'.*search_leads"):
        run.calls["send_mail"]


def test_grep_finds_text_wherever_it_stands(run: Run) -> None:
    """In the final text, in arguments, in results and in errors; in any case."""
    places = {match.place for match in run.grep("KONTOVOGEL")}
    assert {"final text", "web_search arguments", "search_leads result"} <= places
    assert all("kontovogel" in match.line.lower() for match in run.grep("kontovogel"))
    assert run.grep("no such words anywhere") == []


def test_grep_takes_text_as_it_is_and_patterns_compiled() -> None:
    """A dot is a dot unless a pattern says otherwise."""
    body = {"runId": "run_a", "status": "completed", "text": "a.c\nabc", "messages": []}
    run = Run.from_dict(body)
    assert [match.line for match in run.grep("a.c")] == ["a.c"]
    assert [match.line for match in run.grep(re.compile("a.c"))] == ["a.c", "abc"]


def test_grep_sees_through_json_escapes() -> None:
    """What a reader reads is what is searched, however the server wrote it."""
    message = {"role": "assistant", "content": [{"type": "odd", "words": "M\u00fcnzmeise"}]}
    run = Run.from_json(
        '{"runId": "run_a", "status": "completed", "messages": [{"role": "assistant",'
        ' "content": [{"type": "odd", "words": "M\\u00fcnzmeise"}]}]}'
    )
    assert run.messages == [message]
    assert run.grep("münzmeise")


def test_a_frame_has_a_row_for_each_message_and_call(run: Run) -> None:
    """pandas is an extra."""
    pytest.importorskip("pandas")
    frame = run.to_frame()
    assert len(frame) == len(run.messages) + len(run.calls)
    assert set(frame[frame.kind == "tool call"].name) == set(run.calls.names)


def test_without_pandas_the_error_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the command."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install 'puffle_jupyter\[pandas\]'"):
        run.to_frame()


def test_leads_are_a_frame_one_call_away(run: Run) -> None:
    """A row-like result is a table in Python too; another one says that it is none."""
    pytest.importorskip("pandas")
    frame = run.calls["search_leads"][0].to_frame()
    assert len(frame) == len(run.calls["search_leads"][0].result)
    assert list(frame.columns)[:2] == list(run.calls["search_leads"][0].result[0])[:2]
    (failed,) = (call for call in run.calls if call.error is not None)
    with pytest.raises(ValueError, match="not a list of objects"):
        failed.to_frame()


def test_the_calls_of_a_long_run_are_one_line() -> None:
    """Tools with their counts, the harmless beginning of a name, and how many tools more; not every call."""
    long = Run.from_dict({"runId": "run_long", "status": "completed", **load_transcript("run_long")})
    assert repr(long.calls) == "<ToolCalls 119: 118 x 'web_search', 'query_sheet'>"
    calls = [{"toolName": f"\x1b{at}" + "x" * 500, "args": {}} for at in range(50)]
    many = repr(Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": calls}).calls)
    assert many.endswith(", 42 more tools>")
    assert len(many) < 700
    assert many.isascii()
    assert "\x1b" not in many
    assert repr(Run.from_dict({"runId": "run_a", "status": "completed"}).calls) == "<ToolCalls 0: none>"
