"""The stream as a source of a watch: what is shown of it, how it ends, and that a decision is sent once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from puffle_jupyter.errors import ConnectionFailed, NotPending, PuffleError, StreamUnfinished
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.transcript.model import ToolCallState
from puffle_jupyter.transcript.preview import LAST_CHARACTERS, LAST_PARTS
from puffle_jupyter.transcript.stream import StreamedMessage
from puffle_jupyter.watching.approvals import Decision
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from puffle_jupyter.watching.streamed_run import stream_name
from puffle_jupyter.watching.streaming import StreamSource
from tests.support.answers import PAUSED, Stream, text
from tests.support.scripted import SteppedClock, settled
from tests.support.streams import recorded_streams

_HINT = "Puffle ends every stream after 120 s, finished or not"
EARLY = f"The stream ended after 0 s, before the answer did ({_HINT})"


class Followed:
    """A source that follows ``streams``, one after the other, and all that it published."""

    def __init__(self, *streams: Stream | PuffleError) -> None:
        self.streams = list(streams)
        self.clock = SteppedClock()
        self.published: list[WatchSnapshot] = []
        self.sent: list[tuple[JsonValue, Decision]] = []
        first = self.streams.pop(0)
        assert isinstance(first, Stream)
        snapshot = WatchSnapshot(
            "stream_1", WatchPhase.WATCHING, RunStatus.RUNNING, "running", is_stream=True
        )
        self.source = StreamSource(snapshot, first, self.go_on, self.clock, self.clock.sleep)
        self.task = asyncio.ensure_future(self.source.follow(self.published.append))

    async def go_on(self, message: JsonValue, decision: Decision) -> Stream:
        """Take a decision as Puffle would."""
        self.sent.append((message, decision))
        stream = self.streams.pop(0)
        if isinstance(stream, PuffleError):
            raise stream
        return stream

    @property
    def last(self) -> WatchSnapshot:
        """What was published last."""
        return self.published[-1]


def run_of(snapshot: WatchSnapshot) -> Run:
    """The run of a snapshot that has one."""
    assert snapshot.run is not None
    return snapshot.run


@pytest.mark.parametrize("name", [name for name, one in recorded_streams().items() if one.base is None])
def test_every_recorded_stream_ends_as_a_poll_of_its_message(name: str) -> None:
    """The transcript is that of the message the SDK built, and the status what the stream says."""
    recorded = recorded_streams()[name]

    async def follow() -> WatchSnapshot:
        followed = Followed(Stream(*recorded.data, None))
        await settled()
        if followed.source.approvals.waiting:
            assert followed.last.phase is WatchPhase.AWAITING_APPROVAL
            followed.task.cancel()
            return followed.last
        return await followed.task

    last = asyncio.run(follow())
    if last.phase is WatchPhase.AWAITING_APPROVAL:
        return
    run = run_of(last)
    polled = Run.from_json(
        json.dumps({"runId": "run_a", "status": "completed", "messages": [recorded.message], "toolCalls": []})
    )
    assert run.transcript.ledger == polled.transcript.ledger or run.status is not RunStatus.COMPLETED
    assert [call.state for call in run.transcript.tool_calls] == [
        call.state for call in polled.transcript.tool_calls
    ]
    assert last.phase is WatchPhase.ENDED
    assert run.status in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)
    assert ("abort" in name) == (run.status is RunStatus.CANCELLED)


def test_the_text_grows_in_previews_ten_times_a_second_at_most() -> None:
    """The first words at once; however fast the rest comes, a preview each tenth of a second."""

    async def follow() -> None:
        stream = Stream({"type": "start"}, {"type": "text-start", "id": "0"})
        followed = Followed(stream)
        await settled()
        assert len(followed.published) == 1
        for number in range(1000):
            stream.send({"type": "text-delta", "id": "0", "delta": f"word{number} "})
            await followed.clock.move(0.001)
        assert 9 <= len(followed.published) <= 10
        assert followed.last.preview is not None
        assert b"word888 " in followed.last.preview.parts[-1].encoded
        stream.send({"type": "text-end", "id": "0"}, {"type": "finish"}, None)
        await settled()
        last = await followed.task
        assert last.preview is None
        assert run_of(last).text == "".join(f"word{number} " for number in range(1000))
        assert stream.closed == 1

    asyncio.run(follow())


def test_no_second_has_more_than_ten_updates_first_and_last_counted_in() -> None:
    """Wherever that second begins, and whenever the answer ends."""

    async def follow(ends_after: int) -> list[float]:
        stream = Stream({"type": "start"}, {"type": "text-start", "id": "0"})
        followed = Followed(stream)
        times: list[float] = []
        publish = followed.source._publish

        def note(snapshot: WatchSnapshot) -> None:
            times.append(followed.clock())
            publish(snapshot)

        await settled()
        followed.source._publish = note
        for number in range(ends_after):
            stream.send({"type": "text-delta", "id": "0", "delta": f"word{number} "})
            await followed.clock.move(0.007)
        stream.send({"type": "finish"}, None)
        await followed.task
        return [1000.0, *times, followed.clock()]

    for ends_after in (300, 301, 305, 310):
        times = asyncio.run(follow(ends_after))
        assert len(times) > 15
        for begin in times:
            assert len([one for one in times if begin <= one < begin + 1]) <= 10


def test_a_preview_is_small_however_long_the_answer() -> None:
    """Its last parts and the end of its text; a part that did not change is the same object."""

    async def follow() -> None:
        stream = Stream(*[event for number in range(100) for event in text("x" * 1000, str(number))])
        followed = Followed(stream)
        await settled()
        stream.send(
            {"type": "text-start", "id": "z"}, {"type": "text-delta", "id": "z", "delta": "a" * 90_000}
        )
        await followed.clock.move(0.2)
        first = followed.last.preview
        stream.send({"type": "text-delta", "id": "z", "delta": "the end"})
        await followed.clock.move(0.2)
        second = followed.last.preview
        assert first is not None
        assert second is not None
        assert len(second.parts) == LAST_PARTS
        assert second.earlier == 101 - LAST_PARTS
        assert all(one is other for one, other in zip(first.parts[:-1], second.parts[:-1], strict=True))
        assert len(second.parts[-1].encoded) < LAST_CHARACTERS + 200
        assert b"the end" in second.parts[-1].encoded
        followed.task.cancel()

    asyncio.run(follow())


def test_a_preview_is_small_however_long_arguments_are_written() -> None:
    """As of a text, their end is shown; the whole message still has all of them."""
    message = StreamedMessage()
    message.add('{"type":"tool-input-start","toolCallId":"c","toolName":"add_rows"}')
    for number in range(3_000):
        message.add(
            json.dumps({"type": "tool-input-delta", "toolCallId": "c", "inputTextDelta": f"row{number:06} "})
        )
    (shown,) = message.preview().parts
    assert len(shown.encoded) < LAST_CHARACTERS + 200
    assert shown.members()["rawInput"].string.endswith("row002998 row002999 ")  # type: ignore[union-attr]
    assert b"row000000 row000001" in message.json().encoded
    message.add(
        json.dumps({"type": "tool-input-available", "toolCallId": "c", "toolName": "add_rows", "input": [1]})
    )
    (shown,) = message.preview().parts
    assert shown.members()["input"].compact() == "[1]"
    assert "rawInput" not in shown.members()


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([*text("Half a"), None], f"{EARLY}. What arrived is kept: watch.run."),
        ([*text("Half a"), ConnectionFailed("No byte for 30 s.")], "No byte for 30 s. What arrived is kept"),
        ([None], f"{EARLY}. Nothing of the answer arrived."),
    ],
)
def test_a_stream_that_breaks_off_says_so_and_keeps_what_arrived(events: list[Any], words: str) -> None:
    """It is never taken for a whole answer."""

    async def follow() -> None:
        followed = Followed(Stream(*events))
        with pytest.raises(StreamUnfinished) as caught:
            await followed.task
        assert str(caught.value).startswith(words)
        assert str(caught.value).endswith("To go on, send another message.")
        assert followed.last.waiting == ()
        arrived = followed.last.run
        assert (arrived is None) == (events == [None])
        assert arrived is None or arrived.status is RunStatus.RUNNING

    asyncio.run(follow())


def test_an_error_of_the_agent_is_a_failed_run() -> None:
    """With its words, and all that came before; what follows the error does not complete it."""

    async def follow() -> Run:
        error = {"type": "error", "errorText": "the lead database is down"}
        return run_of(await Followed(Stream(*text("Let me see."), error, {"type": "finish"}, None)).task)

    run = asyncio.run(follow())
    assert run.status is RunStatus.FAILED
    assert run.error == "the lead database is down"
    assert "Let me see." in run.to_text()


def test_calls_that_wait_are_decided_one_by_one_and_each_is_sent_once() -> None:
    """Approved and denied stay apart in the transcript, with who decided and when."""

    async def follow() -> None:
        done = {"type": "tool-output-available", "toolCallId": "call_1", "output": {"removed": 3}}
        still = Stream({"type": "start"}, done, {"type": "finish"}, None)
        end = [{"type": "tool-output-denied", "toolCallId": "call_2"}, {"type": "start-step"}, *text("Done.")]
        followed = Followed(first := Stream(*PAUSED, None), still, Stream(*end, {"type": "finish"}, None))
        await settled()
        assert followed.last.phase is WatchPhase.AWAITING_APPROVAL
        assert [call.name for call in followed.last.waiting] == ["remove_rows", "send_campaign"]
        assert followed.sent == []
        followed.source.approvals.decide("call_1", approved=True)
        await settled()
        assert [call.id for call in followed.last.waiting] == ["call_2"]
        followed.source.approvals.decide("call_2", approved=False, reason="not yet")
        run = run_of(await followed.task)
        assert [(one.call.id, one.approved) for _, one in followed.sent] == [
            ("call_1", True),
            ("call_2", False),
        ]
        pending = followed.sent[0][0].members()["parts"].items()[1].members()
        assert pending["state"].string == "approval-requested"
        assert first.closed == 1
        assert [call.state for call in run.calls] == [ToolCallState.SUCCEEDED, ToolCallState.DENIED]
        assert "approved by this notebook at 20" in run.to_text()
        assert "denied by this notebook at 20" in run.to_text()
        assert "UTC: not yet" in run.to_text()
        assert run.text == "Done."

    asyncio.run(follow())


DONE = {"type": "tool-output-available", "toolCallId": "call_1", "output": {"removed": 3}}


@pytest.mark.parametrize(
    "end", [[], [None], [ConnectionFailed("Dropped.")]], ids=["open", "ended", "dropped"]
)
def test_a_call_waits_however_the_stream_was_paused(end: list[Any]) -> None:
    """Left open, ended without a word, or cut off while it was idle: the decision goes by a new request."""

    async def follow() -> None:
        rest = Stream(DONE, *text("Done."), {"type": "finish"}, None)
        followed = Followed(first := Stream(*PAUSED[:4], *end), rest)
        await followed.clock.move(1.0)
        assert (followed.last.phase is WatchPhase.AWAITING_APPROVAL) == bool(end)
        await followed.clock.move(4.0)
        assert followed.last.phase is WatchPhase.AWAITING_APPROVAL
        followed.source.approvals.decide("call_1", approved=True)
        run = run_of(await followed.task)
        assert run.text is not None
        assert run.text.endswith("Done.")
        assert [decision.approved for _, decision in followed.sent] == [True]
        assert first.closed >= 1

    asyncio.run(follow())


def test_a_stream_that_was_left_open_may_go_on_by_itself() -> None:
    """Somebody decided elsewhere: nothing is sent from here, and nothing waits any more."""

    async def follow() -> None:
        followed = Followed(stream := Stream(*PAUSED[:4]))
        await followed.clock.move(5.0)
        assert followed.last.phase is WatchPhase.AWAITING_APPROVAL
        stream.send(DONE)
        await followed.clock.move(1.0)
        assert (followed.last.phase.value, followed.last.waiting) == ("watching", ())
        with pytest.raises(NotPending):
            followed.source.approvals.decide("call_1", approved=True)
        stream.send(*text("Done."), {"type": "finish"}, None)
        run = run_of(await followed.task)
        assert [call.state for call in run.calls] == [ToolCallState.SUCCEEDED]
        assert followed.sent == []
        with pytest.raises(NotPending):
            followed.source.approvals.decide("call_1", approved=True)

    asyncio.run(follow())


def test_words_behind_a_call_that_waits_cost_no_reading_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may go on for long behind it; the thread that polls serves every other watch, too."""

    async def follow() -> int:
        followed = Followed(stream := Stream(*PAUSED[:4]))
        await followed.clock.move(5.0)
        read: list[object] = []
        run = followed.source._run

        def counted() -> Run:
            read.append(None)
            return run()

        monkeypatch.setattr(followed.source, "_run", counted)
        for number in range(100):
            stream.send(*text("word ", str(number)))
            await followed.clock.move(0.2)
        assert len(followed.published) > 50
        assert [call.id for call in followed.source.approvals.waiting] == ["call_1"]
        followed.task.cancel()
        return len(read)

    assert asyncio.run(follow()) == 0


@pytest.mark.parametrize("end", [{"type": "error", "errorText": "down"}, {"type": "abort"}])
def test_a_call_of_a_failed_answer_does_not_wait(end: dict[str, str]) -> None:
    """Nothing would come of a decision."""

    async def follow() -> None:
        last = await Followed(Stream(*PAUSED[:4], end, None)).task
        assert run_of(last).status in (RunStatus.FAILED, RunStatus.CANCELLED)
        assert last.waiting == ()

    asyncio.run(follow())


def _asks(call_id: Any, arguments: Any = 3, approval: str = "ap") -> list[dict[str, Any]]:
    """A call that waits."""
    called = {"toolCallId": call_id, "toolName": "remove_rows", "input": arguments}
    return [
        {"type": "start-step"},
        {"type": "tool-input-available", **called},
        {"type": "tool-approval-request", "approvalId": approval, "toolCallId": call_id},
    ]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([*_asks("c", 1), *_asks("c", 2, "other")], "several calls under the id c"),
        (_asks(""), "a call of remove_rows that has no id"),
        (_asks(7), "a call of remove_rows that has no id"),
        (_asks(["c"]), "a call of remove_rows that has no id"),
    ],
)
def test_a_call_that_nobody_can_decide_about_ends_the_watch(events: list[Any], words: str) -> None:
    """A decision names a call by its id: where that says nothing, nothing is approved or completed."""

    async def follow() -> None:
        followed = Followed(Stream(*events, {"type": "finish"}, None))
        with pytest.raises(StreamUnfinished, match=words):
            await followed.task
        assert followed.sent == []
        with pytest.raises(NotPending):
            followed.source.approvals.decide("c", approved=True)

    asyncio.run(follow())


def test_the_same_call_said_twice_is_one() -> None:
    """Its decision is clear."""

    async def follow() -> None:
        followed = Followed(Stream(*_asks("c"), *_asks("c"), {"type": "finish"}, None), Stream())
        await settled()
        followed.source.approvals.decide("c", approved=True)
        await settled()
        assert len(followed.sent) == 1
        followed.task.cancel()

    asyncio.run(follow())


@pytest.mark.parametrize("change", ["arguments", "result"])
def test_what_changes_after_the_decision_is_not_sent(change: str) -> None:
    """Other arguments end the watch; a call that was decided elsewhere just goes on."""

    async def follow() -> None:
        followed = Followed(stream := Stream(*PAUSED[:4]))
        await followed.clock.move(5.0)
        source, message = followed.source, followed.source._message
        if change == "arguments":
            message.add(json.dumps({"type": "reset-step"}))
            for chunk in ({**PAUSED[2], "input": {"rows": 4000}}, PAUSED[3]):
                message.add(json.dumps(chunk))
        else:
            message.add(json.dumps(DONE))
        source.approvals.decide("call_1", approved=True)
        await settled()
        assert followed.sent == []
        if change == "arguments":
            with pytest.raises(StreamUnfinished, match="call_1 changed after it was decided"):
                await followed.task
        else:
            stream.send({"type": "finish"}, None)
            assert run_of(await followed.task).status is RunStatus.COMPLETED

    asyncio.run(follow())


def test_nothing_is_sent_while_nobody_decides() -> None:
    """However long that takes; when the watch is stopped, a late click decides nothing."""

    async def follow() -> None:
        followed = Followed(stream := Stream(*PAUSED, None))
        await settled()
        await followed.clock.move(1e6)
        assert followed.sent == []
        assert not followed.task.done()
        followed.task.cancel()
        await settled()
        with pytest.raises(NotPending, match="stream_1 is over"):
            followed.source.approvals.decide("call_1", approved=True)
        assert followed.sent == []
        assert followed.last.waiting == ()
        assert stream.closed == 1

    asyncio.run(follow())


def test_a_decision_whose_request_fails_is_not_sent_again() -> None:
    """The watch ends, and says what happened."""

    async def follow() -> None:
        followed = Followed(Stream(*PAUSED, None), ConnectionFailed("No connection to Puffle."))
        await settled()
        followed.source.approvals.decide("call_1", approved=True)
        with pytest.raises(StreamUnfinished, match="No connection to Puffle"):
            await followed.task
        assert len(followed.sent) == 1

    asyncio.run(follow())


def test_a_call_that_was_decided_is_not_asked_about_again() -> None:
    """Puffle asks all the same: nobody is asked, and nothing is approved twice."""

    async def follow() -> None:
        followed = Followed(
            Stream(*PAUSED[:4], {"type": "finish"}, None), Stream(*PAUSED[3:4], {"type": "finish"}, None)
        )
        await settled()
        followed.source.approvals.decide("call_1", approved=True)
        with pytest.raises(StreamUnfinished, match="asks once more about the call call_1"):
            await followed.task
        assert len(followed.sent) == 1

    asyncio.run(follow())


def test_a_stream_has_a_name_that_is_no_run_id() -> None:
    """Nobody can take it for a run that could be polled; the same turn has the same name."""
    conversation = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
    assert stream_name(conversation, 2) == "stream_3f2a91c4_2"
    assert stream_name(conversation, None) != stream_name(conversation, None)
    assert stream_name(None, 1) != stream_name(None, 1)
