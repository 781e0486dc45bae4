"""Times and tokens stand beside a message where the wire has them, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import Usage
from tests.support.transcripts import message_of

NOON = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
NOON_MILLISECONDS = int(NOON.timestamp() * 1000)


def ui(**fields: Any) -> dict[str, Any]:
    return {"id": "m", "role": "assistant", "parts": [{"type": "text", "text": "hi"}], **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"createdAt": "2026-01-15T12:00:00.000Z"},
        {"createdAt": "2026-01-15T13:00:00+01:00"},
        {"metadata": {"createdAt": NOON_MILLISECONDS}},
        {"metadata": {"createdAt": "2026-01-15T12:00:00Z"}},
    ],
)
def test_a_time_is_read_where_it_is_documented(fields: dict[str, Any]) -> None:
    """As text or in JavaScript's milliseconds, at the message or in its metadata; shown in UTC."""
    message = message_of(ui(**fields))
    assert message.created_at == NOON
    assert message.facts == "2026-01-15 12:00:00 UTC"


@pytest.mark.parametrize(
    "value",
    [
        *("2026-01-15T12:00:00", "yesterday", "", "9" * 100, "0001-01-01T00:00:00+23:59"),
        *(5, 1768478400, 10**30, -1, 1.5, True, {"a": 1}),
    ],
)
def test_a_doubtful_time_is_none(value: Any) -> None:
    """Without a zone, in seconds or out of range it may be anything; it is still in the raw JSON."""
    assert message_of(ui(createdAt=value)).created_at is None


@pytest.mark.parametrize(
    ("fields", "usage", "words"),
    [
        ({"usage": {"input_tokens": 1200, "output_tokens": 56}}, Usage(1200, 56), "1,200 tokens in, 56 out"),
        (
            {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 9}}},
            *(Usage(3, 4, 9), "3 tokens in, 4 out"),
        ),
        ({"metadata": {"totalTokens": 30}}, Usage(None, None, 30), "30 tokens"),
        ({"usage": {"promptTokens": 3, "completionTokens": None}}, Usage(3), "3 tokens in"),
        ({"usage": {"output_tokens": 0}}, Usage(None, 0), "0 tokens out"),
    ],
)
def test_tokens_are_read_by_their_documented_names(fields: dict[str, Any], usage: Usage, words: str) -> None:
    """Those of the AI SDK, OpenAI and Anthropic."""
    message = message_of(ui(**fields))
    assert (message.usage, message.facts) == (usage, words)


@pytest.mark.parametrize(
    "fields",
    [{"usage": {"input_tokens": -1}}, {"usage": {"input_tokens": 1.5}}, {"metadata": {"tokens": 30}}],
)
def test_other_numbers_are_no_tokens(fields: dict[str, Any]) -> None:
    """What nobody documents is not read."""
    assert message_of(ui(**fields)).usage is None


def run_of(*messages: dict[str, Any]) -> Run:
    return Run.from_dict({"runId": "run_a", "status": "completed", "messages": list(messages)})


def test_every_view_says_it_beside_the_role() -> None:
    """Also where the same role goes on, and the search finds it."""
    first = ui(createdAt="2026-01-15T12:00:00Z", metadata={"totalTokens": 30})
    run = run_of(first, {**first, "createdAt": "2026-01-15T12:00:07Z"}, {**first, "role": "system"})
    for view in (run.to_html().rpartition("Raw JSON")[0], run.to_text(), run.to_markdown()):
        assert view.count("2026-01-15 12:00:00 UTC · 30 tokens") == 2
        assert view.count("2026-01-15 12:00:07 UTC · 30 tokens") == 1
    assert "assistant · 2026-01-15 12:00:00 UTC · 30 tokens:" in run.to_text()
    assert len(run.grep("12:00:07 UTC")) == 1


def test_messages_shown_as_one_have_their_tokens_together() -> None:
    """An agent's steps are one turn of the page: the time is that of the first."""

    def step(name: str, usage: dict[str, int]) -> dict[str, Any]:
        call = {"type": "tool_use", "id": name, "name": name, "input": {}}
        return {"role": "assistant", "content": [call], "usage": usage}

    run = run_of(step("a", {"input_tokens": 5, "output_tokens": 1}), step("b", {"input_tokens": 7}))
    assert "12 tokens in, 1 out" in run.to_html()
    assert "5 tokens in, 1 out" in run.to_text()
    assert "7 tokens in" in run.to_text()


def test_they_are_columns_of_the_frame() -> None:
    """With types that have a word for what is missing; a call has the time of its message, and no tokens."""
    pandas = pytest.importorskip("pandas")
    part = {"type": "tool-search", "toolCallId": "c", "state": "output-available", "input": {}, "output": 1}
    timed = ui(createdAt="2026-01-15T12:00:00Z", metadata={"totalTokens": 30}) | {"parts": [part]}
    frame = run_of({"role": "user", "content": "go"}, timed).to_frame()
    assert frame["kind"].tolist() == ["message", "message", "tool call"]
    assert str(frame["created_at"].dtype) == "datetime64[us, UTC]"
    assert frame["created_at"].isna().tolist() == [True, False, False]
    assert frame["created_at"][2] == pandas.Timestamp(NOON)
    assert str(frame["total_tokens"].dtype) == "Int64"
    assert frame["total_tokens"].sum() == 30
    assert frame["input_tokens"].isna().all()
