"""The recordings hold what they promise."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from puffle_jupyter import Run
from puffle_jupyter.demo import RUNS, STORIES
from puffle_jupyter.demo.runs import AGAIN, SCRIPTED_RUNS
from puffle_jupyter.demo.transcripts import PLACEHOLDER, load_transcript
from puffle_jupyter.transcript.model import ToolCallState
from tests.support.paths import RECORDINGS, ROOT

RECORDED = [name for run_id in STORIES if (name := SCRIPTED_RUNS[run_id].transcript)]
COMPLETING = [*RECORDED, *AGAIN]
SHAPES = sorted(RUNS.keys() - STORIES.keys())
VERSIONS = (4, 5, 6, 7)
TYPES_WITH_A_DOT = ("reasoning.text", "reasoning.encrypted")  # as OpenRouter names kinds of reasoning


def parts(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for message in messages:
        content = message.get("parts", message.get("content"))
        yield from content if isinstance(content, list) else [{"type": "text", "text": content}]


def recording(version: int, kind: str = "") -> dict[str, list[dict[str, Any]]]:
    """Messages by the recording's name."""
    text = (RECORDINGS / f"ai{version}{kind}.json").read_text(encoding="utf-8")
    return {entry["name"]: entry["messages"] for entry in json.loads(text)["recordings"]}


@pytest.mark.parametrize("name", COMPLETING)
def test_every_call_has_its_result(name: str) -> None:
    """In each transcript, calls and results pair by id, and toolCalls lists the same calls in order."""
    transcript = load_transcript(name)
    said = list(parts(transcript["messages"]))
    calls = [part for part in said if part["type"] == "tool-call"]
    results = {part["toolCallId"] for part in said if part["type"] == "tool-result"}
    assert {part["toolCallId"] for part in calls} == results
    assert transcript["toolCalls"] == [
        {"toolName": part["toolName"], "args": part.get("input", part.get("args"))} for part in calls
    ]


@pytest.mark.parametrize("name", COMPLETING)
def test_final_text_is_the_last_message(name: str) -> None:
    """`text` is what the last assistant message says."""
    transcript = load_transcript(name)
    assert transcript["messages"][-1]["role"] == "assistant"
    assert list(parts(transcript["messages"]))[-1]["text"] == transcript["text"]


@pytest.mark.parametrize("name", [*COMPLETING, *SHAPES, "started"])
def test_all_companies_are_invented(name: str) -> None:
    """No transcript names a domain that could exist: .example and example.com only (RFC 2606)."""
    said = json.dumps(load_transcript(name), ensure_ascii=False)
    hosts = re.findall(r"https?://([^/\s\"\\)|]+)", said) + re.findall(r"\"([a-z0-9-]+(?:\.[a-z]+)+)\"", said)
    hosts = [host for host in hosts if not host.endswith((".pdf", ".png"))]  # names of files
    hosts = [host for host in hosts if host not in TYPES_WITH_A_DOT]
    assert [host for host in hosts if not re.fullmatch(r"(.+\.)?example(\.com)?", host)] == []


def test_run_abc_shows_what_a_transcript_can_hold() -> None:
    """run_abc has parallel calls, one of them failed, rows, reasoning, and a rich Markdown answer."""
    transcript = load_transcript("run_abc")
    said = list(parts(transcript["messages"]))
    outputs = [part["output"] for part in said if part["type"] == "tool-result"]
    assert Counter(output["type"] for output in outputs) == {"json": 7, "error-text": 1}
    assert "timed out" in next(output["value"] for output in outputs if output["type"] == "error-text")
    tables = [output["value"] for output in outputs if isinstance(output["value"], list)]
    assert any(all(isinstance(cell, str | int) for row in table for cell in row.values()) for table in tables)
    assert {"search_leads", "web_search", "evaluate_profiles", "add_rows"} <= {
        call["toolName"] for call in transcript["toolCalls"]
    }
    assert any(part["type"] == "reasoning" for part in said)
    for mark in ("\n|:--|", "**5 that fit**", "](https://", "\n- ", "\n1. ", "```json\n", "\n> "):
        assert mark in transcript["text"]


def test_run_long_has_hundreds_of_messages() -> None:
    """run_long has 240 messages, and some of its calls failed."""
    transcript = load_transcript("run_long")
    assert len(transcript["messages"]) == 240
    outputs = [part["output"]["type"] for part in parts(transcript["messages"]) if "output" in part]
    assert outputs.count("error-text") == 4


def test_every_role_is_seen() -> None:
    """run_paris has a system message too, so the demo shows every role."""
    roles = {message["role"] for message in load_transcript("run_paris")["messages"]}
    assert roles == {"system", "user", "assistant", "tool"}


def test_demo_speaks_every_version() -> None:
    """The demo's transcripts were recorded with each of the SDK's versions 4 to 7."""
    folder = ROOT / "puffle_jupyter" / "demo" / "transcripts"
    contents = {file.stem: json.loads(file.read_text("utf-8")) for file in folder.iterdir()}
    versions = {contents[name]["recordedWith"][:4] for name in (*RECORDED, "started")}
    assert versions == {"ai@4", "ai@5", "ai@6", "ai@7"}
    for name in SHAPES:
        said = contents[name].get("recordedWith", "")
        assert re.fullmatch(r"run_shape_(ai_sdk|ui)_\d", name) is not None or not said
        assert not said or said.startswith(f"ai@{name[-1]}.")


def shape_run(name: str) -> Run:
    return Run.from_dict({"runId": name, "status": "completed", **load_transcript(name)})


READ_AS = {
    "run_shape_ai_sdk_4": {"AI SDK model message"},
    "run_shape_ai_sdk_5": {"AI SDK model message"},
    "run_shape_ai_sdk_6": {"AI SDK model message"},
    "run_shape_ai_sdk_7": {"AI SDK model message"},
    "run_shape_ui_4": {"AI SDK UI message"},
    "run_shape_ui_5": {"AI SDK UI message"},
    "run_shape_ui_7": {"AI SDK UI message"},
    "run_shape_openai_chat": {"OpenAI chat message"},
    "run_shape_openai_responses": {"OpenAI Responses item"},
    "run_shape_openai_tools": {"OpenAI Responses item"},
    "run_shape_anthropic": {"Anthropic message"},
    "run_shape_mcp": {"AI SDK UI message"},
    "run_shape_tanstack": {"AI SDK UI message"},
    "run_shape_otel": {"AI SDK UI message"},
    "run_shape_tool_messages": {"Puffle list row", "OpenAI chat message"},
    "run_shape_beside": {"AI SDK model message"},
    "run_shape_puffle_rows": {"Puffle list row"},
    "run_shape_mixture": {
        "AI SDK model message",
        "AI SDK UI message",
        "OpenAI chat message",
        "Anthropic message",
        "Puffle list row",
    },
    "run_shape_unknown": {"AI SDK model message", "unknown"},
    "run_shape_hostile": {"AI SDK model message"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_is_read_as_itself(name: str) -> None:
    """Each of the runs that show a shape is read as that shape, its last words being the run's text."""
    run = shape_run(name)
    assert {message.format for message in run.transcript.messages} == READ_AS[name]
    assert run.text
    assert json.dumps(run.text)[1:-1] in json.dumps(run.messages[-1])


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("run_shape_mcp", "crm_notes"),
        ("run_shape_tanstack", "web_search"),
        ("run_shape_tool_messages", "read_page, get_sheet_status"),
        ("run_shape_openai_tools", "apply_patch"),
    ],
)
def test_each_way_to_say_failed_is_seen(name: str, failed: str) -> None:
    """The runs of formats that have a way of their own to say that a call failed show it."""
    calls = shape_run(name).calls
    assert ", ".join(call.name for call in calls if call.state is ToolCallState.FAILED) == failed
    assert shape_run(name).transcript.ledger.unknown == 0


def test_ui_runs_show_every_tool_state() -> None:
    """Together the runs of UI messages have a tool part in each state that version 5 or later knows."""
    found = {
        part["state"]
        for name in ("run_shape_ui_5", "run_shape_ui_7")
        for part in parts(load_transcript(name)["messages"])
        if part["type"].startswith("tool-")
    }
    assert found == {
        "input-streaming",
        "input-available",
        "output-available",
        "output-error",
        "approval-requested",
        "approval-responded",
        "output-denied",
    }


def test_message_takes_the_placeholders_place() -> None:
    """A started run's transcript says what it was started with, and the recording stays as it was."""
    assert load_transcript("started", "Hello")["messages"][0]["content"] == "Hello"
    assert load_transcript("started")["messages"][0]["content"] == PLACEHOLDER


@pytest.mark.parametrize("version", VERSIONS)
def test_model_recordings_hold_every_part(version: int) -> None:
    """The recorded model messages hold each part type and output type their version knows."""
    found = {
        part["type"] + ("/" + part["output"]["type"] if isinstance(part.get("output"), dict) else "")
        for messages in recording(version).values()
        for part in parts(messages)
    }
    wanted = {"text", "reasoning", "image", "file", "tool-call"}
    if version == 4:
        wanted |= {"redacted-reasoning", "tool-result"}
    else:
        outputs = ("text", "json", "error-text", "error-json", "content")
        wanted |= {f"tool-result/{output}" for output in outputs}
    if version >= 6:
        wanted |= {"tool-approval-request", "tool-approval-response", "tool-result/execution-denied"}
    if version >= 7:
        wanted |= {"custom", "reasoning-file"}
    assert found == wanted


@pytest.mark.parametrize("version", VERSIONS)
def test_chat_recordings_hold_every_part(version: int) -> None:
    """The recorded UI messages hold each part type and tool state their version knows."""
    found = set()
    for part in (part for messages in recording(version, "-ui").values() for part in parts(messages)):
        call = part.get("toolInvocation", part)
        found.add(f"tool/{call['state']}" if "toolCallId" in call else part["type"])
    wanted = {"text", "reasoning", "step-start", "file"}
    if version == 4:
        wanted |= {"source", "tool/partial-call", "tool/call", "tool/result"}
    else:
        wanted |= {"source-url", "source-document", "data-progress"}
        wanted |= {"tool/input-streaming", "tool/input-available", "tool/output-available"}
        wanted |= {"tool/output-error"}
    if version >= 6:
        wanted |= {"tool/approval-requested", "tool/approval-responded", "tool/output-denied"}
    if version >= 7:
        wanted |= {"custom", "reasoning-file"}
    assert found == wanted


def chunks(stream: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in stream.split("\n\n") if line]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("version", VERSIONS[1:])
@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (
            "stream",
            {"start", "reasoning-delta", "tool-output-error", "data-notice", "source-url", "file", "finish"},
        ),
        ("preliminary", {"tool-output-available"}),
        ("error", {"error"}),
        ("abort", {"abort"}),
        ("approval", {"tool-approval-request"}),
        ("approval-2", {"tool-output-denied", "tool-output-available"}),
    ],
)
def test_stream_recordings_hold_their_chunks(version: int, kind: str, wanted: set[str]) -> None:
    """Each recorded stream is whole and holds the chunks it was recorded for."""
    file = RECORDINGS / f"ai{version}-{kind}.sse"
    if kind.startswith("approval") and version == 5:
        assert not file.exists()
        return
    assert wanted <= {chunk["type"] for chunk in chunks(file.read_text(encoding="utf-8"))}


def test_no_recording_names_a_machine() -> None:
    """No recording holds a path or an address of the machine it was made on."""
    for file in RECORDINGS.glob("ai*.*"):
        assert not re.search(
            r"/home/|/work/|/tmp/|node_modules|localhost", file.read_text(encoding="utf-8")
        ), file
