"""The outline of a run: what every view agrees on, decided here once.

Which messages there are and which of them is the answer, what each part becomes, which calls no message
mentions. A renderer walks it and turns blocks into its own notation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..run_data import RunData, RunStatus
from ..transcript.answer import Answer, answer_of
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
    ToolResultPart,
    Transcript,
    UnknownPart,
    Usage,
)
from ..transcript.read import read, unmentioned_calls
from .blocks import (
    AnswerAbove,
    Block,
    Call,
    Facts,
    FactsKind,
    LabelledJson,
    OutlinedMessage,
    Prose,
    Reasoning,
    ResultElsewhere,
    State,
)
from .gather import gathered
from .words import call_title, count_words, ledger_words, run_sentence


@dataclass(frozen=True)
class Outline:
    """A run as a list of things to show, in this order.

    Attributes:
        sentence: how the run ended, where its text does not say it; "" otherwise.
        error: why it failed; "" otherwise. Untrusted.
        answer: the final text.
        transcript: what the messages are from.
        others: the calls that no message mentions, shown after the messages.
    """

    sentence: str
    error: str
    answer: Answer
    transcript: Transcript
    others: tuple[ToolCall, ...]

    def messages(self) -> Iterator[OutlinedMessage]:
        """The messages, one after the other, without those that are shown with their calls."""
        outlined = outlined_messages(self.transcript, self.answer.message)
        return (message for message in outlined if not message.only_results)

    @property
    def message_count(self) -> int:
        """How many messages `messages` stands for."""
        return messages_shown(self.transcript)

    def ledger(self) -> str:
        """The count of all parts, for a view that shows everything but internal state; "" without parts."""
        ledger = self.transcript.ledger
        is_whole = not (self.answer.state or _has_state(self.transcript))
        return ledger_words(ledger, is_whole=is_whole) if ledger.received else ""


def outline_of(run: RunData) -> Outline:
    """The outline of ``run``."""
    transcript = read(run.body)
    error = run.error if run.status is RunStatus.FAILED else None
    others = tuple(unmentioned_calls(transcript.messages, transcript.tool_calls))
    return Outline(run_sentence(run), error or "", answer_of(run, transcript), transcript, others)


def outlined_messages(transcript: Transcript, answered: int | None) -> Iterator[OutlinedMessage]:
    """The messages of ``transcript``; ``answered`` is the index of the one that is the final answer."""
    at = 0
    for count, message in gathered(transcript.messages):
        yield OutlinedMessage(message, count, count == 1 and at == answered, carries_only_results(message))
        at += count


def turns(messages: Iterable[OutlinedMessage]) -> Iterator[OutlinedMessage]:
    """The messages, those that only call tools as one with the message before, if that ends in a call too.

    An agent sends one message for each step; a person reads what it did in a row as one thing.
    """
    first: OutlinedMessage | None = None
    parts: list[Part] = []
    usage: Usage | None = None
    count = 0
    for outlined in messages:
        continues = first is not None and _continues(outlined, first.message.role, parts[-1:])
        if first is not None and not continues:
            yield _joined(first, parts, count, usage)
            first = None
        if first is None:
            first, parts, count, usage = outlined, [], 0, None
        if (counted := outlined.message.usage) is not None:
            usage = counted if usage is None else usage.plus(counted)
        parts += () if continues and outlined.only_results else outlined.message.parts
        count += outlined.count
    if first is not None:
        yield _joined(first, parts, count, usage)


def _continues(outlined: OutlinedMessage, role: str, last: Sequence[Part]) -> bool:
    message = outlined.message
    if not last or not isinstance(last[0], ToolCallPart) or outlined.is_answer:
        return False
    is_calls = bool(message.parts) and all(isinstance(part, ToolCallPart) for part in message.parts)
    return outlined.only_results or (is_calls and message.role == role)


def _joined(
    first: OutlinedMessage, parts: Sequence[Part], count: int, usage: Usage | None
) -> OutlinedMessage:
    if count == first.count:
        return first
    return replace(first, message=replace(first.message, parts=tuple(parts), usage=usage), count=count)


def messages_shown(transcript: Transcript) -> int:
    """How many messages are shown as such: one of nothing but results is shown with its calls."""
    return sum(not carries_only_results(message) for message in transcript.messages)


def carries_only_results(message: Message) -> bool:
    """Whether all that ``message`` says is shown with its calls; Anthropic sends it in the role "user"."""
    return bool(message.parts) and all(isinstance(part, ToolResultPart) for part in message.parts)


def block_of(part: Part, *, is_answer: bool) -> Block:
    """What ``part`` is shown as. ``is_answer``: the texts of its message are the final answer."""
    match part:
        case TextPart():
            return AnswerAbove() if is_answer else Prose(part.text)
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
