"""OpenAI's own tools in the Responses API: calls with what came of them, wherever that stands."""

from __future__ import annotations

from typing import Any

import pytest

from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import DataPart, NotePart, ToolCallState, UnknownPart
from tests.support.transcripts import call_of, transcript_of

SHELL = {
    "type": "shell_call",
    "id": "sh",
    "call_id": "c",
    "status": "completed",
    "action": {"commands": ["ls"]},
}
PATCH = {
    "type": "apply_patch_call",
    "call_id": "c",
    "status": "completed",
    "operation": {"type": "update_file", "path": "a.txt", "diff": "-a\n+b"},
}
SEARCH = {
    "type": "tool_search_call",
    "id": "ts",
    "call_id": None,
    "status": "completed",
    "execution": "server",
}
LISTING = [{"stdout": "a.txt", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]


def output(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": "o", "call_id": "c", "status": "completed", **fields}


@pytest.mark.parametrize(
    ("items", "name", "arguments", "result"),
    [
        ([SHELL, output("shell_call_output", output=LISTING)], "shell", {"commands": ["ls"]}, LISTING),
        ([PATCH, output("apply_patch_call_output")], "apply_patch", PATCH["operation"], None),
        ([PATCH, output("apply_patch_call_output", output="ok")], "apply_patch", PATCH["operation"], "ok"),
        (
            [
                {**SEARCH, "arguments": {"q": 1}},
                output("tool_search_output", call_id=None, tools=[{"name": "a"}]),
            ],
            *("tool_search", {"q": 1}, [{"name": "a"}]),
        ),
    ],
)
def test_a_call_is_joined_with_its_output(items: list[Any], name: str, arguments: Any, result: Any) -> None:
    """By its id, or by its name where it ran at the provider and has none."""
    call = call_of(items)
    assert (call.name, call.arguments, call.state) == (name, arguments, ToolCallState.SUCCEEDED)
    assert call.result == result
    assert transcript_of(items).ledger.unknown == 0


@pytest.mark.parametrize(
    "items",
    [
        [PATCH, output("apply_patch_call_output", status="failed", output="no such file")],
        [SHELL, output("shell_call_output", status="failed", output="no such file")],
        [{**SHELL, "status": "failed", "error": "no such file"}],
    ],
)
def test_a_status_of_failed_counts(items: list[Any]) -> None:
    """With its reason."""
    call = call_of(items)
    assert (call.state, call.error) == (ToolCallState.FAILED, "no such file")


@pytest.mark.parametrize("item", [SHELL, PATCH, SEARCH])
def test_a_call_without_an_output_has_no_result(item: dict[str, Any]) -> None:
    """Its own status says only that the model has written it."""
    assert call_of([item]).state is ToolCallState.PENDING


def test_only_what_the_provider_ran_says_so() -> None:
    """A shell and a patch are run by whoever asked."""
    ran = {item["type"]: call_of([item]).provider_executed for item in (SHELL, PATCH, SEARCH)}
    assert ran == {"shell_call": False, "apply_patch_call": False, "tool_search_call": True}


def test_the_tools_of_a_server_are_its_data() -> None:
    """An error instead of them is in the data too."""
    tools = [{"name": "search_leads", "input_schema": {}}]
    item = {"type": "mcp_list_tools", "id": "l", "server_label": "crm", "tools": tools}
    (message,) = transcript_of([item]).messages
    (part,) = message.parts
    assert isinstance(part, DataPart)
    assert (part.label, part.data.python()) == ("tools of the MCP server crm", tools)
    run = Run.from_dict(
        {"runId": "run_a", "status": "completed", "messages": [{**item, "tools": [], "error": "refused"}]}
    )
    for view in (run.to_html().rpartition("Raw JSON")[0], run.to_text(), run.to_markdown()):
        assert "refused" in view


def test_a_compaction_is_a_note() -> None:
    """One that is not encrypted is something else, and labelled."""
    item = {"type": "compaction", "id": "k", "encrypted_content": "zzz"}
    (part,) = transcript_of([item]).messages[0].parts
    assert isinstance(part, NotePart)
    (part,) = transcript_of([{"type": "compaction", "summary": "x"}]).messages[0].parts
    assert isinstance(part, UnknownPart)
