"""The outline of a run: what every view agrees on, decided here once.

Which messages there are and which of them is the answer, what each part becomes, which calls no message
mentions. A renderer walks it and turns blocks into its own notation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..run_data import RunData, RunStatus
from ..transcript.answer import Answer, answer_of
from ..transcript.ledger import without_marks
from ..transcript.model import (
    DataPart,
    FilePart,
    Message,
    NotePart,
    Part,
    ReasoningPart,
    SourcePart,
    StatePart,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolCallState,
    ToolResultPart,
    Transcript,
    UnknownPart,
    Usage,
)
from ..transcript.read import read, unmentioned_calls
from .answer_part import AnswerPart, answer_marked
from .blocks import (
    AnswerAbove,
    Block,
    Call,
    Facts,
    FactsKind,
    FurtherCalls,
    LabelledJson,
    OutlinedMessage,
    Prose,
    Reasoning,
    ResultElsewhere,
    State,
)
from .deeds import Deeds, deeds_of
from .detail import Detail
from .gather import gathered
from .words import (
    OF_NO_MESSAGE,
    call_title,
    calls_words,
    count_words,
    ledger_words,
    run_sentence,
    transcript_words,
)

_SHORT_CALLS = 12
"""Calls that the short form names one by one, whatever came of them."""
_EDGE_CALLS = 3
"""Of more calls: the first and the last ones, between which are those that did not succeed."""


@dataclass(frozen=True)
class Outline:
    """A run as a list of things to show, in this order.

    Attributes:
        sentence: how the run ended, where its text does not say it; "" otherwise.
        error: why it failed; "" otherwise. Untrusted.
        answer: the final text.
        transcript: what the messages are from: all of it, or what the detail leaves of it. The texts that
            say the final text once more are `AnswerPart`s.
        others: the calls that no message mentions, shown after the messages.
        calls: all calls of the run, whatever the detail.
        left_out: what the detail leaves out, and what has it; "" when it is nothing.
        detail: how much is shown.
    """

    sentence: str
    error: str
    answer: Answer
    transcript: Transcript
    others: tuple[ToolCall, ...]
    calls: tuple[ToolCall, ...] = ()
    left_out: str = ""
    detail: Detail = Detail.FULL

    def deeds(self) -> Deeds:
        """What the run did with its tools, in a line: shown below the answer."""
        return deeds_of(self.calls)

    def others_title(self) -> str:
        """The heading of `others`."""
        return calls_words(self.others) + (OF_NO_MESSAGE if self.transcript.messages else "")

    def messages(self) -> Iterator[OutlinedMessage]:
        """The messages, one after the other, without those that are shown with their calls."""
        outlined = outlined_messages(self.transcript)
        return (message for message in outlined if not message.only_results)

    @property
    def message_count(self) -> int:
        """How many messages `messages` stands for."""
        return messages_shown(self.transcript)

    def ledger(self) -> str:
        """The count of all parts, for a view that shows everything but internal state; "" without parts."""
        ledger = self.transcript.ledger
        is_whole = not (self.left_out or self.answer.state or _has_state(self.transcript))
        return ledger_words(ledger, is_whole=is_whole) if ledger.received else ""


def outline_of(run: RunData, detail: Detail = Detail.FULL) -> Outline:
    """The outline of ``run``, as much of it as ``detail`` says."""
    whole = read(run.body)
    answer = answer_of(run, whole)
    shown = _of_detail(answer_marked(whole, answer), detail)
    error = run.error if run.status is RunStatus.FAILED else None
    others = tuple(unmentioned_calls(shown.messages, shown.tool_calls))
    left_out = _left_out(whole, detail)
    return Outline(run_sentence(run), error or "", answer, shown, others, whole.tool_calls, left_out, detail)


def _of_detail(whole: Transcript, detail: Detail) -> Transcript:
    match detail:
        case Detail.FULL:
            return whole
        case Detail.ANSWER:
            return Transcript()
        case Detail.CALLS:
            return Transcript((), whole.tool_calls, whole.ledger)
        case Detail.COMPACT:
            asked = [message for message in whole.messages if message.role == "user"]
            texts = [replace(message, parts=_texts(message)) for message in asked]
            return Transcript(tuple(message for message in texts if message.parts), whole.tool_calls)


def _texts(message: Message) -> tuple[Part, ...]:
    return tuple(part for part in message.parts if isinstance(part, TextPart))


def _left_out(whole: Transcript, detail: Detail) -> str:
    """What ``detail`` leaves out of ``whole``."""
    messages, calls = messages_shown(whole), whole.tool_calls
    match detail:
        case Detail.ANSWER if messages or calls:
            said = transcript_words(messages, calls)
        case Detail.CALLS if messages:
            said = count_words(messages, "message")
        case Detail.COMPACT if messages or calls:
            said = "what the agent said before its answer, and the whole arguments and results of its calls"
        case _:
            return ""
    return f"Left out here: {said}; run.to_html() and run.to_markdown() have all of it."


def outlined_messages(transcript: Transcript) -> Iterator[OutlinedMessage]:
    """The messages of ``transcript``."""
    at = 0
    for count, message in gathered(map(without_marks, transcript.messages)):
        is_answer = any(isinstance(part, AnswerPart) for part in message.parts)
        yield OutlinedMessage(message, count, is_answer, carries_only_results(message), (at,))
        at += count


def turns(messages: Iterable[OutlinedMessage]) -> Iterator[OutlinedMessage]:
    """The messages, those that only call tools as one with the message before, if that ends in a call too.

    An agent sends one message for each step; a person reads what it did in a row as one thing.
    """
    first: OutlinedMessage | None = None
    parts: list[Part] = []
    indexes: list[int] = []
    usage: Usage | None = None
    count = 0
    for outlined in messages:
        continues = first is not None and _continues(outlined, first.message.role, parts[-1:])
        if first is not None and not continues:
            yield _joined(first, parts, count, indexes, usage)
            first = None
        if first is None:
            first, parts, count, indexes, usage = outlined, [], 0, [], None
        if (counted := outlined.message.usage) is not None:
            usage = counted if usage is None else usage.plus(counted)
        parts += () if continues and outlined.only_results else outlined.message.parts
        count += outlined.count
        indexes += outlined.indexes
    if first is not None:
        yield _joined(first, parts, count, indexes, usage)


def _continues(outlined: OutlinedMessage, role: str, last: Sequence[Part]) -> bool:
    message = outlined.message
    if not last or not isinstance(last[0], ToolCallPart) or outlined.is_answer:
        return False
    is_calls = bool(message.parts) and all(isinstance(part, ToolCallPart) for part in message.parts)
    return outlined.only_results or (is_calls and message.role == role)


def _joined(
    first: OutlinedMessage,
    parts: Sequence[Part],
    count: int,
    indexes: Sequence[int],
    usage: Usage | None,
) -> OutlinedMessage:
    if count == first.count:
        return first
    message = replace(first.message, parts=tuple(parts), usage=usage)
    return replace(first, message=message, count=count, indexes=tuple(indexes))


def short_calls(calls: Sequence[ToolCall]) -> Iterator[Call | FurtherCalls]:
    """What the short form of a run says of its calls, in their order: each is named or counted.

    Of many, those are named that began and ended the run, and those that did not succeed.
    """
    named = _named_calls(calls)
    passed_over: list[ToolCall] = []
    for at, call in enumerate(calls):
        if at not in named:
            passed_over.append(call)
            continue
        if passed_over:
            yield FurtherCalls(tuple(passed_over))
            passed_over = []
        yield Call(call)
    if passed_over:
        yield FurtherCalls(tuple(passed_over))


def _named_calls(calls: Sequence[ToolCall]) -> set[int]:
    if len(calls) <= _SHORT_CALLS:
        return set(range(len(calls)))
    edges = {*range(_EDGE_CALLS), *range(len(calls) - _EDGE_CALLS, len(calls))}
    unlike = (at for at, call in enumerate(calls) if call.state is not ToolCallState.SUCCEEDED)
    return edges.union(itertools.islice(unlike, _SHORT_CALLS))


def messages_shown(transcript: Transcript) -> int:
    """How many messages are shown as such: one of nothing but results is shown with its calls."""
    return sum(not carries_only_results(message) for message in transcript.messages)


def carries_only_results(message: Message) -> bool:
    """Whether all that ``message`` says is shown with its calls; Anthropic sends it in the role "user"."""
    said = without_marks(message).parts
    return bool(said) and all(isinstance(part, ToolResultPart) for part in said)


def block_of(part: Part) -> Block:
    """What ``part`` is shown as."""
    match part:
        case AnswerPart():
            return AnswerAbove()
        case TextPart():
            return Prose(part.text)
        case ReasoningPart():
            return Reasoning(part.text, part.raw if part.redacted else None)
        case ToolCallPart():
            return Call(part.call)
        case ToolResultPart():
            return ResultElsewhere(call_title(part.call.name))
        case FilePart():
            size = count_words(part.size, "byte") if part.size is not None else ""
            details = tuple(fact for fact in (part.media_type, size) if fact)
            return Facts(FactsKind.FILE, part.name or "", details, part.url)
        case SourcePart():
            return Facts(FactsKind.SOURCE, part.title or "", (part.quote,) if part.quote else (), part.url)
        case NotePart():
            return Facts(FactsKind.NOTE, part.label, (part.text,) if part.text else ())
        case DataPart():
            return LabelledJson(part.label, part.data, is_unknown=False)
        case StatePart():
            return State(part.text)
        case UnknownPart():
            return LabelledJson(part.label, part.raw, is_unknown=True)


def _has_state(transcript: Transcript) -> bool:
    return any(isinstance(part, StatePart) for message in transcript.messages for part in message.parts)
