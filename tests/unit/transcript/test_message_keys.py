"""No key of a message is lost: what no reader knows is a labelled part, and counted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.run import Run
from puffle_jupyter.transcript import formats
from puffle_jupyter.transcript.formats.keys import ENVELOPE
from puffle_jupyter.transcript.model import DataPart, ReasoningPart, SourcePart, UnknownPart
from tests.support.transcripts import ai_sdk_call, call_of, called, message_of, transcript_of
from tests.unit.transcript.test_transcript_properties import WIRE, leaf_strings, parts_of

MESSAGES: dict[str, dict[str, Any]] = {
    "Puffle list row": {"role": "assistant", "content": "hi", "toolCalls": None, "toolResult": None},
    "AI SDK UI message": {"id": "m", "role": "assistant", "parts": [{"type": "text", "text": "hi"}]},
    "OpenAI Responses item": {"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
    "Anthropic message": {"role": "assistant", "content": [{"type": "thinking", "thinking": "hi"}]},
    "AI SDK model message": called(ai_sdk_call()),
    "OpenAI chat message": {"role": "assistant", "content": "hi", "refusal": None},
}
FACTS = {*ENVELOPE, "tool_call_id", "toolCallId", "function", "source", "phase", "stop_details"} | {
    *("container", "context_management")
}
"""Keys that say something about a message: a page has them in its raw JSON."""
READ = sorted({key for row in formats.FORMATS for key in row.keys} | {"images", "citations", "error"})


def test_every_format_is_tried() -> None:
    """A new format needs a message here."""
    assert {row.name for row in formats.FORMATS} == MESSAGES.keys()
    assert {name: message_of(message).format for name, message in MESSAGES.items()} == {
        name: name for name in MESSAGES
    }


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("value", ["words", 0, False, {"type": "text", "text": "not said"}, [None]])
def test_a_key_nobody_knows_is_a_labelled_part(name: str, value: Any) -> None:
    """In every format, with any value, in every view; and it counts as unknown."""
    message = {**MESSAGES[name], "moodRing": value}
    transcript = transcript_of([message])
    (read,) = transcript.messages
    assert read.format == name
    assert read.parts[-1] == UnknownPart("moodRing", read.parts[-1].raw)
    assert read.parts[-1].raw.python() == value
    assert transcript.ledger.unknown == 1
    run = Run.from_dict({"runId": "run_a", "status": "completed", "messages": [message]})
    for view in (run.to_html().rpartition("Raw JSON")[0], run.to_text(), run.to_markdown()):
        assert "moodRing" in view
        assert "1 unknown" in view


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_says_facts_about_itself_without_noise(name: str) -> None:
    """Ids, times and empty values are no parts."""
    facts = {
        "id": "m",
        "createdAt": "2026-01-15T09:30:00Z",
        "metadata": {"a": 1},
        "usage": {"input_tokens": 1},
    }
    nothing: dict[str, Any] = {"moodRing": None, "colour": "", "list": [], "object": {}}
    plain, more = message_of(MESSAGES[name]), message_of({**MESSAGES[name], **facts, **nothing})
    assert [type(part) for part in more.parts] == [type(part) for part in plain.parts]


@pytest.mark.parametrize("key", ["id", "createdAt", "metadata", "usage", "model", "reasoning", "refusal"])
def test_a_known_key_with_a_strange_value_is_a_labelled_part(key: str) -> None:
    """A reader takes some kinds of values; any other one is unknown."""
    message = message_of({"role": "assistant", "content": "hi", "tool_calls": [], key: [{"secret": "words"}]})
    assert [part.label for part in message.parts if isinstance(part, UnknownPart)] == [key]


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(sorted(MESSAGES)),
    beside=st.dictionaries(st.one_of(st.sampled_from(READ), st.text(max_size=5)), WIRE, max_size=4),
)
def test_no_key_of_a_message_is_lost(name: str, beside: dict[str, Any]) -> None:
    """Whatever stands beside a content: every string of it is in a part, and the count balances."""
    message = {**beside, **{key: value for key, value in MESSAGES[name].items() if value is not None}}
    transcript = transcript_of([message])
    (read,) = transcript.messages
    assert transcript.ledger.received == len(read.parts)
    sent = {key: value for key, value in message.items() if key not in FACTS}
    said = "\n".join(parts_of(read))
    assert [text for text in leaf_strings(sent) if text not in said] == []


def test_two_different_reasonings_are_both_shown() -> None:
    """Servers send the same words under two keys, or two texts."""
    message = {"role": "assistant", "content": "x", "reasoning": "First.", "reasoning_content": "Second."}
    texts = [part.text for part in message_of(message).parts if isinstance(part, ReasoningPart)]
    assert texts == ["First.", "Second."]
    same = message_of({**message, "reasoning": "Second."})
    assert sum(isinstance(part, ReasoningPart) for part in same.parts) == 1


def test_an_annotation_that_cites_nothing_is_a_labelled_part() -> None:
    """One that cites is a source."""
    cited = {"type": "url_citation", "url_citation": {"title": "A", "url": "https://a.example"}}
    message = {
        "role": "assistant",
        "content": "x",
        "annotations": [cited, {"type": "file_path", "file_id": "f"}],
    }
    kinds = [type(part) for part in message_of({**message, "refusal": None}).parts[1:]]
    assert kinds == [SourcePart, UnknownPart]


def test_what_the_application_puts_beside_a_ui_message_is_shown() -> None:
    """`annotations` and `data` of version 4, whatever the role."""
    message = {
        "role": "user",
        "content": "x",
        "createdAt": "2026-01-15",
        "annotations": [{"a": 1}],
        "data": "b",
    }
    parts = message_of(message).parts
    assert [part.label for part in parts if isinstance(part, DataPart)] == ["annotations", "data"]


def test_other_servers_names_of_a_calls_id_are_read() -> None:
    """AG-UI writes `toolCallId`; inspect_ai names the tool in `function`."""
    call = {"id": "z", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    asks = {"role": "assistant", "content": None, "tool_calls": [call]}
    for answer in ({"toolCallId": "z"}, {"tool_call_id": "z", "function": "look", "source": "generate"}):
        messages = [asks, {"role": "tool", "content": "found", **answer}]
        assert call_of(messages).result == "found"
        assert transcript_of(messages).ledger.unknown == 0
