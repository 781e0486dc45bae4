"""The tool calls of a message that is being streamed: which call a chunk is about, and what it changes."""

from __future__ import annotations

from collections.abc import Callable

from ..json_value import JsonValue
from .stream_chunk import Chunk, Key, key_of
from .stream_parts import CallInProgress, StreamedPart, WholePart, object_of


class StreamedCalls:
    """All calls of one message.

    Args:
        append: puts a part at the end of the message.

    Attributes:
        step: a number of the step that is going on; ids of calls may be used again in the next.
    """

    def __init__(self, append: Callable[[StreamedPart], None]) -> None:
        self.step = 0
        self._append = append
        self._calls: dict[Key, list[CallInProgress]] = {}
        self._approvals: dict[Key, CallInProgress] = {}

    def take(self, chunk: Chunk) -> bool:
        """Take a chunk; whether it is about a call that is known, or begins one."""
        take = _TAKES.get(chunk.type)
        return take is not None and take(self, chunk)

    def register(self, call: CallInProgress) -> CallInProgress:
        """Know ``call`` under its id, and under the id of its approval."""
        call.step = self.step
        if (id := call["toolCallId"]) is not None:
            self._calls.setdefault(key_of(id), []).append(call)
        approval = call["approval"]
        asked = None if approval is None else approval.members().get("id")
        if asked is not None:
            self._approvals[key_of(asked)] = call
        return call

    def state_of(self, call_id: str) -> str:
        """The state of the call that began last under this id; "" when there is none."""
        known = [call for call in self._calls.get(call_id, []) if not call.removed]
        return known[-1].state if known else ""

    def _call(self, chunk: Chunk) -> CallInProgress | None:
        """The call that a chunk is about: the one that began last under its id."""
        key = chunk.key("toolCallId")
        known = [] if key is None else self._calls.get(key, [])
        while known and known[-1].removed:
            known.pop()
        return known[-1] if known else None

    def _in_step(self, chunk: Chunk) -> CallInProgress | None:
        """The call of this step whose arguments a chunk is about."""
        call = self._call(chunk)
        return call if call is not None and call.step == self.step else None

    def _input_start(self, chunk: Chunk) -> bool:
        return self._began(chunk) is not None

    def _began(self, chunk: Chunk) -> CallInProgress | None:
        """The call that a chunk with a tool's name is about: one that is known, or a new one."""
        name, call_id = chunk.text("toolName"), chunk.some("toolCallId")
        if name is None or call_id is None:
            return None
        call = self._in_step(chunk)
        if call is None or call.name != name or call.state != "input-streaming":
            call = CallInProgress.of(name, call_id, dynamic=chunk.is_true("dynamic"))
            self._append(self.register(call))
        call.set("input-streaming", **_facts(chunk), callProviderMetadata=chunk.some("providerMetadata"))
        return call

    def _input_delta(self, chunk: Chunk) -> bool:
        call, text = self._in_step(chunk), chunk.text("inputTextDelta")
        if call is None or text is None or call.state != "input-streaming":
            return False
        call.write_input(text)
        return True

    def _input_available(self, chunk: Chunk) -> bool:
        given, known = chunk.fields.get("input"), self._in_step(chunk)
        if known is not None and known["input"] is not None and known["input"] == given:
            return True  # said twice
        call = self._began(chunk)
        if call is None:
            return False
        call.set("input-available", input=given)
        return True

    def _input_error(self, chunk: Chunk) -> bool:
        call = self._began(chunk)
        if call is None:
            return False
        given = chunk.fields.get("input")
        call.set("output-error", **({"input": given} if call.is_dynamic else {"rawInput": given}))
        call.set(errorText=chunk.fields.get("errorText"))
        return True

    def _output(self, chunk: Chunk) -> bool:
        """A result or an error: the last one is the call's; an earlier final one is kept as a part."""
        call = self._call(chunk)
        if call is None:
            return False
        failed = chunk.type == "tool-output-error"
        name = "errorText" if failed else "output"
        value = chunk.fields.get(name)
        if _was_final(call) and chunk.is_true("preliminary"):
            return call[name] == value  # it comes too late to be the call's
        if value is not None:
            self._keep_earlier(call, name, value)
            call.drop("output", "errorText", "preliminary")
        call.set(
            "output-error" if failed else "output-available",
            **{name: value},
            **_facts(chunk),
            preliminary=chunk.some("preliminary"),
            resultProviderMetadata=chunk.some("providerMetadata"),
        )
        return True

    def _keep_earlier(self, call: CallInProgress, name: str, value: JsonValue) -> None:
        if not _was_final(call):
            return
        earlier = {known: call[known] for known in ("output", "errorText") if call[known] is not None}
        if earlier and earlier != {name: value}:
            about = {"type": JsonValue.of("earlier result"), "toolCallId": call["toolCallId"]}
            self._append(WholePart(object_of((about | earlier).items())))

    def _output_denied(self, chunk: Chunk) -> bool:
        call = self._call(chunk)
        if call is None or _was_final(call):
            return False
        call.set("output-denied")
        return True

    def _approval_request(self, chunk: Chunk) -> bool:
        call, approval_id = self._call(chunk), chunk.some("approvalId")
        if call is None or _was_final(call):
            return False
        automatic = chunk.some("isAutomatic") if chunk.is_true("isAutomatic") else None
        approval = [("id", approval_id), ("isAutomatic", automatic), ("signature", chunk.some("signature"))]
        call.set("approval-requested", approval=object_of(approval))
        if approval_id is not None:
            self._approvals[key_of(approval_id)] = call
        return True

    def _approval_response(self, chunk: Chunk) -> bool:
        key = chunk.key("approvalId")
        call = None if key is None else self._approvals.get(key)
        if call is None or call.removed or _was_final(call):
            return False
        asked = call["approval"]
        told = {} if asked is None else asked.members()
        answer = {name: chunk.some(name) for name in ("approved", "reason")}
        approval = {"id": chunk.some("approvalId"), **answer}
        approval |= {name: told.get(name) for name in ("isAutomatic", "signature")}
        metadata = chunk.some("providerMetadata")
        call.set("approval-responded", approval=object_of(approval.items()), **_facts(chunk))
        call.set(callProviderMetadata=metadata)
        return True


def _facts(chunk: Chunk) -> dict[str, JsonValue | None]:
    """What any chunk of a call may say of it."""
    return {name: chunk.some(name) for name in ("title", "toolMetadata", "providerExecuted")}


def _was_final(call: CallInProgress) -> bool:
    """Whether the call has a result or an error that no other may take the place of."""
    preliminary = call["preliminary"]
    return call.state in ("output-available", "output-error") and (
        preliminary is None or preliminary.encoded != b"true"
    )


_TAKES: dict[str, Callable[[StreamedCalls, Chunk], bool]] = {
    "tool-input-start": StreamedCalls._input_start,
    "tool-input-delta": StreamedCalls._input_delta,
    "tool-input-available": StreamedCalls._input_available,
    "tool-input-error": StreamedCalls._input_error,
    "tool-output-available": StreamedCalls._output,
    "tool-output-error": StreamedCalls._output,
    "tool-output-denied": StreamedCalls._output_denied,
    "tool-approval-request": StreamedCalls._approval_request,
    "tool-approval-response": StreamedCalls._approval_response,
}
