"""The message that a UI message stream builds: the SDK's own, whatever is cut, mixed up or unknown."""

from __future__ import annotations

import copy
import json
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript import stream
from puffle_jupyter.transcript.model import ToolCallState, UnknownPart
from puffle_jupyter.transcript.read import read, read_afresh
from puffle_jupyter.transcript.stream import StreamedMessage, StreamEnd
from puffle_jupyter.transcript.stream_chunk import plain_delta
from tests.support.paths import RECORDINGS
from tests.support.streams import built, built_from, lost, mutated, recorded_streams
from tests.support.transcripts import transcript_of

STREAMS = recorded_streams()
MUTATIONS = 1_500
CALL = {"toolCallId": "c1", "toolName": "search_leads"}
INPUT = {"type": "tool-input-available", **CALL, "input": {"query": "x"}}


def parts_of(*chunks: Any, base: Any = None) -> list[Any]:
    """The parts of the message that these chunks build."""
    parts: list[Any] = built_from(*chunks, base=base)["parts"]
    return parts


def comparable(message: Any, sdk: Any) -> Any:
    """``message`` but for the two things where we keep what was sent, and the SDK does not.

    Arguments that were cut off stay the text they are; the SDK repairs them. The reason of a failed call
    stays when a second chunk tells of the failure without one.
    """
    message = copy.deepcopy(message)
    for ours, theirs in zip(message["parts"], sdk["parts"], strict=True):
        if ours.get("state") == "input-streaming" and "rawInput" in ours:
            del ours["rawInput"]
            ours["input"] = theirs["input"]
        if ours.get("state") == "output-error" and "errorText" not in theirs:
            ours.pop("errorText", None)
    return message


@pytest.mark.parametrize("name", STREAMS)
def test_the_message_of_every_recorded_stream_is_the_sdks(name: str) -> None:
    """A stream's message equals what `readUIMessageStream` built, in the order of its fields too."""
    stream = STREAMS[name]
    ours = built(stream.data, stream.base).json().python()
    assert json.dumps(comparable(ours, stream.message)) == json.dumps(stream.message)


@pytest.mark.parametrize("name", STREAMS)
def test_the_transcript_of_every_recorded_stream_is_that_of_the_poll(name: str) -> None:
    """The reader sees the same parts and calls in a stream's message as in the stored one."""
    stream = STREAMS[name]
    ours = comparable(built(stream.data, stream.base).json().python(), stream.message)
    assert transcript_of([ours]) == transcript_of([stream.message])


def test_every_recorded_file_is_among_the_streams() -> None:
    """No recording in the folder is left out of the comparison."""
    texts = {stream.text for stream in STREAMS.values()}
    assert all(file.read_text(encoding="utf-8") in texts for file in RECORDINGS.glob("*.sse"))


def test_the_end_of_a_stream_is_known() -> None:
    """`finish`, `abort` and `error` are told apart, and a stream that says none of them is open."""
    ends = {name: built(stream.data, stream.base).end for name, stream in STREAMS.items()}
    assert ends["ai7 plain-text"] is StreamEnd.FINISHED
    assert ends["ai7 abort"] is StreamEnd.ABORTED
    assert ends["ai7 model-error"] is StreamEnd.FAILED
    assert built(STREAMS["ai7 plain-text"].data[:-1]).end is StreamEnd.OPEN


def test_an_error_keeps_its_words() -> None:
    """What the server says of an error, or as the reason of an abort, is kept beside the message."""
    failed = built(STREAMS["ai6 model-error"].data)
    assert failed.errors == ["overloaded, try again later"]
    aborted = built(['{"type":"abort","reason":"user left"}', '{"type":"finish"}'])
    assert (aborted.abort_reason, aborted.end) == ("user left", StreamEnd.ABORTED)


def test_pieces_of_an_emoji_are_joined() -> None:
    """A character that JavaScript cut in two is whole in the message, also after a look at its half."""
    message = StreamedMessage()
    for delta in ('"a\\ud83e', '"\\udd91b'):
        message.add(f'{{"type":"text-delta","id":"0","delta":{delta}"}}')
        message.json()
    assert message.json().python()["parts"][0]["text"] == "a\N{SQUID}b"
    message.add('{"type":"text-delta","id":"0","delta":"\\ud83e"}')
    assert message.json().python()["parts"][0]["text"] == "a\N{SQUID}b\N{REPLACEMENT CHARACTER}"


def test_arguments_being_written_are_their_text() -> None:
    """Arguments that are no whole JSON yet are shown as they came, of a call that waits."""
    parts = parts_of(
        {"type": "tool-input-start", **CALL},
        {"type": "tool-input-delta", "toolCallId": "c1", "inputTextDelta": '{"query": "fin'},
        {"type": "tool-input-delta", "toolCallId": "c1", "inputTextDelta": "tech"},
    )
    assert parts[0]["rawInput"] == '{"query": "fintech'
    (call,) = transcript_of([{"role": "assistant", "parts": parts}]).tool_calls
    assert call.state is ToolCallState.PENDING
    assert "the arguments were still being written" in call.notes


def test_the_last_preliminary_result_counts() -> None:
    """A preliminary result makes room for the next, and the last one is final."""
    output = {"type": "tool-output-available", "toolCallId": "c1"}
    (part,) = parts_of(
        INPUT,
        {**output, "output": 1, "preliminary": True},
        {**output, "output": 2, "preliminary": True},
        {**output, "output": 3},
    )
    assert part["output"] == 3
    assert "preliminary" not in part


def test_a_second_final_result_hides_no_first() -> None:
    """Of two final results the last is the call's, and the first stays to be seen."""
    output = {"type": "tool-output-available", "toolCallId": "c1"}
    call, earlier = parts_of(INPUT, {**output, "output": 1}, {**output, "output": 2})
    assert (call["output"], earlier["output"]) == (2, 1)


def test_an_id_used_again_in_the_next_step_is_another_call() -> None:
    """Each step counts its calls from zero in some models: the results go to the call of their step."""
    output = {"type": "tool-output-available", "toolCallId": "c1"}
    step = {"type": "start-step"}
    calls = [
        part
        for part in parts_of(step, INPUT, {**output, "output": 1}, step, INPUT, {**output, "output": 2})
        if part["type"] != "step-start"
    ]
    assert [call["output"] for call in calls] == [1, 2]


def test_data_of_the_same_name_and_id_is_replaced() -> None:
    """Newer data of the same type and id replaces older; without an id it adds up; transient is not kept."""
    parts = parts_of(
        {"type": "data-progress", "id": "a", "data": 1},
        {"type": "data-progress", "id": "b", "data": 1},
        {"type": "data-progress", "id": "a", "data": 2},
        {"type": "data-notice", "data": 1},
        {"type": "data-notice", "data": 1},
        {"type": "data-notice", "data": "gone", "transient": True},
    )
    assert [(part["type"], part["data"]) for part in parts] == [
        ("data-progress", 2),
        ("data-progress", 1),
        ("data-notice", 1),
        ("data-notice", 1),
    ]


def test_a_step_that_is_reset_leaves_nothing() -> None:
    """`reset-step` takes back what came of the step, calls and data too, and nothing of the one before."""
    text = [{"type": "text-start", "id": "0"}, {"type": "text-delta", "id": "0", "delta": "kept"}]
    parts = parts_of(
        *text,
        {"type": "start-step"},
        INPUT,
        {"type": "data-x", "id": "a", "data": 1},
        {"type": "reset-step"},
        {"type": "data-x", "id": "a", "data": 2},
        {"type": "tool-output-available", "toolCallId": "c1", "output": "late"},
    )
    assert [part["type"] for part in parts] == ["text", "step-start", "data-x", "tool-output-available"]


def test_metadata_is_merged() -> None:
    """Objects in the metadata are merged, everything else is replaced by what came last."""
    message = built_from(
        {"type": "start", "messageId": "m", "messageMetadata": {"usage": {"in": 1}, "tags": [1]}},
        {"type": "message-metadata", "messageMetadata": {"usage": {"out": 2}, "tags": [2]}},
        {"type": "finish"},
    )
    assert message["metadata"] == {"usage": {"in": 1, "out": 2}, "tags": [2]}


def test_what_the_earlier_message_had_beside_its_parts_stays() -> None:
    """A stream that goes on with a message keeps its metadata and every other key of it."""
    base = {"id": "m", "role": "assistant", "metadata": {"parts": []}, "parts": [], "createdAt": "2026-03-01"}
    message = built_from({"type": "text-delta", "id": "0", "delta": "x"}, base=base)
    assert [part["text"] for part in message.pop("parts")] == ["x"]
    assert message == {key: value for key, value in base.items() if key != "parts"}


def test_numbers_stay_as_they_were_sent() -> None:
    """Arguments and results keep every digit on their way through the stream."""
    message = built(
        [
            '{"type":"tool-input-available","toolCallId":"c","toolName":"t","input":{"score":1.10}}',
            '{"type":"tool-output-available","toolCallId":"c","output":12345678901234567890.0}',
        ]
    )
    assert b'{"score":1.10}' in message.json().encoded
    assert b"12345678901234567890.0" in message.json().encoded


@pytest.mark.parametrize(
    "chunk",
    [
        {"type": "hologram", "depth": 3},
        {"type": "text-delta", "id": "0", "delta": 5},
        {"type": "tool-output-available", "toolCallId": "nobody", "output": 1},
        {"depth": 3},
        ["a", "list"],
    ],
    ids=str,
)
def test_a_chunk_that_fits_nothing_is_a_labelled_part(chunk: Any) -> None:
    """What the SDK would give up on is shown as JSON, and counted."""
    message = built_from(chunk)
    assert message["parts"] == [chunk]
    transcript = transcript_of([message])
    assert isinstance(transcript.messages[0].parts[0], UnknownPart)
    assert transcript.ledger.unknown == 1


def test_an_event_that_is_no_json_keeps_its_text() -> None:
    """An event that cannot be read is shown with its text."""
    message = built(['{"type":"text-sta']).json().python()
    assert message["parts"] == [{"type": "unreadable event", "text": '{"type":"text-sta'}]


def test_an_unknown_chunk_that_says_nothing_is_no_part() -> None:
    """A chunk of an unknown type, and with nothing else, adds nothing to the message."""
    assert parts_of({"type": "heartbeat"}) == []


def test_a_call_waits_for_its_approval_and_keeps_it() -> None:
    """A pending call has its approval's id; the answer, and then the result, are joined with it."""
    request = {"type": "tool-approval-request", "approvalId": "a", "toolCallId": "c1", "signature": "s"}
    (asked,) = parts_of(INPUT, request)
    assert (asked["state"], asked["approval"]) == ("approval-requested", {"id": "a", "signature": "s"})
    response = {"type": "tool-approval-response", "approvalId": "a", "approved": True, "reason": "fine"}
    base = {"id": "m", "role": "assistant", "parts": [asked]}
    (done,) = parts_of(
        response, {"type": "tool-output-available", "toolCallId": "c1", "output": 7}, base=base
    )
    assert (done["state"], done["output"]) == ("output-available", 7)
    assert done["approval"] == {"id": "a", "approved": True, "reason": "fine", "signature": "s"}


def test_a_call_that_has_its_result_waits_for_no_approval() -> None:
    """An approval that is asked for after the result does not turn a finished call into a pending one."""
    output = {"type": "tool-output-available", "toolCallId": "c1", "output": 1}
    request = {"type": "tool-approval-request", "approvalId": "a", "toolCallId": "c1"}
    call, kept = parts_of(INPUT, output, request)
    assert (call["state"], kept) == ("output-available", request)


def peak_of(work: Callable[[], object]) -> int:
    """Bytes that ``work`` took at its peak, more than there were before."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before


def test_a_long_text_is_copied_a_few_times_at_most() -> None:
    """Neither its JSON nor the reader takes a text apart, which would cost twenty times its size."""
    message = built([json.dumps({"type": "text-delta", "id": "0", "delta": "a word or two "})] * 100_000)
    message.add('{"type":"text-delta","id":"0","delta":"."}')
    size = 100_000 * len("a word or two ")
    assert peak_of(message.json) < 5 * size
    body = JsonValue(b'{"messages":[' + message.json().encoded + b"]}")
    assert peak_of(lambda: read_afresh(body)) < 8 * size


def test_mutated_streams_raise_nothing_and_lose_nothing() -> None:
    """However chunks are left out, doubled, moved or changed: texts, arguments and results are all there."""
    chance = random.Random(17)
    streams = list(STREAMS.values())
    for number in range(MUTATIONS):
        stream = chance.choice(streams)
        chunks = mutated([json.loads(data) for data in stream.data], chance)
        message = built([json.dumps(chunk) for chunk in chunks], stream.base).json()
        read(JsonValue.of({"messages": [message.python()]}))
        assert not list(lost(chunks, message.python())), (number, stream.name, chunks)


_DELTAS = [
    {"type": "text-delta", "id": "0", "delta": "plain"},
    {"type": "text-delta", "id": "0", "delta": 'with "type" and \\u0041 and \n'},
    {"type": "text-delta", "id": "0", "delta": "type"},
    {"type": "text-delta", "id": "0", "delta": "\U0001f426 \u2026"},
    {"type": "text-delta", "id": "0", "delta": "\ud83d"},
    {"type": "text-delta", "id": "0", "delta": "\udc26"},
    {"type": "text-delta", "id": "0", "delta": None},
    {"type": "text-delta", "id": "0", "delta": ""},
    {"type": "text-delta", "id": "0"},
    {"type": "text-delta", "id": 0, "delta": "another id"},
    {"type": "text-delta", "id": "0", "delta": "more", "providerMetadata": {"a": 1}},
    {"type": "text-delta", "id": "0", "delta": "more", "extra": 1},
    {"type": "reasoning-delta", "id": "0", "delta": "thought"},
    {"type": "reasoning-delta", "id": "1", "delta": "begins one"},
    {"type": "tool-input-delta", "id": "0", "delta": "not a text"},
]


@pytest.mark.parametrize("ascii", [True, False])
def test_the_short_way_of_plain_words_leads_to_the_same_message(
    ascii: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most chunks take it; whatever is odd about one, the message is what the long way makes of it."""
    begin = ['{"type":"text-start","id":"0"}', '{"type":"reasoning-start","id":"0"}']
    twice = '{"type":"text-delta","id":"0","delta":"a","delta":"b"}'
    odd = [twice, twice[:-5], twice.replace("}", ',"type":"text-end"}')]
    data = [json.dumps(chunk, ensure_ascii=ascii) for chunk in _DELTAS]
    data = [*begin, *odd, *(one for one in data if one.isprintable() or ascii), *data[:4]]
    taken = [one for one in data if plain_delta(one) is not None]
    short = built(data).json()
    monkeypatch.setattr(stream, "plain_delta", lambda one: None)
    assert short == built(data).json()
    assert len(taken) >= 5
