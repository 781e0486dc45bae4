"""From the chunks of a UI message stream to the UI message that they build: pure, and never raises.

The AI SDK's stream, versions 5 to 7 (npm ``ai``, ``readUIMessageStream``); for every recorded stream the
message is the SDK's own. Where the SDK gives up, on a chunk that fits nothing, the chunk becomes a part of
the message instead, which every view shows as labelled JSON: nothing that was sent is lost.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable

from ..errors import InvalidRunId
from ..json_value import JsonKind, JsonValue
from ..run_data import RunId, check_run_id
from .preview import LAST_CHARACTERS, LAST_PARTS, Preview
from .stream_calls import StreamedCalls
from .stream_chunk import Chunk, Key, plain_delta
from .stream_metadata import merged
from .stream_parts import CallInProgress, StreamedPart, TextInProgress, WholePart, object_of

DONE = "[DONE]"
"""The data of the event that is no chunk: it says that the stream was sent to its end."""


class StreamEnd(enum.Enum):
    """How a stream ended, as far as its events tell."""

    OPEN = "open"
    """Nothing said that it ended."""
    FINISHED = "finished"
    """By ``finish``, or by `DONE`: a server may be set to send no ``finish`` (``sendFinish: false``)."""
    ABORTED = "aborted"
    FAILED = "failed"


class StreamedMessage:
    """Builds one message of the assistant, chunk by chunk.

    Args:
        base: the message that the stream goes on with, after an approval; None begins a new one.

    Attributes:
        end: how the stream ended, as far as is known.
        errors: the texts of all ``error`` chunks.
        abort_reason: why it was aborted, where that was said.
        finish_reason: why the model stopped, where that was said.
        run_id: the id of the run, should the server name it in the metadata or in data of its own.

    >>> message = StreamedMessage()
    >>> for data in ('{"type":"text-start","id":"0"}', '{"type":"text-delta","id":"0","delta":"Hello"}'):
    ...     message.add(data)
    >>> message.json().members()["parts"].compact()
    '[{"type":"text","text":"Hello","state":"streaming"}]'
    """

    def __init__(self, base: JsonValue | None = None) -> None:
        self.end = StreamEnd.OPEN
        self.errors: list[str] = []
        self.abort_reason: str | None = None
        self.finish_reason: str | None = None
        self.run_id: RunId | None = None
        self._envelope = {"id": JsonValue.of(""), "role": JsonValue.of("assistant")}
        self._metadata: JsonValue | None = None
        self._parts: list[StreamedPart] = []
        self._step_start = 0
        self._writing: dict[tuple[str, Key | None], TextInProgress] = {}
        self._calls = StreamedCalls(self._append)
        self._data: dict[tuple[str, Key], WholePart] = {}
        if base is not None:
            self._go_on_with(base)

    def add(self, data: str) -> None:
        """Take the data of the next event."""
        if data == DONE:
            self._end_as(StreamEnd.FINISHED)
            return
        delta = plain_delta(data)
        if delta is not None and (part := self._writing.get((delta.kind, delta.id))) is not None:
            part.add(delta.delta, None)
            return
        chunk = Chunk.read(data)
        take = _TAKES.get(chunk.type, StreamedMessage._other)
        if not (self._calls.take(chunk) or take(self, chunk)):
            self._keep(chunk)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the message has come."""
        return not self._parts

    @property
    def metadata(self) -> JsonValue | None:
        """The message's metadata; None without any."""
        return self._metadata

    def call_state(self, call_id: str) -> str:
        """How far the call is that began last under this id, in the SDK's words; "" when there is none."""
        return self._calls.state_of(call_id)

    def awaits(self, call_id: str) -> bool:
        """Whether the call that began last under this id waits for a decision."""
        return self.call_state(call_id) == "approval-requested"

    def preview(self) -> Preview:
        """The end of the message as it is now; what that costs does not depend on its length."""
        last = self._parts[-LAST_PARTS:]
        return Preview(tuple(part.ending(LAST_CHARACTERS) for part in last), len(self._parts) - len(last))

    def json(self) -> JsonValue:
        """The message as it is now, as the AI SDK's chat front ends keep it."""
        envelope = self._envelope
        before = [("id", envelope["id"]), ("metadata", self._metadata), ("role", envelope["role"])]
        after = [(key, value) for key, value in envelope.items() if key not in ("id", "role")]
        pieces = [object_of(before).encoded[:-1], b',"parts":[']  # joined once: parts may be large
        for number, part in enumerate(self._parts):
            pieces += (b"," if number else b"", part.json().encoded)
        pieces += (b"]", b"," if after else b"", object_of(after).encoded[1:])
        return JsonValue(b"".join(pieces))

    def _go_on_with(self, base: JsonValue) -> None:
        for key, value in base.members().items():
            if key == "metadata":
                self._metadata = None if value.is_null else value
            elif key != "parts":
                self._envelope[key] = value
        for raw in base.members().get("parts", JsonValue.of([])).items():
            fields = raw.members()
            kind = (fields["type"].string if "type" in fields else None) or ""
            part: StreamedPart = WholePart(raw)
            if "toolCallId" in fields and (kind == "dynamic-tool" or kind.startswith("tool-")):
                part = self._calls.register(CallInProgress(fields))
            self._append(part)
            if kind == "step-start":
                self._begin_step()

    def _append(self, part: StreamedPart) -> None:
        self._parts.append(part)

    def _keep(self, chunk: Chunk) -> None:
        """Keep a chunk that fits nothing as a part of its own, unless it says nothing."""
        if chunk.carries_something:
            self._append(WholePart(chunk.raw))

    def _other(self, chunk: Chunk) -> bool:
        if not chunk.type.startswith("data-") or "data" not in chunk.fields:
            return False
        self._look_for_run(chunk.fields["data"])
        if chunk.is_true("transient"):  # sent for the moment: no message has it
            return True
        key = chunk.key("id")
        known = None if key is None else self._data.get((chunk.type, key))
        if known is not None and not known.removed:
            known.replace("data", chunk.fields["data"])
            return True
        part = WholePart(chunk.raw)
        if key is not None:
            self._data[chunk.type, key] = part
        self._append(part)
        return True

    def _look_for_run(self, value: JsonValue) -> None:
        named = value.members().get("runId")
        if self.run_id is None and named is not None:
            with contextlib.suppress(InvalidRunId):
                self.run_id = check_run_id(named.string)

    # ---- text and reasoning -------------------------------------------------------------------------------

    def _text_start(self, chunk: Chunk) -> bool:
        kind = chunk.type.partition("-")[0]
        self._begin(kind, chunk).add("", chunk.some("providerMetadata"))
        return True

    def _begin(self, kind: str, chunk: Chunk) -> TextInProgress:
        part = TextInProgress(kind, chunk.some("id") if kind == "reasoning" else None)
        self._writing[kind, chunk.key("id")] = part
        self._append(part)
        return part

    def _text_delta(self, chunk: Chunk) -> bool:
        kind, delta = chunk.type.partition("-")[0], chunk.text("delta")
        if delta is None:
            return False
        part = self._writing.get((kind, chunk.key("id"))) or self._begin(kind, chunk)
        part.add(delta, chunk.some("providerMetadata"))
        return True

    def _text_end(self, chunk: Chunk) -> bool:
        part = self._writing.pop((chunk.type.partition("-")[0], chunk.key("id")), None)
        if part is not None:
            part.end(chunk.some("providerMetadata"))
        return True

    # ---- steps and the message ----------------------------------------------------------------------------

    def _start_step(self, chunk: Chunk) -> bool:
        self._append(WholePart(JsonValue(b'{"type":"step-start"}')))
        self._begin_step()
        return True

    def _begin_step(self) -> None:
        self._step_start = self._calls.step = len(self._parts)

    def _finish_step(self, chunk: Chunk) -> bool:
        self._writing.clear()
        return True

    def _reset_step(self, chunk: Chunk) -> bool:
        """The server begins the step again: what came of it so far is no part of the message."""
        self._writing.clear()
        for part in self._parts[self._step_start :]:
            part.removed = True
        del self._parts[self._step_start :]
        return True

    def _about_message(self, chunk: Chunk) -> bool:
        if (id := chunk.some("messageId")) is not None and id.kind is JsonKind.STRING:
            self._envelope["id"] = id
        if (metadata := chunk.some("messageMetadata")) is not None:
            self._metadata = merged(self._metadata, metadata)
            self._look_for_run(metadata)
        if chunk.type == "finish":
            self.finish_reason = chunk.text("finishReason")
            self._end_as(StreamEnd.FINISHED)
        return True

    def _abort(self, chunk: Chunk) -> bool:
        self.abort_reason = chunk.text("reason")
        self._end_as(StreamEnd.ABORTED)
        return True

    def _error(self, chunk: Chunk) -> bool:
        text = chunk.text("errorText")
        self.errors.append(chunk.raw.compact() if text is None else text)
        self._end_as(StreamEnd.FAILED)
        return True

    def _end_as(self, end: StreamEnd) -> None:
        """An error is followed by ``finish``, which does not undo it; nor does it undo an abort."""
        if self.end in (StreamEnd.OPEN, StreamEnd.FINISHED):
            self.end = end


_TAKES: dict[str, Callable[[StreamedMessage, Chunk], bool]] = {
    "text-start": StreamedMessage._text_start,
    "text-delta": StreamedMessage._text_delta,
    "text-end": StreamedMessage._text_end,
    "reasoning-start": StreamedMessage._text_start,
    "reasoning-delta": StreamedMessage._text_delta,
    "reasoning-end": StreamedMessage._text_end,
    "start-step": StreamedMessage._start_step,
    "finish-step": StreamedMessage._finish_step,
    "reset-step": StreamedMessage._reset_step,
    "start": StreamedMessage._about_message,
    "finish": StreamedMessage._about_message,
    "message-metadata": StreamedMessage._about_message,
    "abort": StreamedMessage._abort,
    "error": StreamedMessage._error,
}
