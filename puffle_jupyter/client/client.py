"""Asking Puffle, over httpx: `AsyncPuffleClient`; for ordinary code see `blocking_client`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import weakref
from types import TracebackType
from typing import TYPE_CHECKING

from ..errors import ConnectionFailed, ResponseError
from ..json_value import JsonValue
from ..run import Run
from ..run_data import check_run_id
from .answer import Answer, read_run
from .answer_stream import OpenAnswer
from .chat_stream import ChatStream
from .connections import ConnectionAge, Connections, open_connections
from .credentials import Account, ApiKey, guarded
from .options import DEFAULT_BODY_LIMIT, DEFAULT_DEADLINE, check_body_limit, check_deadline, check_verify
from .sending import content_of, send
from .start import StartedRun, check_conversation_id, read_started, start_body, unconfirmed
from .stream_exchange import StreamExchange, StreamRequest
from .stream_request import stream_body, ui_messages
from .without_context import without_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import httpx


class AsyncPuffleClient:
    """Puffle's agent-chat API, for ``async`` code.

    Args:
        api_key: the key; None takes `%puffle_login`'s, ``PUFFLE_API_KEY``'s or keyring's.
        base_url: the address; None takes ``PUFFLE_BASE_URL``, ``PUFFLE_API_BASE_URL`` or
            ``https://app.puffle.ai``.
        deadline: seconds for one whole poll: waiting for one of the 100 connections, at most half of it,
            and then connect, headers and body together.
        body_limit: bytes an answer may have, on the wire and decoded; a larger one is refused without
            being collected first, and asked for again.
        verify: an `ssl.SSLContext` with your own certificates; None takes ``SSL_CERT_FILE``'s or
            ``SSL_CERT_DIR``'s, else the operating system's. Checking cannot be turned off.
        transport: an httpx transport, for tests.

    Raises:
        MissingApiKey, InvalidApiKey, InvalidSetting: before anything is sent.

    >>> async with AsyncPuffleClient() as client:      # doctest: +SKIP
    ...     run = await client.get_run("run_abc")
    """

    def __init__(
        self,
        api_key: str | ApiKey | None = None,
        base_url: str | None = None,
        *,
        deadline: float = DEFAULT_DEADLINE,
        body_limit: int = DEFAULT_BODY_LIMIT,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        api_key = guarded(api_key)  # type: ignore[assignment]
        self._account = Account.find(api_key, base_url)  # type: ignore[arg-type]
        check_verify(verify)
        self._deadline = check_deadline(deadline)
        self._body_limit = check_body_limit(body_limit)
        self._verify = verify
        self._transport = transport
        # httpx's connections belong to the event loop that opened them: a client may be used on the
        # user's own loop and by a watch at the same time.
        self._open: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Connections] = (
            weakref.WeakKeyDictionary()
        )

    @property
    def base_url(self) -> str:
        """The address in its canonical form, without a trailing slash."""
        return self._account.base_url

    async def get_run(self, run_id: str) -> Run:
        """Ask for a run once: ``GET /api/agent/chat/{runId}``. Nothing is retried here.

        Raises:
            InvalidRunId: before anything is sent.
            ResponseError: one of its subclasses, by the status code.
            ConnectionFailed: no answer within the deadline.
        """
        check_run_id(run_id)
        address = f"{self.base_url}/api/agent/chat/{run_id}"
        with without_context():
            connections = await self._connections()
            return read_run(run_id, await self._exchange(connections, address))

    async def start_chat(
        self,
        message: str,
        *,
        history: Iterable[Mapping[str, str]] | None = None,
        conversation_id: str | None = None,
    ) -> StartedRun:
        """Start a chat: ``POST /api/agent/chat``. The request is sent once, whatever becomes of it.

        Args:
            message: what Puffle is to do; not empty.
            history: earlier turns of a new conversation, ``{"role": "user" | "assistant", "content": text}``.
            conversation_id: the conversation to go on with, a UUID; None begins a new one.

        Raises:
            InvalidMessage, InvalidConversationId: before anything is sent.
            ResponseError: one of its subclasses, by the status code: nothing was started.
            ConnectionFailed: no connection came about: nothing was started.
            StartNotConfirmed: the request was sent, and no usable answer came: the chat may have started.
        """
        body = start_body(message, history, conversation_id)
        conversation = None if conversation_id is None else check_conversation_id(conversation_id)
        with without_context():
            answer = await self._start(body, conversation)
            return read_started(answer, message, conversation, self.base_url)

    async def _start(self, body: bytes, conversation: str | None) -> Answer:
        connections = await self._connections()
        age = ConnectionAge()
        try:
            return await self._exchange(connections, f"{self.base_url}/api/agent/chat", body, age)
        except ResponseError as error:  # the answer came, and cannot be read
            raise unconfirmed(str(error).rstrip("."), conversation) from None
        except ConnectionFailed as error:
            if not age.nothing_was_sent:
                raise unconfirmed(f"No answer from Puffle ({error.short})", conversation) from None
            raise

    def stream_chat(
        self,
        message: str,
        *,
        history: Iterable[Mapping[str, str]] | None = None,
        conversation_id: str | None = None,
    ) -> ChatStream:
        """Ask, and follow the answer live: ``POST /api/agent/chat/stream``, sent once when iteration begins.

        Puffle ends every stream after 120 s, finished or not, and ends the agent when the connection is lost:
        `start_chat` and polling survive both.

        Args:
            message: what Puffle is to do; not empty.
            history: the conversation so far, ``{"role": "user" | "assistant", "content": text}``.
            conversation_id: the conversation to go on with, a UUID; None begins a new one.

        Returns:
            An async iterator of `Transcript`: everything so far, at most ten times a second, at last all.

        Raises:
            InvalidMessage, InvalidConversationId: before anything is sent.
            ResponseError: from the iteration; one of its subclasses, by the status code: nothing was started.
            ConnectionFailed: from the iteration; no connection came about: nothing was started.
            StartNotConfirmed: from the iteration; the request was sent, and no stream came.
            StreamUnfinished: from the iteration, after the last transcript: it ended before its answer did.
        """
        messages = ui_messages(message, history)
        conversation = None if conversation_id is None else check_conversation_id(conversation_id)
        body = stream_body(messages, conversation)
        return ChatStream(
            lambda: self._streamed(body, message, conversation),
            message,
            messages[-1],
            conversation,
            limit=self._body_limit,
            cut=self._cut,
        )

    async def open_answer(
        self,
        messages: Sequence[JsonValue],
        *,
        message: str,
        conversation_id: str | None = None,
        approval_response: Mapping[str, object] | None = None,
    ) -> OpenAnswer:
        """Send UI messages, by one request, and return when the answer begins; the caller closes it.

        Args:
            messages: the conversation so far, each message as the AI SDK has it.
            message: the user's last one as text; no error repeats it.
            conversation_id: the conversation to go on with, a UUID; None begins a new one.
            approval_response: what was decided about a call in ``messages`` that waits.

        Raises:
            ResponseError, ConnectionFailed, StartNotConfirmed: see `stream_chat`.
        """
        conversation = None if conversation_id is None else check_conversation_id(conversation_id)
        body = stream_body(messages, conversation, approval_response)
        async with contextlib.AsyncExitStack() as stack:
            opened = await stack.enter_async_context(self._streamed(body, message, conversation))
            return OpenAnswer(opened, stack.pop_all(), limit=self._body_limit, cut=self._cut)

    def _streamed(self, body: bytes, message: str, conversation_id: str | None) -> StreamExchange:
        """The POST that begins a stream, to be sent once; its answer is closed in the end."""
        asking = StreamRequest(self.base_url, body, message, conversation_id)
        return StreamExchange(self._connections, asking, self._account.api_key)

    def _cut(self, content: bytes) -> bytes:
        return self._account.api_key.cut_from_bytes(content)

    def without_key_in(self, value: JsonValue) -> JsonValue:
        """``value`` without this client's key; the same object when it is not in it."""
        encoded = self._cut(value.encoded)
        return value if encoded == value.encoded else JsonValue(encoded)

    def without_key(self, text: str) -> str:
        """``text`` without this client's key, should somebody have echoed it."""
        return self._account.api_key.cut_from(text)

    async def aclose(self) -> None:
        """Close the connections. The client can be used again, and opens new ones."""
        connections = self._open.pop(asyncio.get_running_loop(), None)
        if connections is not None:
            await connections.aclose()

    async def __aenter__(self) -> AsyncPuffleClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        # A traceback may show a client whose making was refused, and which has no address.
        return f"{type(self).__name__}(base_url={getattr(self, 'base_url', None)!r})"

    async def _connections(self) -> Connections:
        loop = asyncio.get_running_loop()
        connections = self._open.get(loop)
        if connections is None:
            for closed in [known for known in self._open if known.is_closed()]:
                del self._open[closed]
            connections = open_connections(self._account, self._verify, self._transport)
            self._open[loop] = connections
            await connections.end_with_loop()
        return connections

    async def _exchange(
        self,
        connections: Connections,
        address: str,
        body: bytes | None = None,
        age: ConnectionAge | None = None,
    ) -> Answer:
        """Ask at ``address`` under one deadline: a dripped body outlives httpx's own, which are per read.

        With a ``body`` it is a POST, of which ``age`` notes whether anything was sent.

        The deadline begins when the request has a slot. To wait for one is to wait for ourselves: it is no
        failure, and each request that has one gives it back within its own deadline.
        """
        import httpx

        await connections.slots.acquire()
        try:
            async with asyncio.timeout(self._deadline):
                return await self._receive(connections, address, body, age or ConnectionAge())
        except ResponseError as error:
            # Without the frames below: `%xmode Verbose` prints locals, here what the server sent.
            raise error.with_traceback(None) from None
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout):
            failed = connections.route.failure(f"no whole answer within {self._deadline:g} s")
        except Exception as error:  # of httpx, of the system, of the package that speaks SOCKS
            failed = connections.route.explain(error)
        finally:
            connections.slots.release()
        raise failed from None

    async def _receive(
        self, connections: Connections, address: str, body: bytes | None, age: ConnectionAge
    ) -> Answer:
        response = await send(connections, address, age, body)
        try:
            key = self._account.api_key
            headers = {name.lower(): key.cut_from(value) for name, value in response.headers.items()}
            content = await content_of(response, headers, self._body_limit)
            # A server may echo the key: cut out here, it gets into no run, error, repr or file.
            return Answer(response.status_code, headers, key.cut_from_bytes(content))
        finally:
            await response.aclose()
