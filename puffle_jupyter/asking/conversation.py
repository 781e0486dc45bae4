"""`Conversation` and `chat`: asking Puffle from code. The request is sent once, then the run is watched."""

from __future__ import annotations

import threading
import weakref

from ..background.loop import poll_loop
from ..client.blocking_client import PuffleClient
from ..client.client import AsyncPuffleClient
from ..client.credentials import Account
from ..client.start import check_conversation_id, check_message
from ..errors import CannotWaitHere, InvalidSetting
from ..watching.intervals import check_interval, check_timeout
from ..watching.registry import registry, watch
from ..watching.watch import RunWatch
from .notes import Draft
from .place import notebook_name
from .question import Question, question_of, set_question
from .sending import LATER_STREAMED, Sent, Start, in_own_thread, send
from .streaming import StreamedTurn
from .turns import Turns


class Conversation:
    """A conversation with Puffle: each message is a turn, and starts a run that is watched.

    Args:
        conversation_id: the conversation to go on with, a UUID; None begins a new one with the first message.
        client: a client of your own; None takes the kernel's.
        name: what ``once`` knows the conversation by until it has an id: see `send`.

    Raises:
        InvalidConversationId

    >>> conversation = Conversation()                  # doctest: +SKIP
    >>> conversation.send("Find fintech founders in Berlin").result()
    >>> conversation.send("Which of them are hiring?")
    """

    def __init__(
        self,
        conversation_id: str | None = None,
        *,
        client: PuffleClient | AsyncPuffleClient | None = None,
        name: str = "",
    ) -> None:
        self._id: str | None = None if conversation_id is None else check_conversation_id(conversation_id)
        self._name = name
        self._client = client.asynchronous if isinstance(client, PuffleClient) else client
        self._lock = threading.RLock()
        self._base_url: str | None = None
        self._last_turn: int | None = None if conversation_id else 0
        # Weak: a watch's question holds its conversation, and a conversation is kept as long as its kernel.
        self._turns = Turns()
        self._last: weakref.ref[RunWatch] | None = None

    @property
    def id(self) -> str | None:
        """The conversation's UUID; None before the first message."""
        return self._id

    @property
    def turn(self) -> int | None:
        """The number of the last turn, 0 before the first; None when earlier turns are not known here."""
        return self._last_turn

    @classmethod
    def of(cls, watch: RunWatch) -> Conversation | None:
        """The conversation in which ``watch`` was asked for; None when it was not asked from this kernel."""
        question = question_of(watch)
        return None if question is None else question.conversation

    def send(
        self,
        message: str,
        *,
        stream: bool = False,
        once: bool = False,
        interval: float | None = None,
        timeout: float | None = None,
    ) -> RunWatch:
        """Send ``message``, by one request, and watch its run. Returns when Puffle has taken the message.

        The run of the turn before may still be going on.

        Args:
            message: what Puffle is to do; not empty.
            stream: follow the answer as it is written, in place of polling a run. Puffle ends the work when
                the connection is lost, and after 120 s; polling survives both.
            once: do not send a message that was sent in this conversation before, but watch its run again.
                A conversation without an id becomes the one of its name in which this notebook sent it.
            interval: seconds between polls; None takes 1.5.
            timeout: seconds after which to stop watching; None never does. A stream has neither.

        Raises:
            NotSent: one of its subclasses: nothing was sent.
            ResponseError, ConnectionFailed: Puffle refused it or was not reached: nothing was started.
            StartNotConfirmed: it was sent, now or before, and no usable answer came.
            KeyboardInterrupt: Ctrl-C during the wait for Puffle's answer; the message was sent.
        """
        check_message(message)
        for name, value in (("once", once), ("stream", stream)):
            if not isinstance(value, bool):  # "False" is true
                raise InvalidSetting(f"{name} must be True or False, not {ascii(value)[:60]}.")
        if stream and (once or interval is not None or timeout is not None):
            raise InvalidSetting(
                "stream: a streamed answer has no run that once could show again, no interval and no "
                "timeout: leave them out, or leave out stream."
            )
        if interval is not None:
            check_interval(interval)
        if timeout is not None:
            check_timeout(timeout)
        if poll_loop.is_current:
            raise CannotWaitHere("a message cannot be sent from the thread that sends the requests")
        client = self._client or registry.client_for(Account.find())
        notebook = notebook_name()
        before = None if self._last is None else self._last()

        if stream:
            sent, following = in_own_thread(lambda: self._stream(message, client, notebook), LATER_STREAMED)
        else:
            sent = in_own_thread(lambda: self._start(message, client, notebook, once=once))
            following = watch(sent.started.run_id, client=client, interval=interval, timeout=timeout)
        remarks = sent.remarks
        if sent.is_new and before is not None and not before.done:
            earlier = question_of(before)
            turn = "the last turn" if earlier is None or earlier.turn is None else f"turn {earlier.turn}"
            remarks = (f"sent while {turn} still ran", *remarks)
        if sent.is_new or before is None:
            self._last = weakref.ref(following)
        if sent.is_new:
            self._turns.follow(message, following)
        set_question(following, Question(message, self, sent.started.conversation_id, sent.turn, remarks))
        return following

    def _start(self, message: str, client: AsyncPuffleClient, notebook: str | None, *, once: bool) -> Sent:
        with self._lock:
            return self._send(
                message,
                client,
                notebook,
                lambda: client.start_chat(message, conversation_id=self._id),
                once=once,
            )

    def _stream(self, message: str, client: AsyncPuffleClient, notebook: str | None) -> tuple[Sent, RunWatch]:
        """Open the stream, and follow it: also when a Ctrl-C ends the wait for its beginning."""
        with self._lock:
            turn = StreamedTurn(client, message, self._turns.history(), self._id)
            sent = self._send(message, client, notebook, turn.start, once=False)
            return sent, turn.watch(sent.turn)

    def _send(
        self, message: str, client: AsyncPuffleClient, notebook: str | None, start: Start, *, once: bool
    ) -> Sent:
        """Send it when the message before has got its answer: that may give the conversation its id."""
        with self._lock:
            if self._base_url not in (None, client.base_url):
                raise InvalidSetting(
                    f"This conversation is on {self._base_url}, and messages now go to {client.base_url}: "
                    "begin a new conversation."
                )
            draft = Draft(client.base_url, message, notebook, self._name, self._id, self._last_turn)
            sent = send(draft, start, once=once)
            self._base_url = client.base_url
            self._id = sent.started.conversation_id or self._id
            if sent.turn is not None:
                self._last_turn = max(self._last_turn or 0, sent.turn)
            return sent

    def __repr__(self) -> str:
        turn = "" if self._last_turn is None else f", turn {self._last_turn}"
        return f"<Conversation {self._id or 'not begun'}{turn}>"


def chat(
    message: str,
    *,
    conversation: Conversation | str | None = None,
    stream: bool = False,
    once: bool = False,
    client: PuffleClient | AsyncPuffleClient | None = None,
    interval: float | None = None,
    timeout: float | None = None,
) -> RunWatch:
    """Ask Puffle, and watch the run that works on it, showing nothing.

    Args:
        message: what Puffle is to do; not empty.
        conversation: the conversation to go on with, or its UUID; None begins a new one.
        stream: follow the answer as it is written; see `Conversation.send`.
        once: do not send a message that was sent before in the conversation; see `Conversation.send`.
        client: a client of your own; None takes the kernel's.
        interval: seconds between polls; None takes 1.5.
        timeout: seconds after which to stop watching; None never does.

    Raises:
        NotSent, ResponseError, ConnectionFailed, StartNotConfirmed: see `Conversation.send`.

    >>> watch = chat("Find fintech founders in Berlin")  # doctest: +SKIP
    >>> chat("Which of them are hiring?", conversation=Conversation.of(watch))
    """
    if not isinstance(conversation, Conversation):
        conversation = Conversation(conversation, client=client)
    elif client is not None:
        raise InvalidSetting("client: the conversation has a client of its own; leave it out.")
    return conversation.send(message, stream=stream, once=once, interval=interval, timeout=timeout)
