"""Whatever JSON a run holds: reading never raises, counts every part, and loses no text."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.ledger import count
from puffle_jupyter.transcript.model import Message, ToolCall, ToolCallPart, ToolResultPart, Transcript
from puffle_jupyter.transcript.read import unmentioned_calls
from tests.support.transcripts import transcript_of

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)


def words(text: str) -> list[str]:
    return text.split()


TYPES = st.sampled_from(
    words(
        "text reasoning image file source tool-call tool-result tool-error tool-approval-request custom "
        "tool-approval-response tool-invocation tool-search dynamic-tool step-start source-url data-x "
        "source-document redacted-reasoning tool_use tool_result thinking image_url input_text "
        "web_search_tool_result output_text function function_call function_call_output message refusal "
        "web_search_call mcp_call json shell_call shell_call_output tool_search_output "
        "apply_patch_call_output mcp_list_tools compaction"
    )
)
IDS = st.sampled_from(["a", "b", ""])
NAMES = st.sampled_from(["search", "add", ""])
STATES = st.sampled_from(
    words(
        "input-streaming input-available output-available output-error output-denied approval-requested "
        "approval-responded call result partial-call strange"
    )
)
ROLES = st.sampled_from(words("user assistant system tool developer function data model"))
WORDS = {
    "type": TYPES, "role": ROLES, "state": STATES, "id": IDS, "toolCallId": IDS, "tool_call_id": IDS,
    "tool_use_id": IDS, "call_id": IDS, "approvalId": IDS, "toolName": NAMES, "name": NAMES,
    "approved": st.booleans(), "isError": st.booleans(), "preliminary": st.booleans(),
}  # fmt: skip
KEYS = words(
    "text content parts input args arguments output result value error errorText data url title toolResult "
    "toolInvocations toolInvocation toolCalls tool_calls function_call function reasoning details source "
    "image approval messages createdAt refusal annotations summary experimental_attachments"
)


def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects of some of the keys that readers look for, each with a fitting value or any value."""

    def with_keys(keys: set[str]) -> st.SearchStrategy[dict[str, Any]]:
        fields = {key: st.one_of(WORDS[key], values) if key in WORDS else values for key in sorted(keys)}
        return st.fixed_dictionaries(fields)

    return st.sets(st.sampled_from([*WORDS, *KEYS]), max_size=7).flatmap(with_keys)


WIRE = st.recursive(
    SCALARS,
    lambda values: st.one_of(
        st.lists(values, max_size=4),
        st.dictionaries(st.text(max_size=5), values, max_size=3),
        objects(values),
        values.map(json.dumps),
    ),
    max_leaves=25,
)


def leaf_strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in leaf_strings(item)]
    return [text for item in value for text in leaf_strings(item)] if isinstance(value, list) else []


def kept(value: JsonValue) -> list[str]:
    """Every leaf string of a raw value."""
    return leaf_strings(value.python())


def raw_of(transcript: Transcript) -> list[str]:
    """What the raw views of a transcript hold: each message's, and each call's."""
    messages = [text for message in transcript.messages for text in kept(message.raw)]
    return messages + [text for call in transcript.tool_calls for raw in call.raw for text in kept(raw)]


def parts_of(message: Message) -> list[str]:
    """What the parts of a message hold without its own raw view: each part's raw, and its call's."""
    calls = [part.call for part in message.parts if isinstance(part, ToolCallPart | ToolResultPart)]
    raws = [part.raw for part in message.parts] + [raw for call in calls for raw in call.raw]
    return [text for raw in raws for text in kept(raw)]


@settings(max_examples=400, deadline=None)
@given(messages=WIRE, tool_calls=WIRE)
def test_any_json_is_read(messages: Any, tool_calls: Any) -> None:
    """Any JSON as ``messages`` and ``toolCalls``: no exception, the ledger balances, no string is lost."""
    transcript = transcript_of(messages, tool_calls)
    _balances(transcript)
    sent = leaf_strings(messages) + leaf_strings(tool_calls)
    assert set(sent) <= set(raw_of(transcript))


@settings(max_examples=400, deadline=None)
@given(messages=st.lists(objects(WIRE), max_size=4), tool_calls=st.lists(objects(WIRE), max_size=3))
def test_anything_like_a_message_is_read(messages: list[Any], tool_calls: list[Any]) -> None:
    """Objects with the keys readers look for, in every combination: the same holds."""
    transcript = transcript_of(messages, tool_calls)
    _balances(transcript)
    assert set(leaf_strings(messages) + leaf_strings(tool_calls)) <= set(raw_of(transcript))


def _balances(transcript: Transcript) -> None:
    ledger = transcript.ledger
    loose = unmentioned_calls(transcript.messages, transcript.tool_calls)
    parts = sum(len(message.parts) for message in transcript.messages)
    assert ledger.received == parts + len(loose)
    assert ledger == count(transcript.messages, loose)
    _calls_are_once(transcript)


def _calls_are_once(transcript: Transcript) -> None:
    """Every call of a part is listed, and stands as a call in one place at most."""
    listed = {id(call) for call in transcript.tool_calls}
    assert len(listed) == len(transcript.tool_calls)
    places: list[ToolCall] = []
    for message in transcript.messages:
        for part in message.parts:
            if isinstance(part, ToolCallPart | ToolResultPart):
                assert id(part.call) in listed
            if isinstance(part, ToolCallPart):
                places.append(part.call)
    assert len({id(call) for call in places}) == len(places)


PART = objects(WIRE)


@settings(max_examples=300, deadline=None)
@given(
    role=ROLES.filter(lambda role: role not in ("tool", "function", "data")),
    content=st.lists(PART, max_size=5),
)
def test_a_list_of_parts_loses_none(role: str, content: list[Any]) -> None:
    """Each item of a message's content is one part (citations aside), and its strings are in that part."""
    transcript = transcript_of([{"role": role, "content": content}])
    raws = [part.raw for message in transcript.messages for part in message.parts]
    assert raws[: len(content)] == [JsonValue.of(item) for item in content]
    assert transcript.ledger.received == len(raws)
    for message in transcript.messages:
        assert set(leaf_strings(content)) <= set(parts_of(message))


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(PART, max_size=5))
def test_ui_parts_lose_none(parts: list[Any]) -> None:
    """The same for the parts of a UI message: as many as were sent, each with all its strings."""
    message = {"role": "assistant", "parts": [{"type": "step-start"}, *parts]}
    transcript = transcript_of([message])
    assert transcript.ledger.received == len(parts) + 1
    assert set(leaf_strings(parts)) <= set(parts_of(transcript.messages[0]))


@settings(max_examples=150, deadline=None)
@given(
    calls=st.lists(
        st.tuples(NAMES.filter(bool), st.sampled_from([{}, {"q": 1}, {"q": 2}])), min_size=1, max_size=6
    ),
    with_ids=st.booleans(),
    listed_with_ids=st.booleans(),
    data=st.data(),
)
def test_listing_calls_again_changes_nothing(
    calls: list[tuple[str, Any]], with_ids: bool, listed_with_ids: bool, data: Any
) -> None:
    """A list that repeats the calls of the messages, in any order, with ids or without, adds no call."""
    parts = [{"type": "tool-call", "toolName": name, "input": args} for name, args in calls]
    if with_ids:
        parts = [{**part, "toolCallId": f"c{n}"} for n, part in enumerate(parts)]
    listed = [{"toolName": name, "args": args} for name, args in calls]
    if with_ids and listed_with_ids:
        listed = [{**item, "toolCallId": f"c{n}"} for n, item in enumerate(listed)]
    messages = [{"role": "assistant", "content": parts}]
    merged = transcript_of(messages, data.draw(st.permutations(listed)))
    assert len(merged.tool_calls) == len(calls)
    assert all(len(call.raw) == 2 for call in merged.tool_calls)
