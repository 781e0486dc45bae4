"""What the wire can hold that trips readers up, one oddity a test."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import (
    FilePart,
    Ledger,
    NotePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolCallState,
    ToolResultPart,
    UnknownPart,
)
from puffle_jupyter.transcript.read import read
from tests.support.transcripts import (
    ai_sdk_call,
    ai_sdk_result,
    answered,
    call_of,
    called,
    message_of,
    outline,
    part_of,
    said,
    transcript_of,
)

SUCCEEDED, FAILED, DENIED = ToolCallState.SUCCEEDED, ToolCallState.FAILED, ToolCallState.DENIED


# Exact part types, and the tool-NAME prefix


def ui(*parts: Any) -> dict[str, Any]:
    return {"id": "m1", "role": "assistant", "parts": list(parts)}


@pytest.mark.parametrize("type", ["tool-call", "tool-result", "tool-error"])
def test_exact_types_are_no_tool_names(type: str) -> None:
    """``tool-call`` and its like also match ``tool-NAME``; they are model parts, also among UI parts."""
    part = {"type": type, "toolCallId": "c1", "toolName": "search_leads", "input": {}, "output": 1}
    call = call_of([ui(part)])
    assert (call.name, call.id) == ("search_leads", "c1")


@pytest.mark.parametrize("name", ["call", "result", "search-leads", "approval-request", "a-b-c", ""])
def test_a_tool_part_has_the_name_after_its_prefix(name: str) -> None:
    """A UI tool part has a state and no toolName; its tool's name may hold ``-`` or be ``call``."""
    part = {"type": f"tool-{name}", "toolCallId": "c1", "state": "output-available", "input": {}, "output": 0}
    call = call_of([ui(part)])
    assert (call.name, call.result, call.state) == (name or "unknown tool", 0, SUCCEEDED)


def test_a_tool_prefix_alone_is_unknown() -> None:
    """A ``tool-…`` part without a state is nothing a reader knows."""
    assert said(message_of(ui({"type": "tool-dance", "steps": 3})).parts[0]) == ("unknown", "tool-dance")


def test_exact_types_may_have_a_state() -> None:
    """A state alone makes no UI tool part of what names its tool itself."""
    call = {"type": "tool-call", "state": "done", "toolCallId": "c1", "toolName": "f", "input": {}}
    nested = {"state": "result", "toolCallId": "c1", "toolName": "f", "args": {}, "result": 0}
    assert call_of([ui(call)]).name == "f"
    assert call_of([ui({"type": "tool-invocation", "state": "done", "toolInvocation": nested})]).name == "f"


# Arguments and results in strings


@pytest.mark.parametrize(
    ("sent", "arguments", "notes"),
    [
        ({"query": "a"}, {"query": "a"}, 0),
        ('{"query": "a"}', {"query": "a"}, 0),
        (" [1, 2]\n", [1, 2], 0),
        ('{"query": "a', '{"query": "a', 1),
        ("[1, 2", "[1, 2", 1),
        ("plain words", "plain words", 0),
        ("", "", 0),
        ("17", "17", 0),
        (None, None, 0),
        (17, 17, 0),
    ],
)
@pytest.mark.parametrize("key", ["input", "args"])
def test_ai_sdk_arguments_in_strings(key: str, sent: Any, arguments: Any, notes: int) -> None:
    """A whole JSON object or list in a string is opened; a broken one stays as it came, with a note."""
    part = {"type": "tool-call", "toolCallId": "c1", "toolName": "search_leads", key: sent}
    call = call_of([called(part)])
    assert (call.arguments, len(call.notes)) == (arguments, notes)


@pytest.mark.parametrize(("sent", "notes"), [('{"a": 1}', 0), ('{"a": ', 1), ("words", 1), ("", 0)])
def test_openai_arguments_are_promised_to_be_json(sent: str, notes: int) -> None:
    """OpenAI's arguments are JSON in a string, so any other text is noted as broken."""
    message = {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": sent}}]}
    assert len(call_of([message]).notes) == notes


def test_opened_arguments_keep_their_numbers() -> None:
    """JSON inside a string is opened, not decoded: 1.10 and big integers stay as they were written."""
    call = call_of([called(ai_sdk_call(input='{"score": 1.10, "id": 12345678901234567890123}'))])
    assert call.arguments_json is not None
    assert call.arguments_json.encoded == b'{"score": 1.10, "id": 12345678901234567890123}'


@pytest.mark.parametrize(
    ("sent", "result"),
    [
        ('[{"n": 1}]', [{"n": 1}]),
        ("Booked.", "Booked."),
        ("{broken", "{broken"),
        ("3", "3"),
        ("null", "null"),
    ],
)
def test_results_in_strings(sent: str, result: Any) -> None:
    """A result that is JSON in a string is opened when it is a whole object or list."""
    assert call_of([called(ai_sdk_call()), answered(ai_sdk_result(result=sent))]).result == result
    assert call_of([{"role": "tool", "tool_call_id": "c", "content": sent}]).result == result


# Typed outputs and what only looks like one


def result_of(output: Any) -> Any:
    return call_of([called(ai_sdk_call()), answered(ai_sdk_result(output=output))])


@pytest.mark.parametrize(
    ("output", "result"),
    [
        ({"type": "text", "value": "hi"}, "hi"),
        ({"type": "json", "value": {"a": 0}}, {"a": 0}),
        ({"type": "json", "value": None}, None),
        ({"type": "json", "value": 0, "providerOptions": {}}, 0),
        ({"type": "content", "value": [{"type": "text", "text": "x"}]}, [{"type": "text", "text": "x"}]),
    ],
)
def test_typed_outputs_are_unwrapped(output: Any, result: Any) -> None:
    """From version 5 on a model message's output is typed."""
    call = result_of(output)
    assert (call.state, call.has_result, call.result) == (SUCCEEDED, True, result)


@pytest.mark.parametrize(
    "output",
    [
        {"type": "text", "text": "a tool said so"},
        {"type": "text", "value": "hi", "score": 3},
        {"type": "text", "value": 3},
        {"type": "content", "value": "no list"},
        {"type": "json"},
        {"type": "invoice", "value": 3},
        {"type": None, "value": 3},
        {"type": "execution-denied", "value": 3},
        {"value": 3},
        {},
        [],
        False,
        0,
        None,
        "",
    ],
)
def test_raw_outputs_stay_whole(output: Any) -> None:
    """An output whose type or other keys do not fit is the tool's own value."""
    call = result_of(output)
    assert (call.state, call.has_result, call.result) == (SUCCEEDED, True, output)


@pytest.mark.parametrize(
    ("output", "error"),
    [
        ({"type": "error-text", "value": "timed out"}, "timed out"),
        ({"type": "error-json", "value": {"code": 503}}, {"code": 503}),
    ],
)
def test_typed_errors_are_failures(output: Any, error: Any) -> None:
    """An error output is the error of a failed call, not its result."""
    call = result_of(output)
    assert (call.state, call.error, call.has_result) == (FAILED, error, False)


@pytest.mark.parametrize(("reason", "note"), [("too broad", "denied: too broad"), (None, "denied")])
def test_a_denied_execution_is_denied(reason: str | None, note: str) -> None:
    """A call that was not allowed to run is denied, with the reason given."""
    call = result_of({"type": "execution-denied", **({"reason": reason} if reason else {})})
    assert (call.state, call.notes) == (DENIED, (note,))


def test_ui_outputs_are_never_typed() -> None:
    """A UI part's output is the tool's own value, even if it looks typed."""
    output = {"type": "text", "value": "hi"}
    part = {"type": "tool-f", "toolCallId": "c", "state": "output-available", "input": {}, "output": output}
    assert call_of([ui(part)]).result == output


# Errors, falsy values, JavaScript's oddities


@pytest.mark.parametrize("value", [0, False, "", None, [], {}, 0.0])
@pytest.mark.parametrize("key", ["result", "output"])
def test_falsy_results_are_kept(key: str, value: Any) -> None:
    """Nothing that came back is taken for nothing."""
    call = call_of([called(ai_sdk_call()), answered(ai_sdk_result(**{key: value}))])
    assert (call.state, call.has_result, call.result) == (SUCCEEDED, True, value)


def test_a_javascript_error_is_explained() -> None:
    """A JS Error serialises to {}: the call failed, and a note says why there are no words."""
    part = {"type": "tool-error", "toolCallId": "c1", "toolName": "f", "input": {"a": 1}, "error": {}}
    call = call_of([called(ai_sdk_call(name="f", input={"a": 1})), answered(part)])
    assert (call.state, call.error) == (FAILED, {})
    assert "lose their message" in call.notes[0]


def test_version_4_errors() -> None:
    """``isError`` makes version 4's result an error."""
    call = call_of([called(ai_sdk_call()), answered(ai_sdk_result(result="no", isError=True))])
    assert (call.state, call.error, call.has_result) == (FAILED, "no", False)


@pytest.mark.parametrize(
    ("data", "size", "url"),
    [
        ("aGVsbG8=", 5, None),
        ("aGVsbG8", 5, None),
        ("", 0, None),
        ("data:image/png;base64,aGVsbG8=", 5, None),
        ("data:text/plain,hello", 5, None),
        ("https://files.example/a.png", None, "https://files.example/a.png"),
        ({"0": 1, "1": 2, "2": 3}, 3, None),
        ({"type": "Buffer", "data": [1, 2, 3, 4]}, 4, None),
        ({"type": "data", "data": "aGVsbG8="}, 5, None),
        ({"type": "data", "data": {"0": 1}}, 1, None),
        ({"type": "url", "url": "https://files.example/a.png"}, None, "https://files.example/a.png"),
        ({"type": "text", "text": "é"}, 2, None),
        ({"type": "reference", "reference": {"openai": "file-1"}}, None, None),
        ({}, None, None),
        (17, None, None),
    ],
)
def test_file_data_in_every_form(data: Any, size: int | None, url: str | None) -> None:
    """Base64, URLs, Buffer, Uint8Array and version 7's tagged forms: measured, never fetched."""
    part = part_of({"type": "file", "data": data, "mediaType": "image/png", "filename": "a.png"}, "user")
    assert isinstance(part, FilePart)
    assert (part.name, part.media_type, part.size, part.url) == ("a.png", "image/png", size, url)


def test_a_data_url_names_its_media_type() -> None:
    """Where the part names none, the data URL's own media type is taken."""
    assert said(part_of({"type": "image", "image": "data:image/gif;base64,AAAA"}, "user"))[2] == "image/gif"
    assert (
        said(part_of({"type": "image", "image": "AAAA", "mimeType": "image/png"}, "user"))[2] == "image/png"
    )
    assert said(part_of({"type": "image", "image": "AAAA"}, "user"))[2] == "image"


# Nothing vanishes


@pytest.mark.parametrize(
    "part",
    [
        {"type": "hologram", "beams": 3},
        {"type": "text"},
        {"type": "text", "text": 5},
        {"type": "tool-call", "toolCallId": "c"},
        {"type": "image"},
        {"type": "reasoning"},
        {"type": 3},
        {},
        "bare text",
        17,
        None,
        [],
        [{"type": "text", "text": "nested"}],
    ],
)
def test_unknown_parts_stay_in_their_place(part: Any) -> None:
    """A part of unknown shape, or whose fields do not fit its type, is labelled JSON in its place."""
    hello = {"type": "text", "text": "hello"}
    parts = message_of({"role": "assistant", "content": [hello, part, hello]}).parts
    assert [type(p) for p in parts] == [TextPart, UnknownPart, TextPart]
    assert parts[1].raw == JsonValue.of(part)
    assert isinstance(parts[1], UnknownPart)
    assert parts[1].label


@pytest.mark.parametrize(
    "message",
    [
        17, None, "hi", [], {}, {"role": "user", "body": "hi"}, {"text": "hi"}, {"content": "hi"},
        {"role": 3, "content": "hi"}, {"role": "model", "parts": [{"text": "hi"}]}, {"type": "message"},
    ],
)  # fmt: skip
def test_unknown_messages_are_shown_whole(message: Any) -> None:
    """A message no reader knows is one part of labelled JSON."""
    transcript = transcript_of([message])
    (read_message,) = transcript.messages
    assert read_message.raw == JsonValue.of(message)
    assert read_message.format == "unknown"
    assert transcript.ledger == Ledger(unknown=1)


@pytest.mark.parametrize("content", [17, {"a": 1}, True])
def test_content_of_another_kind_is_shown(content: Any) -> None:
    """Content that is no text and no list is labelled JSON."""
    assert said(message_of({"role": "user", "content": content}).parts[0]) == ("unknown", "content")


@pytest.mark.parametrize("content", [None, "", []])
def test_empty_content_is_no_part(content: Any) -> None:
    """An assistant that says nothing has no parts, and is no unknown message."""
    message = message_of({"role": "assistant", "content": content})
    assert (message.parts, message.format) == ((), "AI SDK model message")


@pytest.mark.parametrize("value", [{}, {"role": "user", "content": "hi"}, "hi", 17, True])
@pytest.mark.parametrize("key", ["messages", "toolCalls"])
def test_a_list_that_is_none(key: str, value: Any) -> None:
    """``messages`` or ``toolCalls`` of another kind than a list are shown whole."""
    transcript = read(Run.from_dict({"runId": "run_a", "status": "completed", key: value}).body)
    assert transcript.ledger == Ledger(unknown=1)
    assert transcript.messages[0].raw == JsonValue.of(value)


@pytest.mark.parametrize("value", [None, []])
def test_no_messages(value: Any) -> None:
    """A run without messages has an empty transcript."""
    assert transcript_of(value, value) == transcript_of()
    assert transcript_of().ledger == Ledger()


def test_items_of_tool_calls_that_are_none() -> None:
    """What is no call in ``toolCalls`` stays visible beside those that are."""
    transcript = transcript_of([], [17, {"toolName": "f", "args": {}}, {"step": 3}, None])
    assert outline(transcript) == [("toolCalls", [("unknown", "item of toolCalls")] * 3)]
    assert [call.name for call in transcript.tool_calls] == ["f"]
    assert transcript.ledger == Ledger(shown=1, unknown=3)


def test_unknown_extra_keys_do_not_matter() -> None:
    """Every object may carry keys nobody documented."""
    extra = {"providerOptions": {"x": {}}, "zzz": [1]}
    part = part_of({"type": "text", "text": "hi", **extra})
    assert said(part) == ("text", "hi")
    assert part.raw == JsonValue.of({"type": "text", "text": "hi", **extra})


# The ledger


def test_the_ledger_counts_every_part_once() -> None:
    """Texts, calls and results are shown, reasoning and system messages folded, the rest is unknown."""
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        called(
            {"type": "reasoning", "text": "hm"}, {"type": "text", "text": "Hello"}, ai_sdk_call(), {"x": 1}
        ),
        answered(ai_sdk_result(result=1)),
    ]
    assert transcript_of(messages).ledger == Ledger(shown=4, folded=2, unknown=1)
    assert transcript_of(messages, [{"toolName": "other", "args": {}}]).ledger == Ledger(5, 2, 1)
    assert transcript_of(messages).ledger.received == 7


# Mixtures


def test_one_run_may_mix_shapes() -> None:
    """The reader is chosen for each message, and calls find their results across shapes."""
    messages = [
        {"role": "system", "content": "Be kind."},
        called(ai_sdk_call("a", "f")),
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "assistant", "tool_calls": [{"id": "b", "function": {"name": "g", "arguments": "{}"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "b", "content": "2"}]},
        {"type": "function_call", "call_id": "c", "name": "h", "arguments": "{}"},
        answered(ai_sdk_result("c", "h", output={"type": "text", "value": "3"})),
        ui({"type": "text", "text": "Done"}),
    ]  # fmt: skip
    transcript = transcript_of(messages)
    assert [(c.name, c.result, c.state) for c in transcript.tool_calls] == [
        ("f", "1", SUCCEEDED), ("g", "2", SUCCEEDED), ("h", "3", SUCCEEDED),
    ]  # fmt: skip
    assert [message.format for message in transcript.messages] == [
        "AI SDK model message", "AI SDK model message", "OpenAI chat message", "OpenAI chat message",
        "Anthropic message", "OpenAI Responses item", "AI SDK model message", "AI SDK UI message",
    ]  # fmt: skip


def test_a_message_may_mix_parts() -> None:
    """A part foreign to its message's shape is read by the reader that knows it."""
    parts = message_of(
        called(ai_sdk_call(), {"type": "thinking", "thinking": "hm"}, {"type": "output_text", "text": "hi"})
    ).parts
    assert [type(part) for part in parts] == [ToolCallPart, ReasoningPart, TextPart]


def test_plain_text_is_read_like_its_neighbours() -> None:
    """A message that any shape could have written has the shape of those around it."""
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "", "tool_calls": None}]
    assert [m.format for m in transcript_of(messages).messages] == ["OpenAI chat message"] * 2
    assert message_of({"role": "user", "content": "hi"}).format == "AI SDK model message"
    thinking = {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]}
    later = transcript_of([*messages, thinking, {"role": "user", "content": "hi"}]).messages[-1]
    assert later.format == "Anthropic message"


def test_a_call_told_twice_in_one_message_is_one_call() -> None:
    """Some store a message's calls among its parts and beside them."""
    message = called(ai_sdk_call("a", "f"), ai_sdk_call("a", "f"), ai_sdk_call("a", "f", input={"b": 1}))
    transcript = transcript_of([message])
    assert [type(part) for part in transcript.messages[0].parts] == [
        ToolCallPart,
        ToolResultPart,
        ToolCallPart,
    ]
    assert len(transcript.tool_calls) == 2


# Depth


def test_deep_json_is_shown_not_raised() -> None:
    """An answer the parser could open is read from any depth of the caller's stack."""
    deep: Any = "end"
    for _ in range(300):
        deep = [deep]
    run = Run.from_dict({"runId": "run_a", "status": "completed", "messages": [called(deep)]})

    def from_below(frames: int) -> Any:
        return from_below(frames - 1) if frames else read(run.body)

    here = len(_frames())
    for room in (120, 60, 40, 30, 25, 20):
        transcript = from_below(sys.getrecursionlimit() - here - room)
        assert transcript.ledger == Ledger(unknown=1)


def _frames() -> list[Any]:
    frame, frames = sys._getframe(), []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return frames


def test_approval_parts_without_a_call_stay() -> None:
    """An approval nobody can place is still a note."""
    message = answered(
        {"type": "tool-approval-response", "approvalId": "x", "approved": False, "reason": "no"}
    )
    (part,) = transcript_of([message]).messages[0].parts
    assert isinstance(part, NotePart)
    assert part.text == "unknown tool: denied: no"
