"""`PuffleClient`: the client for ordinary code, a facade on the background loop."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from ..background.loop import poll_loop
from ..run import Run
from ..run_data import check_run_id
from .blocking_stream import BlockingChatStream, refuse_on_poll_thread
from .client import AsyncPuffleClient
from .closes import Closes
from .credentials import ApiKey, guarded
from .options import DEFAULT_BODY_LIMIT, DEFAULT_DEADLINE
from .start import MAY_HAVE_STARTED, StartedRun, check_history, start_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx


class PuffleClient(Closes):
    """`AsyncPuffleClient` for ordinary code: every call runs on the background loop and is waited for.

    Takes the arguments of `AsyncPuffleClient`.

    >>> with PuffleClient() as client:                 # doctest: +SKIP
    ...     print(client.get_run("run_abc").status)
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
        self.asynchronous = AsyncPuffleClient(
            api_key,
            base_url,
            deadline=deadline,
            body_limit=body_limit,
            verify=verify,
            transport=transport,
        )

    @property
    def base_url(self) -> str:
        """The address that requests are sent to."""
        return self.asynchronous.base_url

    def get_run(self, run_id: str) -> Run:
        """Ask for a run once; see `AsyncPuffleClient.get_run`."""
        check_run_id(run_id)
        refuse_on_poll_thread()
        return poll_loop.run(self.asynchronous.get_run(run_id))

    def start_chat(
        self,
        message: str,
        *,
        history: Iterable[Mapping[str, str]] | None = None,
        conversation_id: str | None = None,
    ) -> StartedRun:
        """Start a chat, by one request; see `AsyncPuffleClient.start_chat`.

        Raises:
            KeyboardInterrupt: Ctrl-C, with words that say that the chat may have started.
        """
        turns = None if history is None else check_history(history)
        start_body(message, turns, conversation_id)
        refuse_on_poll_thread()
        starting = self.asynchronous.start_chat(message, history=turns, conversation_id=conversation_id)
        try:
            return poll_loop.run(starting)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"stopped waiting for Puffle's answer: {MAY_HAVE_STARTED}") from None

    def stream_chat(
        self,
        message: str,
        *,
        history: Iterable[Mapping[str, str]] | None = None,
        conversation_id: str | None = None,
    ) -> BlockingChatStream:
        """Ask, and follow the answer live, by one request; see `AsyncPuffleClient.stream_chat`.

        Args:
            message: what Puffle is to do; not empty.
            history: the conversation so far, ``{"role": "user" | "assistant", "content": text}``.
            conversation_id: the conversation to go on with, a UUID; None begins a new one.

        Returns:
            An iterator of `Transcript`: everything so far, at most ten times a second, at last all. Leaving
            it early closes the connection, and Puffle then ends the agent.

        Raises:
            InvalidMessage, InvalidConversationId: before anything is sent.
            ResponseError, ConnectionFailed, StartNotConfirmed, StreamUnfinished: from the iteration; see
                `AsyncPuffleClient.stream_chat`.
            KeyboardInterrupt: from the iteration; Ctrl-C, which closes the connection.

        >>> for transcript in client.stream_chat("Find fintech founders"):    # doctest: +SKIP
        ...     print(transcript.messages[-1].parts[-1])
        """
        stream = self.asynchronous.stream_chat(message, history=history, conversation_id=conversation_id)
        return BlockingChatStream(stream)

    def close(self) -> None:
        """Close the connections. The client can be used again, and opens new ones."""
        refuse_on_poll_thread()
        if poll_loop.running:
            poll_loop.run(self.asynchronous.aclose())

    def __repr__(self) -> str:
        return f"PuffleClient(base_url={getattr(self, 'base_url', None)!r})"
