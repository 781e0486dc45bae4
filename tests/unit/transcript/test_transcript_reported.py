"""Wire data that public bug reports and real files showed: what came of a call, files, rows, sources."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.binary import SHORTEST, without_base64
from puffle_jupyter.transcript.model import ToolCall, ToolCallState
from tests.support.html_check import text_of


def run_of(*messages: dict[str, Any]) -> Run:
    return Run.from_json(json.dumps({"runId": "run_a", "status": "completed", "messages": messages}))


def views(run: Run) -> tuple[str, str, str]:
    """What a reader sees as html, without the raw JSON, as text and as Markdown."""
    return text_of(run.to_html().rpartition("Raw JSON")[0]), run.to_text(), run.to_markdown()


def chat(**result: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A call of ``bash`` and the tool's message with ``result``."""
    called = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
    return {"role": "assistant", "content": None, "tool_calls": [called]}, {
        "role": "tool",
        "tool_call_id": "c1",
        **result,
    }


def ui(**fields: Any) -> dict[str, Any]:
    """A UI message with one part: a call of ``search``, unless ``fields`` say otherwise."""
    return {"id": "1", "role": "assistant", "parts": [{"type": "tool-search", "toolCallId": "z", **fields}]}


def only_call(run: Run) -> ToolCall:
    (call,) = run.calls
    return call


def failed(run: Run, reason: str) -> ToolCall:
    """The one call of ``run``, which failed: every view gives the reason."""
    call = only_call(run)
    assert call.state is ToolCallState.FAILED
    assert reason in json.dumps(call.error)
    for view in views(run):
        assert reason in view
    return call


@pytest.mark.parametrize("error", ["took 30 s", {"type": "timeout", "message": "took 30 s"}])
def test_an_error_beside_empty_content_is_a_failed_call(error: object) -> None:
    """AG-UI and inspect_ai send the reason as `error` of the tool's message."""
    run = run_of(*chat(content="", error=error))
    failed(run, "took 30 s")
    assert len(run.transcript.messages[1].parts) == 1


def test_an_error_beside_content_shows_both() -> None:
    """What the tool printed before it failed is kept."""
    assert failed(run_of(*chat(content="half of it", error="took 30 s")), "took 30 s").result == "half of it"


def test_a_status_makes_the_content_the_reason() -> None:
    """LangChain writes the reason as the content, and a status."""
    failed(run_of(*chat(content="took 30 s", status="error")), "took 30 s")
    assert only_call(run_of(*chat(content="fine", status="success"))).state is ToolCallState.SUCCEEDED
    assert only_call(run_of(*chat(content="fine", error=None))).state is ToolCallState.SUCCEEDED


def mcp(text: str, *, is_error: bool, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}], "isError": is_error, **more}


def test_an_mcp_result_says_whether_it_failed() -> None:
    """`isError` of a CallToolResult counts, whatever the part's own state says."""
    output = mcp("Error: 500\nretry later", is_error=True)
    call = failed(run_of(ui(state="output-available", input={}, output=output)), "Error: 500")
    assert call.error == "Error: 500\nretry later"


def test_the_text_of_an_mcp_result_is_the_result() -> None:
    """JSON in it is read as JSON; structured content beside it is kept."""
    rows = [{"name": "Ada"}, {"name": "Bo"}]
    run = run_of(ui(state="output-available", input={}, output=mcp(json.dumps(rows), is_error=False)))
    assert only_call(run).result == rows
    whole = mcp("2 rows", is_error=False, structuredContent={"rows": rows})
    assert only_call(run_of(ui(state="output-available", input={}, output=whole))).result == whole


@pytest.mark.parametrize(
    "output", [{"content": "a", "isError": True}, {"content": [], "isError": True}, {"isError": 1}]
)
def test_what_only_looks_like_mcp_is_the_tools_own_value(output: object) -> None:
    """A tool may return any object."""
    call = only_call(run_of(ui(state="output-available", input={}, output=output)))
    assert (call.state, call.result) == (ToolCallState.SUCCEEDED, output)


@pytest.mark.parametrize("state", ["input-available", "complete", "done", "result", "input-streaming"])
def test_an_output_counts_whatever_the_state_says(state: str) -> None:
    """Stored messages keep a state that lags behind."""
    call = only_call(run_of(ui(state=state, input={}, output={"leads": [{"name": "Ada"}]})))
    assert (call.state, call.result, call.notes) == (
        ToolCallState.SUCCEEDED,
        {"leads": [{"name": "Ada"}]},
        (),
    )


def test_an_error_text_counts_too() -> None:
    """With an output beside it, both are shown."""
    failed(run_of(ui(state="input-available", input={}, errorText="no such list")), "no such list")
    call = failed(
        run_of(ui(state="output-error", input={}, errorText="no such list", output="part")), "no such"
    )
    assert call.result == "part"


def test_tanstack_parts_are_calls_with_their_own_names() -> None:
    """No tool is called "call" or "result"; texts and thinking stand in `content`."""
    parts = [
        {"type": "thinking", "content": "let me think"},
        {
            "type": "tool-call",
            "id": "1",
            "name": "weather",
            "arguments": '{"city":"Oslo"}',
            "state": "complete",
        },
        {"type": "tool-result", "toolCallId": "1", "content": '{"t":3}', "state": "complete"},
        {
            "type": "tool-call",
            "id": "2",
            "name": "weather",
            "arguments": "{}",
            "output": {"t": 22},
            "state": "c",
        },
        {"type": "tool-call", "id": "3", "name": "delete", "arguments": "{}", "state": "approval-requested"},
        {"type": "tool-call", "id": "4", "name": "send", "arguments": "{}", "state": "complete"},
        {"type": "tool-result", "toolCallId": "4", "content": "refused", "state": "error"},
        {"type": "text", "content": "It is **3**."},
    ]
    run = run_of({"role": "assistant", "parts": parts})
    told = [(call.name, call.state.value, call.result or call.error) for call in run.calls]
    assert told == [
        ("weather", "succeeded", {"t": 3}),
        ("weather", "succeeded", {"t": 22}),
        ("delete", "awaiting approval", None),
        ("send", "failed", "refused"),
    ]
    assert run.transcript.ledger.unknown == 0
    assert "It is **3**." in run.to_text()


def test_snake_case_parts_of_opentelemetry_are_read() -> None:
    """`tool_call` and `tool_call_response`, joined by their id."""
    parts = [
        {"type": "tool_call", "id": "1", "name": "weather", "arguments": {"city": "Oslo"}},
        {"type": "tool_call_response", "id": "1", "response": "3 degrees"},
    ]
    call = only_call(run_of({"role": "assistant", "parts": parts}))
    assert (call.name, call.arguments, call.result) == ("weather", {"city": "Oslo"}, "3 degrees")
    twins = [
        {"type": "tool_call", "tool_call_id": "1", "tool_name": "weather", "args": {}},
        {"type": "tool_result", "tool_call_id": "1", "tool_name": "weather", "result": 3},
    ]
    call = only_call(run_of({"role": "assistant", "parts": twins}))
    assert (call.name, call.result) == ("weather", 3)


@pytest.mark.parametrize("error", ["ABORTED", {"name": "Aborted", "data": {"message": "ABORTED"}}])
def test_a_message_error_is_shown(error: object) -> None:
    """In every view, as an error, and it is found."""
    run = run_of(
        {"id": "1", "role": "assistant", "parts": [{"type": "text", "text": "I will"}], "error": error}
    )
    for view in views(run):
        assert "error" in view
        assert "ABORTED" in view
    assert run.grep("ABORTED")


def test_a_message_error_beside_a_failed_call_is_shown_too() -> None:
    """They are two errors."""
    message = ui(state="output-error", input={}, errorText="no such list")
    for view in views(run_of({**message, "error": "ABORTED"})):
        assert "no such list" in view
        assert "ABORTED" in view


def test_what_providers_put_beside_the_content_is_shown_once() -> None:
    """Images, citations, search results and reasoning details; what the content says already stays single."""
    details = [
        {"type": "reasoning.text", "text": "First I think."},
        {"type": "reasoning.summary", "summary": "Then I act."},
        {"type": "reasoning.encrypted", "data": "zzz"},
    ]
    run = run_of(
        {
            "role": "assistant",
            "content": "It is so.",
            "reasoning": "First I think.",
            "reasoning_details": details,
            "citations": ["https://a.example/1", "https://a.example/2"],
            "search_results": [{"title": "One", "url": "https://a.example/1", "snippet": "the words"}],
            "images": [{"type": "image_url", "image_url": {"url": "https://a.example/i.png"}}],
        },
        *chat(content="x"),
    )
    for view in views(run):
        for words in ("First I think.", "Then I act.", "One", "the words", "a.example/2", "a.example/i.png"):
            assert words in view
    assert run.to_text().count("First I think.") == 1
    kinds = [type(part).__name__ for part in run.transcript.messages[0].parts]
    assert kinds.count("SourcePart") == 2
    assert "FilePart" in kinds
    assert "UnknownPart" not in kinds


IMAGE = base64.b64encode(bytes(range(256)) * 40).decode()
FILES: dict[str, dict[str, Any]] = {
    "AI SDK": {"type": "image-data", "data": IMAGE, "mediaType": "image/png"},
    "MCP": {"type": "image", "data": IMAGE, "mimeType": "image/png"},
    "Anthropic": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": IMAGE}},
    "URL": {"picture": f"data:image/png;base64,{IMAGE}"},
}


def test_base64_is_found_wherever_it_begins() -> None:
    """The shortest file that is named instead of printed is found at every place in a result."""
    for offset in range(SHORTEST):
        value = JsonValue.of({"a": " " * offset, "mimeType": "image/png", "data": "QUJD" * (SHORTEST // 4)})
        assert without_base64(value).python()["data"] == "image/png · 150 bytes"


@pytest.mark.parametrize("name", FILES)
def test_base64_is_a_line_with_type_and_size(name: str) -> None:
    """In every readable view; the result itself keeps what was sent."""
    result = {"type": "tool-result", "toolCallId": "z", "toolName": "shot"}
    called = {"type": "tool-call", "toolCallId": "z", "toolName": "shot", "input": {}}
    run = run_of(
        {"role": "assistant", "content": [called]},
        {"role": "tool", "content": [{**result, "output": {"type": "json", "value": [FILES[name], 1.10]}}]},
        {"role": "assistant", "content": "CONCLUSION"},
    )
    for view in views(run):
        assert IMAGE[:100] not in view
        assert "image/png · 10,240 bytes" in view
        assert "CONCLUSION" in view
    assert only_call(run).result[0] == FILES[name]
    assert IMAGE in run.to_html().rpartition("Raw JSON")[2]


@pytest.mark.parametrize(
    "items",
    [
        [{"type": "text", "text": "Launched"}, FILES["AI SDK"]],
        [{"name": "Ada", "photo": f"data:image/png;base64,{IMAGE}"}],
        {"rows": [{"name": "Ada", **FILES["MCP"], "type": "lead"}]},
    ],
)
def test_no_cell_holds_base64(items: object) -> None:
    """A tool's content is no table; a file among the fields of a row is a cell with its type and size."""
    page = run_of(*chat(content=json.dumps(items))).to_html().rpartition("Raw JSON")[0]
    assert IMAGE[:60] not in page
    assert "image/png · 10,240 bytes" in page
    assert ("<table" in page) is ("Ada" in page)


def test_long_words_that_no_file_is_said_to_be_stay() -> None:
    """A hash or a token of 300 characters is shown as sent."""
    word = "0123456789abcdef" * 20
    run = run_of(*chat(content=json.dumps({"hash": word, "image": {"type": "image"}})))
    for view in views(run):
        assert word in view


PEOPLE = [
    {
        "id": 1,
        "organization": {"name": "Acme", "site": {"url": "a.example"}},
        "tags": ["c_suite", 3],
        "jobs": [{"t": 1}],
    },
    {"id": 2, "organization": None, "tags": [], "organization.name": "own"},
]


def test_nested_rows_are_a_frame() -> None:
    """Fields with dots, lists as texts; a second list beside the rows does no harm."""
    pytest.importorskip("pandas")
    content = json.dumps({"crumbs": [{"label": "x"}], "people": PEOPLE, "page": {"of": 3}})
    frame = only_call(run_of(*chat(content=content))).to_frame()
    assert list(frame.columns) == [
        *("id", "organization.name", "organization.site.url", "tags", "jobs"),
        *("organization",),
    ]
    assert frame["tags"].tolist() == ["c_suite, 3", ""]
    assert frame["organization.name"].tolist() == ["Acme", "own"]
    assert frame["jobs"][0] == '[{"t":1}]'


def test_citations_stand_under_their_text() -> None:
    """Each with its title, place and cited words, in every view."""
    citations = [
        {
            "type": "web_search_result_location",
            "url": "https://a.example/p",
            "title": "A",
            "cited_text": "in 1999",
        },
        {
            "type": "page_location",
            "cited_text": "on page",
            "document_title": "Report",
            "start_page_number": 4,
            "end_page_number": 5,
        },
    ]
    run = run_of(
        {"role": "assistant", "content": [{"type": "text", "text": "Founded.", "citations": citations}]}
    )
    for view in views(run):
        for words in ("in 1999", "on page", "Report, page 4", "a.example/p"):
            assert words in view
    assert run.grep("in 1999")


def test_documents_keep_their_text() -> None:
    """The body of a search result and of a document is in the readable views."""
    blocks = [
        {
            "type": "search_result",
            "source": "https://kb.example/1",
            "title": "KB",
            "content": [{"type": "text", "text": "Body of it"}],
        },
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Plain body"}},
        {"type": "text", "text": "summarise"},
    ]
    for view in views(run_of({"role": "user", "content": blocks})):
        assert "Body of it" in view
        assert "Plain body" in view


def test_a_message_of_results_alone_is_no_bubble() -> None:
    """Whoever sends it: Anthropic's results come from the user."""
    run = run_of(
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "look", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "found it"}]},
        {"role": "assistant", "content": "Done."},
    )
    page, text, markdown = views(run)
    assert "3 messages" in text
    assert page.count("user") == 1
    assert text.count("user:") == 1
    assert markdown.count("user") == 1
    for view in (page, text, markdown):
        assert "found it" in view
