"""Conversations from code: turns, one request a message, and what is said when no answer comes."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from puffle_jupyter import (
    BadRequest,
    CannotWaitHere,
    ConnectionFailed,
    Conversation,
    InvalidConversationId,
    InvalidMessage,
    InvalidSetting,
    NotSent,
    PuffleClient,
    RateLimited,
    RunWatch,
    StartNotConfirmed,
    chat,
)
from puffle_jupyter.asking.question import question_of
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.settings import current_settings
from puffle_jupyter.watching.registry import registry
from tests.support.paths import ROOT
from tests.support.scripted import KEY, client_for

pytestmark = pytest.mark.usefixtures("background", "state")

CONVERSATION = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
OTHER = "7b1d0c2e-6a4f-4d3b-8e21-90ab12cd34ef"


class Puffle:
    """Starts runs ``run_1``, ``run_2`` …, which run until ``completed`` holds their id."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.completed: set[str] = set()
        self.before_answer: Callable[[], object] = lambda: None
        self.answers: list[Any] = []
        self.client = client_for(self)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            run_id = request.url.path.rpartition("/")[2]
            status = "completed" if run_id in self.completed else "running"
            return answer_of(200, {"runId": run_id, "status": status, "text": "Done"})
        body = json.loads(request.content)
        self.bodies.append(body)
        self.before_answer()
        if self.answers and (answer := self.answers.pop(0)) is not None:
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(200, stream=answer) if isinstance(answer, NoEnd) else answer_of(*answer)
        conversation_id = body.get("conversationId", CONVERSATION if len(self.bodies) == 1 else OTHER)
        run_id = f"run_{len(self.bodies)}"
        return answer_of(200, {"runId": run_id, "status": "queued", "conversationId": conversation_id})


def answer_of(code: int, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(code, stream=httpx.ByteStream(content), headers=headers)


@pytest.fixture
def puffle() -> Puffle:
    return Puffle()


def said_of(watch: RunWatch) -> tuple[int | None, tuple[str, ...]]:
    question = question_of(watch)
    assert question is not None
    return question.turn, question.remarks


def test_the_next_message_goes_on_with_the_conversation(puffle: Puffle) -> None:
    """The id of the first answer is sent with the second message; turns are counted."""
    conversation = Conversation(client=puffle.client)
    assert (conversation.id, conversation.turn) == (None, 0)
    puffle.completed.add("run_1")
    first = conversation.send("Find founders")
    first.wait()
    second = conversation.send("Which of them are hiring?")
    assert [body.get("conversationId") for body in puffle.bodies] == [None, CONVERSATION]
    assert (first.run_id, second.run_id) == ("run_1", "run_2")
    assert (conversation.id, conversation.turn) == (CONVERSATION, 2)
    assert (said_of(first), said_of(second)) == ((1, ()), (2, ()))
    assert Conversation.of(second) is conversation
    assert repr(conversation) == f"<Conversation {CONVERSATION}, turn 2>"


def test_a_turn_while_the_last_one_still_runs_is_allowed_and_said(puffle: Puffle) -> None:
    """Which of them still runs."""
    conversation = Conversation(client=puffle.client)
    conversation.send("one")
    assert said_of(conversation.send("two")) == (2, ("sent while turn 1 still ran",))


def test_an_answer_in_another_conversation_is_said(puffle: Puffle) -> None:
    """The person asked in one conversation and Puffle went on in another: the next turn goes there, too."""
    conversation = Conversation(client=puffle.client)
    conversation.send("one").stop()
    puffle.completed.add("run_1")
    puffle.answers.append((200, {"runId": "run_2", "status": "queued", "conversationId": OTHER}))
    remarks = said_of(conversation.send("two"))[1]
    assert "Puffle answered in another conversation than it was sent to" in remarks
    assert conversation.id == OTHER


def test_chat_begins_a_conversation_or_goes_on_with_one(puffle: Puffle) -> None:
    """By the conversation or by its UUID, whose earlier turns may be noted or not."""
    watch = chat("one", client=puffle.client)
    conversation = Conversation.of(watch)
    assert conversation is not None
    chat("two", conversation=conversation)
    third = chat("three", conversation=CONVERSATION.upper(), client=puffle.client)
    assert [body.get("conversationId") for body in puffle.bodies] == [None, CONVERSATION, CONVERSATION]
    assert said_of(third) == (3, ())
    assert said_of(chat("x", conversation=OTHER, client=puffle.client)) == (None, ())


def test_a_watch_from_elsewhere_has_no_conversation(puffle: Puffle) -> None:
    """Its run was started by somebody else."""
    from puffle_jupyter import watch

    assert Conversation.of(watch("run_a", client=puffle.client)) is None


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda client: chat("", client=client), InvalidMessage),
        (lambda client: chat(5, client=client), InvalidMessage),  # type: ignore[arg-type]
        (lambda client: chat("x", conversation="abc", client=client), InvalidConversationId),
        (lambda client: chat("x", interval=0, client=client), InvalidSetting),
        (lambda client: chat("x", timeout=-1, client=client), InvalidSetting),
        (lambda client: chat("x", once="False", client=client), InvalidSetting),  # type: ignore[arg-type]
        (lambda client: chat("x", once=1, client=client), InvalidSetting),  # type: ignore[arg-type]
        (lambda client: chat("x", stream="no", client=client), InvalidSetting),  # type: ignore[arg-type]
        (lambda client: chat("x", conversation=Conversation(), client=client), InvalidSetting),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    puffle: Puffle, state: Path, ask: Callable[[Any], object], kind: type[Exception]
) -> None:
    """No request, no note, no watch: also where the watch would refuse what comes after the message."""
    with pytest.raises(kind):
        ask(puffle.client)
    assert not puffle.bodies
    assert not state.exists()
    assert not registry.live()


def test_a_conversation_stays_at_its_address(puffle: Puffle) -> None:
    """A conversation of one Puffle is not sent to another, by a change of the account in between."""
    with PuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(puffle)) as client:
        conversation = Conversation(client=client)
        conversation.send("one")
        conversation._client = client_for(puffle).__class__(
            KEY, "https://other.example", transport=httpx.MockTransport(puffle)
        )
        with pytest.raises(InvalidSetting, match=r"on https://puffle\.example"):
            conversation.send("two")
    assert len(puffle.bodies) == 1


def test_once_does_not_send_again_but_shows_the_run_of_then(puffle: Puffle) -> None:
    """In the same conversation: the same watch, and words that say so; the turn before is not repeated."""
    conversation = Conversation(client=puffle.client)
    first = conversation.send("one")
    conversation.send("two", once=True)
    again = conversation.send("one", once=True)
    assert again is first
    turn, remarks = said_of(again)
    assert turn == 1
    assert "not sent again: this is its run" in remarks[0]
    assert len(puffle.bodies) == 2


def test_once_in_a_new_kernel_finds_the_conversation(puffle: Puffle) -> None:
    """Run All after a restart: both messages are found, the third is new and goes on with them."""
    before = Conversation(client=puffle.client)
    before.send("one")
    before.send("two")
    after = Conversation(client=puffle.client)
    assert after.send("one", once=True).run_id == "run_1"
    assert (after.id, after.turn) == (CONVERSATION, 1)
    assert after.send("two", once=True).run_id == "run_2"
    assert len(puffle.bodies) == 2
    assert said_of(after.send("three", once=True))[0] == 3
    assert puffle.bodies[-1]["conversationId"] == CONVERSATION


def test_without_once_the_same_message_is_sent_again(puffle: Puffle) -> None:
    """Who runs a cell again without it means it."""
    conversation = Conversation(client=puffle.client)
    assert conversation.send("go on").run_id == "run_1"
    assert conversation.send("go on").run_id == "run_2"


LOST: list[Any] = [
    httpx.RemoteProtocolError("gone"),
    httpx.ReadTimeout("late"),
    (500,),
    (502, b"<html>"),
    (200, b"?"),
]


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_a_lost_answer_is_sent_once_and_never_again_with_once(puffle: Puffle, lost: Any) -> None:
    """The error says that it may have started; with `once` it stays unsent, now and in another kernel."""
    puffle.answers = [lost]
    conversation = Conversation(client=puffle.client)
    with pytest.raises(StartNotConfirmed, match="may have started"):
        conversation.send("one")
    for conversation_id in (None, CONVERSATION):
        one = Conversation(conversation_id, client=puffle.client)
        with pytest.raises(StartNotConfirmed, match="no answer to it is noted") as caught:
            one.send("one", once=True)
        assert "not sent again, since once is set" in str(caught.value)
    assert len(puffle.bodies) == 1
    assert not registry.live()


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((400,), BadRequest),
        ((429, {}, {"Retry-After": "3"}), RateLimited),
        (httpx.ConnectError("refused"), ConnectionFailed),
    ],
    ids=["400", "429", "no connection"],
)
def test_what_was_refused_is_sent_with_once(puffle: Puffle, refusal: Any, kind: type[Exception]) -> None:
    """Nothing was started, that is certain: the next try is the first."""
    puffle.answers = [refusal]
    conversation = Conversation(client=puffle.client)
    with pytest.raises(kind):
        conversation.send("one", once=True)
    watch = conversation.send("one", once=True)
    assert said_of(watch) == (1, ())
    assert len(puffle.bodies) == 2


def test_the_note_is_on_the_disk_before_the_post(puffle: Puffle, state: Path) -> None:
    """While Puffle works on its answer the note is there, without run; after it, with."""
    seen: list[Any] = []

    def look() -> None:
        with sqlite3.connect(state) as database:
            seen.extend(database.execute("SELECT state, run, conversation, turn FROM notes").fetchall())
        database.close()

    puffle.before_answer = look
    Conversation(client=puffle.client).send("one")
    look()
    assert seen == [("sending", None, None, 1), ("started", "run_1", CONVERSATION, 1)]


@pytest.mark.parametrize("once", [False, True])
def test_without_notes_once_is_refused_and_sending_says_so(puffle: Puffle, state: Path, once: bool) -> None:
    """A damaged file: a message is sent with a word about it; with `once`, which needs it, it is not."""
    state.parent.mkdir(parents=True)
    state.write_bytes(b"no database, that is certain" * 100)
    conversation = Conversation(client=puffle.client)
    if once:
        with pytest.raises(NotSent, match="it is damaged"):
            conversation.send("one", once=True)
        assert not puffle.bodies
    else:
        assert said_of(conversation.send("one")) == (1, ("no note could be kept: it is damaged",))
        assert said_of(conversation.send("two"))[0] == 2


def test_a_file_that_breaks_while_the_message_is_under_way(puffle: Puffle, state: Path) -> None:
    """The run is there and is watched; that its note is not complete is said."""
    puffle.before_answer = lambda: state.write_bytes(b"x" * 9000)
    watch = Conversation(client=puffle.client).send("one")
    assert watch.run_id == "run_1"
    assert said_of(watch) == (1, ("the note of this message could not be completed",))


def test_notes_that_are_off_leave_no_file_and_know_this_kernel(puffle: Puffle, state: Path) -> None:
    """`once` then holds within the kernel, and says that."""
    with current_settings.changed(notes=False):
        conversation = Conversation(client=puffle.client, name="notes-off")
        first = conversation.send("one", once=True)
        assert said_of(first)[1] == ("notes are off: what was sent is known to this kernel only",)
        assert conversation.send("one", once=True) is first
    assert not state.parent.exists()
    assert len(puffle.bodies) == 1


def test_an_unreadable_variable_is_said_before_anything_is_sent(
    puffle: Puffle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PUFFLE_NOTES=maybe is no answer."""
    monkeypatch.setenv("PUFFLE_NOTES", "maybe")
    with pytest.raises(InvalidSetting, match="PUFFLE_NOTES"):
        Conversation(client=puffle.client).send("one")
    assert not puffle.bodies


def test_two_threads_make_one_conversation(puffle: Puffle) -> None:
    """The second message waits for the answer to the first, which names the conversation."""
    conversation = Conversation(client=puffle.client)
    threads = [threading.Thread(target=conversation.send, args=(word,)) for word in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [body.get("conversationId") for body in puffle.bodies] == [None, CONVERSATION, CONVERSATION]
    assert conversation.turn == 3


def test_not_on_the_thread_that_sends(puffle: Puffle) -> None:
    """It would wait for itself."""

    async def go() -> None:
        with pytest.raises(CannotWaitHere):
            chat("x", client=puffle.client)

    poll_loop.run(go())
    assert not puffle.bodies


def test_within_a_running_loop(puffle: Puffle) -> None:
    """A notebook's cell runs in one."""

    async def go() -> RunWatch:
        return chat("x", client=puffle.client)

    assert asyncio.run(go()).run_id == "run_1"


# Interrupted while the server works on its answer. A process of its own: an interrupt that comes late would
# strike pytest.
INTERRUPTED = """
import json, os, signal, threading
from puffle_jupyter import Conversation
from tests.unit.asking.test_conversation import Puffle

answering, interrupted = threading.Event(), threading.Event()
puffle = Puffle()

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
    interrupted.wait(5)
    answering.set()

puffle.before_answer = interrupt
conversation = Conversation(client=puffle.client)
words = ""
try:
    conversation.send("one")
except KeyboardInterrupt as error:
    words = str(error)
puffle.before_answer = lambda: None
interrupted.set()
answered = answering.wait(5)
again = conversation.send("one", once=True)
print(json.dumps([words, answered, again.run_id, len(puffle.bodies), conversation.id]))
again.stop()
"""


def test_ctrl_c_ends_the_wait_and_not_the_request(tmp_path: Path) -> None:
    """The words say that it may have started; its answer is noted, and `once` then shows that run."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=ROOT,
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    words, answered, run_id, sent, conversation_id = json.loads(done.stdout)
    assert "the chat may have started" in words
    assert (answered, run_id, sent, conversation_id) == (True, "run_1", 1, CONVERSATION)


class NoEnd(httpx.AsyncByteStream):
    """A body that does not end before the request is given up."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        threading.Thread(target=poll_loop.stop).start()
        await asyncio.sleep(60)


def test_a_loop_that_is_stopped_meanwhile(puffle: Puffle) -> None:
    """%unload_ext in the middle of it: it was sent, and nobody knows more."""
    puffle.answers = [NoEnd()]
    with pytest.raises(StartNotConfirmed):
        Conversation(client=puffle.client).send("one")
    with pytest.raises(StartNotConfirmed):
        Conversation(client=puffle.client).send("one", once=True)
    assert len(puffle.bodies) == 1


def test_an_answer_that_names_another_conversation_or_none(puffle: Puffle) -> None:
    """Puffle's word counts; where it says nothing, the conversation stays what it was."""
    puffle.answers = [None, (200, {"runId": "run_x", "conversationId": OTHER})]
    conversation = Conversation(client=puffle.client)
    conversation.send("one")
    conversation.send("two")
    assert conversation.id == OTHER
    puffle.answers = [(200, {"runId": "run_y", "conversationId": "<script>"})]
    assert conversation.send("three").run_id == "run_y"
    assert conversation.id == OTHER


def test_a_conversation_keeps_no_watch_alive(puffle: Puffle) -> None:
    """What an ended run said may be large; who forgets its watch gets the memory back."""
    conversation = Conversation(client=puffle.client)
    puffle.completed |= {"run_1", "run_2"}
    watches = [weakref.ref(conversation.send(word)) for word in ("one", "two")]
    for known in watches:
        watch = known()
        assert watch is not None
        watch.wait()
        del watch
    registry.stop()
    deadline = time.monotonic() + 5
    while any(known() is not None for known in watches) and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.01)
    assert [known() for known in watches] == [None, None]
    assert conversation.id == CONVERSATION
