"""What came of a tool call, in a few words beside its name."""

from __future__ import annotations

import pytest

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.render.outcome import outcome_words
from puffle_jupyter.transcript.model import ToolCall, ToolCallState
from puffle_jupyter.transcript.tables import empty_table, find_rows


def outcome(
    state: ToolCallState = ToolCallState.SUCCEEDED, result: object = "x", error: object = None
) -> str:
    """The words about a call of web_search."""
    found = JsonValue.of(result)
    failed = None if error is None else JsonValue.of(error)
    call = ToolCall("call_1", "web_search", state, result_json=found, error_json=failed)
    return outcome_words(call, find_rows(found) or empty_table(found))


@pytest.mark.parametrize(
    ("result", "words"),
    [([{"n": 1}] * 8, "8 rows"), ({"leads": []}, "0 rows"), ([], "0 rows"), ("done", ""), (None, "")],
)
def test_a_success_counts_its_rows(result: object, words: str) -> None:
    """A success needs no word; rows are counted, also none."""
    assert outcome(result=result) == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("timed out", "failed: timed out"),
        ("web_search: timed out after 20 s\nat line 3", "failed: timed out after 20 s"),
        ({"message": "no such list"}, "failed: no such list"),
        ("", "failed"),
        ("\n\n", "failed"),
        ("\x1b[31mred", "failed: \\u001b[31mred"),
        ("x" * 200_000, "failed"),
    ],
)
def test_a_failure_says_why(error: object, words: str) -> None:
    """The first words of the error, without the name of the tool, harmless and short."""
    assert outcome(ToolCallState.FAILED, error=error) == words


def test_what_has_no_result_says_so() -> None:
    """A call that waits, or that nobody answered, says that in the words of its state."""
    assert outcome(ToolCallState.PENDING) == "no result recorded"
    assert outcome(ToolCallState.AWAITING_APPROVAL) == "awaiting approval"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"leads": [], "warnings": []}, "0 rows"),
        ({"leads": [], "warnings": ["slow"]}, "0 rows"),
        ({"leads": [], "errors": [{"code": 1}]}, "0 rows"),
        ({"leads": [], "facets": []}, "0 rows"),
        ({"status": "queued", "warnings": []}, ""),
        ({"added": 5, "Failed": []}, ""),
        ({"leads": [{"n": 1}], "warnings": [{"code": 1, "text": "long " * 20}] * 3}, "1 row"),
        ({"data": {"leads": [{"n": 1}, {}]}, "ok": True}, "2 rows"),
        ({"data": {"result": {"leads": []}}}, "0 rows"),
        ({"lead": {"name": "Ada", "jobs": []}}, ""),
        ({"name": "Ada", "emails": []}, ""),
        ({"full_name": "Ada", "emails": [], "phones": []}, ""),
        ({"company": "Acme", "contacts": []}, "0 rows"),
        ({"name": "", "emails": []}, "0 rows"),
        ('[{"n": 1}]', "1 row"),
        ({"content": [{"type": "text", "text": '{"leads": []}'}]}, "0 rows"),
        ([{"type": "text", "text": '[{"n": 1}]'}], "1 row"),
        (
            {"content": [{"type": "text", "text": "2"}], "structuredContent": {"rows": [{"n": 1}] * 2}},
            "2 rows",
        ),
        ([{"type": "text", "text": "[]"}, {"type": "text", "text": "[]"}], ""),
        ([{}, {}], ""),
        ([{"n": 1}, None], ""),
    ],
)
def test_rows_are_counted_and_nothing_else(result: object, words: str) -> None:
    """Warnings are no rows; what wraps the rows is opened: an object, a text, an MCP result."""
    assert outcome(result=result) == words
