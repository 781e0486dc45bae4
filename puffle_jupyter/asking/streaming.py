"""A message whose answer is streamed: the request that opens the stream, and the watch that follows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from ..client.answer_stream import OpenAnswer
from ..client.client import AsyncPuffleClient
from ..client.start import StartedRun
from ..client.stream_request import ui_messages
from ..errors import PuffleError, StartNotConfirmed
from ..json_value import JsonValue
from ..run_data import RunId, RunStatus
from ..watching.approvals import Decision
from ..watching.registry import registry
from ..watching.snapshot import WatchPhase, WatchSnapshot
from ..watching.streamed_run import stream_name
from ..watching.streaming import StreamSource
from ..watching.watch import RunWatch


class StreamedTurn:
    """One message that is asked with a stream, from its request to its watch.

    Args:
        client: sends the requests.
        message: what Puffle is to do.
        history: the turns before it that are known here.
        conversation_id: the conversation to go on with; None begins a new one.
    """

    def __init__(
        self,
        client: AsyncPuffleClient,
        message: str,
        history: Sequence[Mapping[str, str]],
        conversation_id: str | None,
    ) -> None:
        self._client = client
        self._message = message
        self._messages = ui_messages(message, history)
        self._conversation_id = conversation_id
        self._answer: OpenAnswer | None = None

    async def start(self) -> StartedRun:
        """Send the message, by one request; returns when Puffle begins to answer.

        Raises:
            ResponseError, ConnectionFailed: nothing was started.
            StartNotConfirmed: the request was sent, and no stream came.
        """
        self._answer = await self._client.open_answer(
            self._messages, message=self._message, conversation_id=self._conversation_id
        )
        self._conversation_id = self._answer.conversation_id or self._conversation_id
        name = stream_name(self._conversation_id, None)
        return StartedRun(RunId(name), RunStatus.RUNNING, self._conversation_id)

    def watch(self, turn: int | None) -> RunWatch:
        """The watch that follows the answer, once it has begun; the registry knows it.

        Args:
            turn: the number of the message in its conversation; None when it is not known.
        """
        assert self._answer is not None
        name = stream_name(self._conversation_id, turn)
        if registry.is_live(self._client, name):  # a server that gives two conversations one id
            name = stream_name(self._conversation_id, None)
        snapshot = WatchSnapshot(
            name,
            WatchPhase.WATCHING,
            RunStatus.RUNNING,
            RunStatus.RUNNING.value,
            started_at=time.monotonic(),
            is_stream=True,
        )
        source = StreamSource(
            snapshot,
            self._answer,
            self._go_on,
            time.monotonic,
            asyncio.sleep,
            cut=self._client.without_key_in,
            asked=self._message,
            conversation_id=self._conversation_id,
        )
        return registry.add(RunWatch(snapshot, source, self._client, at_end=registry.ended))

    async def _go_on(self, said: JsonValue, decision: Decision) -> OpenAnswer:
        """Send a decision, by one request. Source: docs.puffle.ai, "Stream agent chat", tool approval."""
        response = {"toolCallId": decision.call.id, "approved": decision.approved}
        verdict = "approval" if decision.approved else "denial"
        try:
            return await self._client.open_answer(
                [*self._messages, said],
                message=self._message,
                conversation_id=self._conversation_id,
                approval_response=response,
            )
        except StartNotConfirmed as error:
            raise PuffleError(
                f"The {verdict} of {decision.call.name} was sent once, and it is not known whether it "
                f"arrived ({error.short or 'no usable answer'})"
            ) from None
        except PuffleError as error:
            raise PuffleError(
                f"The {verdict} of {decision.call.name} did not arrive, and nothing was done for it: {error}"
            ) from None
