"""Transcripts of other makers and Puffle's own rows: each wire shape's calls, results and parts."""

from __future__ import annotations

from typing import Any

import pytest

from puffle_jupyter.transcript.formats.puffle_rows import without_profile_data
from puffle_jupyter.transcript.model import (
    FilePart,
    Ledger,
    ReasoningPart,
    SourcePart,
    StatePart,
    TextPart,
    ToolCallState,
)
from tests.support.transcripts import call_of, message_of, outline, part_of, said, transcript_of

SUCCEEDED, FAILED, DENIED = ToolCallState.SUCCEEDED, ToolCallState.FAILED, ToolCallState.DENIED
PENDING, AWAITING = ToolCallState.PENDING, ToolCallState.AWAITING_APPROVAL


# AI SDK UI messages


@pytest.mark.parametrize(
    ("fields", "state", "result", "error"),
    [
        ({"state": "input-streaming"}, PENDING, None, None),
        ({"state": "input-available"}, PENDING, None, None),
        ({"state": "output-available", "output": [1]}, SUCCEEDED, [1], None),
        ({"state": "output-available", "output": [1], "preliminary": True}, PENDING, [1], None),
        ({"state": "output-error", "errorText": "no"}, FAILED, None, "no"),
        ({"state": "approval-requested", "approval": {"id": "a"}}, AWAITING, None, None),
        ({"state": "approval-requested"}, AWAITING, None, None),
        ({"state": "approval-responded", "approval": {"id": "a", "approved": True}}, PENDING, None, None),
        ({"state": "approval-responded", "approval": {"id": "a", "approved": False}}, DENIED, None, None),
        ({"state": "output-denied", "approval": {"id": "a", "approved": False}}, DENIED, None, None),
        ({"state": "output-denied"}, DENIED, None, None),
        ({"state": "levitating"}, PENDING, None, None),
    ],
)
@pytest.mark.parametrize("type", ["tool-f", "dynamic-tool"])
def test_ui_tool_states(type: str, fields: dict[str, Any], state: Any, result: Any, error: Any) -> None:
    """Every state of a UI tool part, also one nobody documented."""
    name = {"toolName": "f"} if type == "dynamic-tool" else {}
    part = {"type": type, "toolCallId": "c", "input": {"a": 1}, **name, **fields}
    call = call_of([{"id": "m", "role": "assistant", "parts": [part]}])
    assert (call.name, call.arguments, call.state) == ("f", {"a": 1}, state)
    assert (call.result, call.error) == (result, error)
    assert any("levitating" in note for note in call.notes) == (fields["state"] == "levitating")


def test_ui_tool_details() -> None:
    """A title, the provider's execution and an input that did not parse are kept."""
    part = {
        "type": "tool-f",
        "toolCallId": "c",
        "state": "output-error",
        "rawInput": '{"a',
        "errorText": "bad",
    }
    call = call_of([{"role": "assistant", "parts": [{**part, "title": "Search", "providerExecuted": True}]}])
    assert (call.title, call.provider_executed, call.arguments) == ("Search", True, '{"a')


def test_ui_parts_of_every_kind() -> None:
    """Each part of version 5 and later has its place."""
    parts = [
        {"type": "step-start"},
        {"type": "reasoning", "text": "hm", "state": "done"},
        {"type": "text", "text": "Hello", "state": "done"},
        {"type": "source-url", "sourceId": "s", "url": "https://a.example/", "title": "A"},
        {"type": "source-document", "sourceId": "s", "mediaType": "application/pdf", "title": "Deck"},
        {"type": "file", "mediaType": "image/png", "url": "https://a.example/a.png", "filename": "a.png"},
        {"type": "data-progress", "data": {"done": 1}},
        {"type": "custom", "kind": "maker.card"},
    ]
    message = message_of({"id": "m", "role": "assistant", "metadata": {"x": 1}, "parts": parts})
    assert [said(part) for part in message.parts] == [
        ("note", "step", "a new step starts"),
        ("reasoning", "hm"),
        ("text", "Hello"),
        ("source", "A", "https://a.example/"),
        ("source", "Deck", None),
        ("file", "a.png", "image/png", None, "https://a.example/a.png"),
        ("data", "data-progress"),
        ("data", "custom maker.card"),
    ]
    assert (message.id, message.format) == ("m", "AI SDK UI message")


def test_ui_messages_of_version_4_without_parts() -> None:
    """Early version 4 has reasoning, invocations and attachments beside its content."""
    invocation: dict[str, Any] = {
        "state": "result",
        "toolCallId": "c",
        "toolName": "f",
        "args": {},
        "result": None,
    }
    message = {
        "id": "m",
        "role": "assistant",
        "content": "Hello",
        "reasoning": "hm",
        "toolInvocations": [invocation, 17],
        "experimental_attachments": [{"name": "a.txt", "contentType": "text/plain", "url": "data:,hi"}],
    }
    (_, parts), *_ = outline(transcript_of([message]))
    assert parts == [
        ("call", "f", "c"),
        ("unknown", "item of toolInvocations"),
        ("reasoning", "hm"),
        ("text", "Hello"),
        ("file", "a.txt", "text/plain", 2, None),
    ]
    assert call_of([message]).has_result


def test_ui_messages_of_version_4_say_more_beside_their_parts() -> None:
    """What the parts repeat is not shown again; what only the old fields hold is."""
    invocations: list[dict[str, Any]] = [
        {"state": "call", "toolCallId": id, "toolName": "f", "args": {}} for id in ("a", "b")
    ]
    parts = [
        {"type": "text", "text": "Hello "},
        {"type": "tool-invocation", "toolInvocation": invocations[0]},
        {"type": "text", "text": "there"},
        {"type": "reasoning", "reasoning": "hm", "details": [{"type": "text", "text": "hm"}]},
    ]
    same = {
        "role": "assistant",
        "content": "Hello there",
        "reasoning": "hm",
        "toolInvocations": invocations[:1],
    }
    assert transcript_of([{**same, "parts": parts}]).ledger.received == 4
    more = {"role": "assistant", "content": "Goodbye", "reasoning": "ha", "toolInvocations": invocations}
    (_, said_parts), *_ = outline(transcript_of([{**more, "parts": parts}]))
    assert said_parts[4:] == [("call", "f", "b"), ("reasoning", "ha"), ("text", "Goodbye")]


def test_data_messages_of_version_4() -> None:
    """Version 4 has a role for application data, which is shown as JSON."""
    assert outline(transcript_of([{"id": "m", "role": "data", "content": "", "data": {"a": 1}}])) == [
        ("data", [("data", "data")])
    ]


def test_redacted_reasoning_of_version_4() -> None:
    """Reasoning of which only redacted details came is still reasoning."""
    part = {"type": "reasoning", "details": [{"type": "redacted", "data": "x"}]}
    (read_part,) = message_of({"role": "assistant", "parts": [part]}).parts
    assert isinstance(read_part, ReasoningPart)
    assert (read_part.text, read_part.redacted) == ("", True)


# OpenAI chat


def openai_call(id: str | None, arguments: Any = "{}", name: str = "f") -> dict[str, Any]:
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
    return {key: value for key, value in call.items() if value is not None}


def test_openai_chat_calls_and_results() -> None:
    """Arguments are opened, results find their calls by tool_call_id."""
    messages = [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "Hi", "name": "mara"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [openai_call("a", '{"n": 1}'), openai_call("b")],
        },
        {"role": "tool", "tool_call_id": "b", "content": "second"},
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": '{"n": 2}'}]},
        {"role": "assistant", "content": "Done", "refusal": None},
    ]
    transcript = transcript_of(messages)
    facts = [(call.id, call.arguments, call.result) for call in transcript.tool_calls]
    assert facts == [("a", {"n": 1}, {"n": 2}), ("b", {}, "second")]
    assert transcript.ledger == Ledger(shown=6, folded=1)
    assert outline(transcript)[2:4] == [
        ("assistant", [("call", "f", "a"), ("call", "f", "b")]),
        ("tool", [("result", "f", "b")]),
    ]


def test_openai_legacy_functions() -> None:
    """The legacy function_call has no id: its result is found by name and order."""
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": '{"n": 1}'}}
    messages = [call, {"role": "function", "name": "f", "content": "1"}, call, {"role": "function", "name": "f", "content": "2"}]  # fmt: skip  # noqa: E501
    assert [call.result for call in transcript_of(messages).tool_calls] == ["1", "2"]


def test_openai_parts() -> None:
    """Images, audio, files, refusals, citations and reasoning beside the content."""
    parts = [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "https://a.example/a.png", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
        {"type": "refusal", "refusal": "No."},
    ]
    assert [said(part) for part in message_of({"role": "user", "content": parts}).parts] == [
        ("text", "See"),
        ("file", None, "image", None, "https://a.example/a.png"),
        ("file", None, "audio/wav", 3, None),
        ("file", "a.pdf", "application/pdf", 3, None),
        ("note", "refusal", "No."),
    ]
    message = {
        "role": "assistant",
        "content": "Hi",
        "reasoning_content": "hm",
        "refusal": "No.",
        "audio": {"id": "x", "data": "AAAA", "transcript": "Spoken"},
        "annotations": [
            {"type": "url_citation", "url_citation": {"url": "https://a.example/", "title": "A"}}
        ],
        "tool_calls": [{"type": "custom", "id": "c", "custom": {"name": "f", "input": "words"}}, {"x": 1}],
    }
    assert [said(part) for part in message_of(message).parts] == [
        ("reasoning", "hm"),
        ("text", "Hi"),
        ("note", "refusal", "No."),
        ("text", "Spoken"),
        ("call", "f", "c"),
        ("unknown", "item of tool_calls"),
        ("source", "A", "https://a.example/"),
    ]


@pytest.mark.parametrize("calls", [{"a": 1}, "x", 17])
def test_openai_calls_that_are_no_list(calls: Any) -> None:
    """tool_calls of another kind are labelled JSON."""
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    assert outline(transcript_of([message])) == [("assistant", [("unknown", "tool_calls")])]


# OpenAI Responses


def test_openai_responses_items() -> None:
    """Calls and results are items of their own, without a role."""
    items = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "c", "output": '{"b": 2}'},
        {"type": "web_search_call", "id": "w", "status": "completed", "action": {"query": "x"}},
        {"type": "mcp_call", "id": "m", "name": "g", "arguments": "{}", "output": None, "error": "refused"},
        {"type": "computer_call", "call_id": "k", "status": "completed", "action": {"type": "click"}},
        {"type": "computer_call_output", "call_id": "k", "output": {"type": "computer_screenshot"}},
        {
            "type": "message",
            "role": "assistant",
            "content": [
                {
                    "type": "output_text",
                    "text": "Done",
                    "annotations": [{"type": "url_citation", "url": "https://a.example/", "title": "A"}],
                }
            ],
        },
    ]
    transcript = transcript_of(items)
    assert {message.format for message in transcript.messages} == {"OpenAI Responses item"}
    assert [(call.name, call.state, call.result) for call in transcript.tool_calls] == [
        ("f", SUCCEEDED, {"b": 2}),
        ("web_search", SUCCEEDED, None),
        ("g", FAILED, None),
        ("computer", SUCCEEDED, {"type": "computer_screenshot"}),
    ]
    assert outline(transcript)[1] == ("assistant", [("reasoning", "hm")])
    assert outline(transcript)[-1][1] == [("text", "Done"), ("source", "A", "https://a.example/")]
    assert transcript.ledger == Ledger(shown=9, folded=1)


def test_openai_responses_approvals() -> None:
    """An MCP call that waits for approval says so, and a refusal denies it."""
    request = {"type": "mcp_approval_request", "id": "q", "name": "f", "arguments": "{}", "server_label": "s"}
    assert call_of([request]).state is AWAITING
    response = {"type": "mcp_approval_response", "approval_request_id": "q", "approve": False, "reason": "no"}
    call = call_of([request, response])
    assert (call.state, call.notes) == (DENIED, ("denied: no",))


def test_openai_responses_attachments() -> None:
    """Input images and files are named attachments."""
    parts = [
        {"type": "input_image", "image_url": "https://a.example/a.png"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
    ]
    assert [said(part) for part in message_of({"role": "user", "content": parts}).parts] == [
        ("file", None, "image", None, "https://a.example/a.png"),
        ("file", "a.pdf", "application/pdf", 3, None),
    ]


def test_openai_calls_whose_output_is_an_item_of_its_own() -> None:
    """A completed computer call is still unanswered: its output follows, or was cut off."""
    item = {"type": "computer_call", "call_id": "k", "status": "completed", "action": {"type": "click"}}
    assert call_of([item]).state is PENDING


# Anthropic


def test_anthropic_results_stand_in_user_messages() -> None:
    """A tool_result block in a user's message belongs to the call of the assistant before."""
    messages = [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "x"},
                {"type": "redacted_thinking", "data": "x"},
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "a", "name": "f", "input": {"n": 1}},
                {"type": "tool_use", "id": "b", "name": "g", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "b", "content": "no", "is_error": True},
                {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "[1]"}]},
                {"type": "text", "text": "Go on."},
            ],
        },
    ]
    transcript = transcript_of(messages)
    assert [(c.id, c.state, c.result, c.error) for c in transcript.tool_calls] == [
        ("a", SUCCEEDED, [1], None),
        ("b", FAILED, None, "no"),
    ]
    assert outline(transcript)[1] == (
        "user",
        [("result", "g", "b"), ("result", "f", "a"), ("text", "Go on.")],
    )
    assert transcript.ledger == Ledger(shown=6, folded=2)


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ([{"type": "web_search_result", "url": "https://a.example/"}], SUCCEEDED),
        ({"type": "web_search_tool_result_error", "error_code": "unavailable"}, FAILED),
        ({"type": "code_execution_result", "stdout": "2", "return_code": 0}, SUCCEEDED),
    ],
)
def test_anthropic_server_tools(content: Any, state: ToolCallState) -> None:
    """A server tool's call and result stand in one message; its error is an object of its own type."""
    blocks = [
        {"type": "server_tool_use", "id": "a", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "a", "content": content},
    ]
    call = call_of([{"role": "assistant", "content": blocks}])
    assert (call.state, call.provider_executed) == (state, True)
    assert content in (call.result, call.error)


@pytest.mark.parametrize("fields", [{}, {"content": ""}, {"content": []}, {"content": None}])
def test_anthropic_empty_results(fields: dict[str, Any]) -> None:
    """A tool that returned nothing has nevertheless answered."""
    blocks = [{"type": "tool_use", "id": "a", "name": "f", "input": {}}]
    result = {"type": "tool_result", "tool_use_id": "a", **fields}
    call = call_of([{"role": "assistant", "content": blocks}, {"role": "user", "content": [result]}])
    assert (call.state, call.result) == (SUCCEEDED, fields.get("content"))


def test_text_blocks_with_more_than_text_stay_blocks() -> None:
    """Only plain text blocks are joined to one text; one with citations keeps them."""
    plain = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    cited = [{"type": "text", "text": "a", "citations": [{"url": "https://a.example/"}]}]
    for content, result in ((plain, "a\nb"), (cited, cited)):
        block = {"type": "tool_result", "tool_use_id": "a", "content": content}
        assert call_of([{"role": "user", "content": [block]}]).result == result


def test_anthropic_files() -> None:
    """Images and documents are named attachments, from bytes or from a URL."""
    parts = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "document", "title": "Deck", "source": {"type": "url", "url": "https://a.example/d.pdf"}},
        {"type": "search_result", "source": "https://a.example/", "title": "A", "content": []},
    ]
    assert [said(part) for part in message_of({"role": "user", "content": parts}).parts] == [
        ("file", None, "image/png", 3, None),
        ("file", "Deck", "document", None, "https://a.example/d.pdf"),
        ("source", "A", "https://a.example/"),
    ]


# Puffle's own rows


def row(role: str, content: str | None, calls: Any = None, result: Any = None) -> dict[str, Any]:
    return {
        "id": "r1",
        "role": role,
        "content": content,
        "toolCalls": calls,
        "toolResult": result,
        "createdAt": "2026-01-15T09:30:00Z",
    }


def test_what_version_4_repeats_is_told_by_id_and_tool() -> None:
    """A tool invocation beside the parts is left out where they have it, not where they share its id only."""
    part, beside = (
        {"state": "result", "toolCallId": "x", "toolName": name, "args": {}, "result": 1} for name in "fg"
    )
    message = {
        "role": "assistant",
        "content": "",
        "parts": [{"type": "tool-invocation", "toolInvocation": part}],
        "toolInvocations": [part, beside],
    }
    assert [call.name for call in transcript_of([message]).tool_calls] == ["f", "g"]


def test_puffle_rows_pair_by_order() -> None:
    """A row's result has no id: results belong to the calls in their order."""
    rows = [
        row("user", "Find founders."),
        row("assistant", "Looking.", [{"toolName": "f", "args": {"n": 1}}, {"toolName": "g", "args": {}}]),
        row("tool", None, None, {"rows": 3}),
        row("tool", None, None, {"ok": False}),
        row("assistant", "Done.", []),
    ]
    transcript = transcript_of(rows)
    assert {message.format for message in transcript.messages} == {"Puffle list row"}
    assert [(call.name, call.result) for call in transcript.tool_calls] == [
        ("f", {"rows": 3}),
        ("g", {"ok": False}),
    ]
    assert transcript.ledger == Ledger(shown=7)


def test_puffle_rows_with_named_results() -> None:
    """A result that names its call is unwrapped and joined by id."""
    calls: list[dict[str, Any]] = [{"toolCallId": id, "toolName": "f", "args": {}} for id in ("a", "b")]
    results = [
        {"toolCallId": "b", "toolName": "f", "result": 2},
        {"toolCallId": "a", "toolName": "f", "result": "no", "isError": True},
    ]
    rows = [row("assistant", None, calls), *(row("tool", None, None, result) for result in results)]
    assert [(c.result, c.error, c.state) for c in transcript_of(rows).tool_calls] == [
        (None, "no", FAILED),
        (2, None, SUCCEEDED),
    ]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hi <!-- PROFILE_DATA:{}:END_PROFILE_DATA -->there", "Hi there"),
        ("a<!-- PROFILE_DATA:\n{\n}\n:END_PROFILE_DATA -->b<!-- PROFILE_DATA:x:END_PROFILE_DATA -->c", "abc"),
        ("Hi <!-- PROFILE_DATA:{\n not ended", "Hi <!-- PROFILE_DATA:{\n not ended"),
        (
            "a<!-- PROFILE_DATA:x b<!-- PROFILE_DATA:y:END_PROFILE_DATA --> c :END_PROFILE_DATA -->",
            "a<!-- PROFILE_DATA:x b c :END_PROFILE_DATA -->",
        ),
        ("<!--PROFILE_DATA:x:END_PROFILE_DATA-->Hi", "Hi"),
        ("no <!-- comment --> of ours", "no <!-- comment --> of ours"),
        ("PROFILE_DATA: in words", "PROFILE_DATA: in words"),
    ],
)
def test_profile_data_is_not_text(text: str, left: str) -> None:
    """Internal blocks of the agent are cut out of what it said; one without its end is text."""
    assert without_profile_data(text) == left
    assert said(message_of(row("assistant", text)).parts[0]) == ("text", left)


def test_profile_data_elsewhere_is_untouched() -> None:
    """Tool arguments, and what others than the agent said, keep every character."""
    block = "<!-- PROFILE_DATA:x:END_PROFILE_DATA -->"
    call = {"toolName": "f", "args": {"note": block}}
    assert call_of([row("assistant", None, [call])]).arguments == {"note": block}
    assert said(message_of(row("user", block)).parts[0]) == ("text", block)


def test_profile_data_is_a_part_of_its_own() -> None:
    """What is cut out is folded and counted, behind the text it stood in, or alone."""
    block = "<!-- PROFILE_DATA:x:END_PROFILE_DATA -->"
    assert [said(part) for part in message_of(row("assistant", f"a{block}b{block}")).parts] == [
        ("text", "ab"),
        ("state", f"{block}\n{block}"),
    ]
    assert transcript_of([row("assistant", f"a{block}")]).ledger == Ledger(shown=1, folded=1)
    (part,) = message_of(row("assistant", block)).parts
    assert isinstance(part, StatePart)
    assert part.raw.string == block


# Items of the top-level toolCalls


@pytest.mark.parametrize(
    "item",
    [
        {"toolName": "f", "args": {"a": 1}},
        {"type": "tool-call", "toolCallId": "c", "toolName": "f", "input": {"a": 1}},
        {"type": "tool-call", "toolCallId": "c", "toolName": "f", "args": '{"a": 1}'},
        {"type": "tool-f", "toolCallId": "c", "state": "input-available", "input": {"a": 1}},
        {
            "type": "dynamic-tool",
            "toolName": "f",
            "toolCallId": "c",
            "state": "input-available",
            "input": {"a": 1},
        },
        {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
        {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
        {"name": "f", "arguments": {"a": 1}},
        {"name": "f", "args": {"a": 1}, "id": "c", "type": "tool_call"},
    ],
)
def test_listed_calls_of_every_shape(item: dict[str, Any]) -> None:
    """``toolCalls`` is ``object[]``: any known shape of a call is one."""
    call = call_of([], [item])
    assert (call.name, call.arguments, call.state) == ("f", {"a": 1}, PENDING)


def test_part_kinds_are_what_they_say() -> None:
    """The readers give the model's own kinds of parts."""
    kinds = [
        ({"type": "text", "text": "a"}, TextPart),
        ({"type": "reasoning", "text": "a"}, ReasoningPart),
        ({"type": "redacted-reasoning", "data": "a"}, ReasoningPart),
        ({"type": "reasoning-file", "data": "AAAA", "mediaType": "image/png"}, FilePart),
        ({"type": "source", "sourceType": "url", "id": "s", "url": "https://a.example/"}, SourcePart),
    ]
    for part, kind in kinds:
        assert isinstance(part_of(part), kind)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"state": "output-error", "errorText": "timed out"}, FAILED),
        ({"state": "output-available", "output": {"rows": 3}}, SUCCEEDED),
        ({"state": "output-denied"}, DENIED),
        ({"state": "input-available"}, PENDING),
    ],
)
def test_a_listed_dynamic_tool_has_its_state(state: dict[str, Any], expected: ToolCallState) -> None:
    """A part of a UI message among ``toolCalls`` is read as one: a failed call is not a pending one."""
    item = {"type": "dynamic-tool", "toolName": "search", "toolCallId": "c1", "input": {"q": "x"}, **state}
    call = call_of([], [item])
    assert (call.name, call.id, call.state) == ("search", "c1", expected)
    assert call.arguments == {"q": "x"}
