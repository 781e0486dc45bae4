"""What the real AI SDK of versions 4 to 7 wrote, read back: `tests/recordings` says how it was recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from puffle_jupyter.transcript.model import (
    ReasoningPart,
    ToolCallPart,
    ToolCallState,
    Transcript,
    UnknownPart,
)
from tests.support.paths import RECORDINGS
from tests.support.transcripts import outline, said, transcript_of

VERSIONS = (4, 5, 6, 7)


def load(file: str) -> dict[str, dict[str, Any]]:
    recordings = json.loads((RECORDINGS / file).read_text(encoding="utf-8"))["recordings"]
    return {recording["name"]: recording for recording in recordings}


def model(version: int) -> dict[str, dict[str, Any]]:
    return load(f"ai{version}.json")


def ui(version: int) -> dict[str, dict[str, Any]]:
    return load(f"ai{version}-ui.json")


def read_model(version: int, name: str) -> Transcript:
    recording = model(version)[name]
    return transcript_of(recording["messages"], recording["toolCalls"])


def read_ui(version: int, name: str) -> Transcript:
    return transcript_of(ui(version)[name]["messages"])


EVERY_MODEL = [(version, name) for version in VERSIONS for name in model(version)]
EVERY_UI = [(version, name) for version in VERSIONS for name in ui(version)]


def unknown_labels(transcript: Transcript) -> set[str]:
    parts = [part for message in transcript.messages for part in message.parts]
    return {part.label for part in parts if isinstance(part, UnknownPart)}


@pytest.mark.parametrize(("version", "name"), EVERY_MODEL)
def test_model_messages_are_known(version: int, name: str) -> None:
    """Every part the SDK writes is read, a provider's own custom part too."""
    transcript = read_model(version, name)
    assert unknown_labels(transcript) == set()
    assert {message.format for message in transcript.messages} == {"AI SDK model message"}


@pytest.mark.parametrize(("version", "name"), EVERY_MODEL)
def test_model_messages_have_all_their_parts(version: int, name: str) -> None:
    """Each content item is one part of the ledger, a text content is one too."""
    messages = model(version)[name]["messages"]
    sent = sum(len(m["content"]) if isinstance(m["content"], list) else bool(m["content"]) for m in messages)
    assert transcript_of(messages).ledger.received == sent


@pytest.mark.parametrize(("version", "name"), EVERY_MODEL)
def test_top_level_calls_are_not_shown_twice(version: int, name: str) -> None:
    """The SDK's own toolCalls and toolResults tell of the calls the messages hold, and of no others."""
    recording = model(version)[name]
    alone = transcript_of(recording["messages"])
    listed = [*recording["toolCalls"], *recording["toolResults"]]
    for tool_calls in (recording["toolCalls"], listed):
        merged = transcript_of(recording["messages"], tool_calls)
        assert outline(merged) == outline(alone)
        assert [call.id for call in merged.tool_calls] == [call.id for call in alone.tool_calls]
        assert merged.ledger == alone.ledger


@pytest.mark.parametrize(("version", "name"), EVERY_MODEL)
def test_top_level_calls_without_ids_are_not_shown_twice(version: int, name: str) -> None:
    """Puffle's published item has a name and arguments only: that is enough to recognise the call."""
    recording = model(version)[name]
    alone = transcript_of(recording["messages"])
    bare = [
        {"toolName": call["toolName"], "args": call["args" if version == 4 else "input"]}
        for call in recording["toolCalls"]
    ]
    assert len(transcript_of(recording["messages"], bare).tool_calls) == len(alone.tool_calls)


@pytest.mark.parametrize(("version", "name"), EVERY_MODEL)
def test_calls_alone_are_all_there(version: int, name: str) -> None:
    """With no messages at all, toolCalls and toolResults still make one entry for each call."""
    recording = model(version)[name]
    transcript = transcript_of([], [*recording["toolCalls"], *recording["toolResults"]])
    assert {call.id for call in transcript.tool_calls} >= {c["toolCallId"] for c in recording["toolCalls"]}
    assert len(transcript.tool_calls) == transcript.ledger.shown == transcript.ledger.received
    assert all(call.state is not ToolCallState.ORPHAN_RESULT for call in transcript.tool_calls)


@pytest.mark.parametrize(("version", "name"), EVERY_UI)
def test_ui_messages_are_known(version: int, name: str) -> None:
    """Every UI part and tool state is read, data and custom parts too."""
    transcript = read_ui(version, name)
    assert unknown_labels(transcript) == set()
    assert {message.format for message in transcript.messages} == {"AI SDK UI message"}


@pytest.mark.parametrize(("version", "name"), EVERY_UI)
def test_ui_parts_are_counted_once(version: int, name: str) -> None:
    """What version 4 repeats beside its parts is not shown again."""
    messages = ui(version)[name]["messages"]
    assert transcript_of(messages).ledger.received == sum(len(message["parts"]) for message in messages)


@pytest.mark.parametrize("version", VERSIONS)
def test_both_sides_tell_the_same_calls(version: int) -> None:
    """A conversation has the same calls, arguments, results and failures as model and as UI messages."""
    for name in sorted({"one-call", "parallel-calls", "falsy-results", "many-steps"} & set(ui(version))):
        sides = [read_model(version, name), read_ui(version, name)]
        facts = [[(c.id, c.name, c.state, c.arguments, c.result) for c in t.tool_calls] for t in sides]
        assert facts[0] == facts[1], name


@pytest.mark.parametrize("version", VERSIONS)
def test_parallel_calls_keep_their_own_results(version: int) -> None:
    """Results find their calls by id, whatever their order."""
    results = {call.id: call.result for call in read_model(version, "parallel-calls").tool_calls}
    assert results["call-a"][0]["title"] == "Kontovogel"
    assert (results["call-b"], results["call-c"]) == ([], 0)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("side", [read_model, read_ui])
def test_falsy_results_are_results(version: int, side: Any) -> None:
    """0, false, the empty text, null and the empty list are values that came back."""
    if side is read_ui and "falsy-results" not in ui(version):
        side = read_model
    calls = {call.id: call for call in side(version, "falsy-results").tool_calls}
    assert [calls[f"call-{name}"].result for name in ("zero", "false", "empty", "null", "list")] == [
        0, False, "", None, [],
    ]  # fmt: skip
    assert all(call.has_result and call.state is ToolCallState.SUCCEEDED for call in calls.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_tool_may_return_what_looks_typed(version: int) -> None:
    """A tool's own ``{"type": "text", "text": …}`` is not mistaken for a typed output."""
    calls = {call.id: call for call in read_model(version, "falsy-results").tool_calls}
    assert calls["call-typed"].result == {"type": "text", "text": "a tool may really return this"}


@pytest.mark.parametrize("version", VERSIONS[1:])
@pytest.mark.parametrize("side", [read_model, read_ui])
def test_a_failed_tool_is_failed(version: int, side: Any) -> None:
    """From version 5 on a tool that threw is a failure with its words, not a result."""
    failed = [call for call in side(version, "failed-tool").tool_calls if call.id == "call-bad"]
    assert [call.state for call in failed] == [ToolCallState.FAILED]
    assert "timed out" in failed[0].error
    assert not failed[0].has_result


@pytest.mark.parametrize("version", VERSIONS)
def test_reasoning_is_folded(version: int) -> None:
    """Reasoning counts as folded, in its place."""
    transcript = read_model(version, "reasoning")
    parts = [part for message in transcript.messages for part in message.parts]
    assert sum(isinstance(part, ReasoningPart) for part in parts) == transcript.ledger.folded == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_files_are_named_and_measured(version: int) -> None:
    """A file has its name, media type and size; its bytes are no URL."""
    files = [said(p) for m in read_model(version, "files").messages for p in m.parts if said(p)[0] == "file"]
    assert ("file", "brief.pdf", "application/pdf", 15, None) in files
    assert ("file", None, "image/png", 70, None) in files


def test_redacted_reasoning_says_so() -> None:
    """Reasoning the provider hid is marked, not an empty text."""
    parts = [part for message in read_model(4, "redacted-reasoning").messages for part in message.parts]
    assert [part.redacted for part in parts if isinstance(part, ReasoningPart)] == [True, False]


@pytest.mark.parametrize("version", VERSIONS)
def test_ui_sources_are_links(version: int) -> None:
    """A source has its title and URL, in version 4 as a nested object."""
    sources = [said(part) for m in read_ui(version, "everything").messages for part in m.parts]
    assert ("source", "Kontovogel in the news", "https://news.example/kontovogel") in sources


@pytest.mark.parametrize("version", [6, 7])
@pytest.mark.parametrize("side", [read_model, read_ui])
def test_approvals_end_in_result_or_denial(version: int, side: Any) -> None:
    """An approved call has its result, a denied one its reason."""
    calls = {call.id: call for call in side(version, "approvals").tool_calls}
    approved, denied = calls["call-add"], calls["call-remove"]
    assert (approved.state, approved.result, approved.notes) == (
        ToolCallState.SUCCEEDED, {"added": 2}, ("approved",),
    )  # fmt: skip
    assert (denied.state, denied.notes) == (ToolCallState.DENIED, ("denied: Keep the old rows for now.",))


@pytest.mark.parametrize("version", [6, 7])
def test_approvals_on_their_way(version: int) -> None:
    """A call that waits for approval says so; an answer that was not acted on yet is told as well."""
    asked = read_ui(version, "approvals-asked").tool_calls
    assert {call.state for call in asked} == {ToolCallState.AWAITING_APPROVAL}
    answered = {call.id: call.state for call in read_ui(version, "approvals-answered").tool_calls}
    assert answered == {"call-add": ToolCallState.PENDING, "call-remove": ToolCallState.DENIED}


@pytest.mark.parametrize("version", [5, 6, 7])
def test_the_last_of_several_results_stands(version: int) -> None:
    """Preliminary results give way to the final one."""
    (call,) = read_model(version, "preliminary-results").tool_calls
    assert (call.state, call.result) == (ToolCallState.SUCCEEDED, {"done": 3, "of": 3})


@pytest.mark.parametrize("version", VERSIONS)
def test_a_call_cut_off_keeps_what_came(version: int) -> None:
    """Arguments that were still streaming are shown, with a word about it."""
    (call,) = read_ui(version, "cut-off").tool_calls
    assert call.state is ToolCallState.PENDING
    assert call.arguments["query"].startswith("fintech founders")
    assert call.notes == ("the arguments were still being written",)


@pytest.mark.parametrize("version", VERSIONS)
def test_provider_executed_calls_are_marked(version: int) -> None:
    """A tool the provider runs has call and result in one assistant message."""
    recording = model(version).get("provider-executed")
    if recording is None:
        assert version == 4, "only version 4 has no provider-executed tools"
        return
    calls = {call.id: call for call in read_model(version, "provider-executed").tool_calls}
    assert calls["srv-1"].provider_executed
    assert calls["srv-2"].state is ToolCallState.FAILED


@pytest.mark.parametrize("version", VERSIONS)
def test_history_of_a_conversation(version: int) -> None:
    """A system message is folded, and a failure of an earlier turn stays one."""
    transcript = read_model(version, "history")
    assert [message.role for message in transcript.messages][:2] == ["system", "user"]
    assert transcript.ledger.folded == 1
    assert transcript.tool_calls[0].state is ToolCallState.FAILED
    assert transcript.tool_calls[0].error == {"code": 503, "message": "lead database unavailable"}


def test_big_integers_are_untouched() -> None:
    """Arguments and results keep every digit and the order of their keys."""
    (call, *_) = read_model(5, "one-call").tool_calls
    part = next(p for m in read_model(5, "one-call").messages for p in m.parts if isinstance(p, ToolCallPart))
    assert part.call == call
    assert call.result_json is not None
    assert list(call.result_json.items()[0].members()) == ["name", "company", "domain", "employees", "score"]
