"""Recorded transcripts and broken JSON from elsewhere, read from the folder PUFFLE_CORPORA names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter.json_value import InvalidJson, JsonValue
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import ToolCallState, Transcript
from puffle_jupyter.transcript.read import read
from tests.support.transcripts import outline, transcript_of

CORPORA = os.environ.get("PUFFLE_CORPORA")
pytestmark = pytest.mark.skipif(not CORPORA, reason="PUFFLE_CORPORA is not set")
FOLDER = Path(CORPORA or ".")
Messages = list[dict[str, Any]]


def tau_bench() -> list[Messages]:
    path = FOLDER / "transcripts" / "tau-bench-airline.json"
    return list(json.loads(path.read_text(encoding="utf-8"))) if CORPORA else []


def json_bodies() -> list[Path]:
    return sorted((FOLDER / "json" / "test_parsing").glob("*.json")) if CORPORA else []


def as_ai_sdk(messages: Messages, version: int) -> Messages:
    """OpenAI chat messages mechanically rewritten as the AI SDK's model messages of ``version`` 4 or 5."""
    names = {c["id"]: c["function"]["name"] for m in messages for c in m.get("tool_calls") or []}
    return [_rewritten(message, names, version) for message in messages]


def _rewritten(message: dict[str, Any], names: dict[str, str], version: int) -> dict[str, Any]:
    if message["role"] == "tool":
        id = message["tool_call_id"]
        part = {"type": "tool-result", "toolCallId": id, "toolName": names[id]}
        output = {"type": "text", "value": message["content"]}
        return {
            "role": "tool",
            "content": [{**part, **({"result": message["content"]} if version == 4 else {"output": output})}],
        }
    if not message.get("tool_calls"):
        return {"role": message["role"], "content": message["content"]}
    texts = [{"type": "text", "text": message["content"]}] if message["content"] else []
    calls = [
        {
            "type": "tool-call",
            "toolCallId": call["id"],
            "toolName": call["function"]["name"],
            "args" if version == 4 else "input": json.loads(call["function"]["arguments"]),
        }
        for call in message["tool_calls"]
    ]
    return {"role": message["role"], "content": [*texts, *calls]}


def facts(transcript: Transcript) -> Any:
    calls = [(c.id, c.name, c.state, c.arguments, c.has_result, c.result) for c in transcript.tool_calls]
    return outline(transcript), calls, transcript.ledger


@pytest.mark.parametrize("index", range(len(tau_bench())))
def test_three_shapes_one_transcript(index: int) -> None:
    """A tau-bench run reads the same as OpenAI chat and as the AI SDK's versions 4 and 5."""
    messages = tau_bench()[index]
    as_it_is = transcript_of(messages)
    assert facts(transcript_of(as_ai_sdk(messages, 4))) == facts(as_it_is)
    assert facts(transcript_of(as_ai_sdk(messages, 5))) == facts(as_it_is)


@pytest.mark.parametrize("index", range(len(tau_bench())))
def test_tau_bench_runs_are_whole(index: int) -> None:
    """Every text, call and result of a tau-bench run is there, and none is of unknown shape."""
    messages = tau_bench()[index]
    transcript = transcript_of(messages)
    texts = [m["content"] for m in messages if m["role"] != "tool" and m["content"]]
    read_texts = [part[1] for _, parts in outline(transcript) for part in parts if part[0] == "text"]
    results = [m["tool_call_id"] for m in messages if m["role"] == "tool"]
    assert read_texts == texts
    assert transcript.ledger.unknown == 0
    assert transcript.ledger.received == len(texts) + len(transcript.tool_calls) + len(results)
    answered = [call for call in transcript.tool_calls if call.state is ToolCallState.SUCCEEDED]
    assert [call.id for call in answered] == results


@pytest.mark.parametrize("path", json_bodies(), ids=lambda path: path.stem)
def test_broken_json_is_invalid_json(path: Path) -> None:
    """A body of JSONTestSuite as an answer, or inside one: read, or refused as InvalidJson, nothing else."""
    body = path.read_bytes()
    wrapped = b'{"runId":"run_a","status":"completed","messages":[{"role":"user","content":' + body + b"}]}"
    for answer in (body, wrapped):
        try:
            transcript = read(Run.from_json(answer).body)
        except InvalidJson:
            continue
        assert transcript.ledger.received >= 0


@pytest.mark.parametrize("path", [p for p in json_bodies() if p.stem.startswith("y_")], ids=lambda p: p.stem)
def test_valid_json_is_read(path: Path) -> None:
    """Every body the suite calls valid can be a message, and is in its raw view."""
    value = JsonValue.parse(path.read_bytes())
    body = b'{"runId":"run_a","status":"completed","messages":[' + value.encoded + b"]}"
    (message,) = read(Run.from_json(body).body).messages
    assert message.raw.python() == value.python()
