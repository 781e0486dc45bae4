"""When a streamed answer is whole, and what is said of one that is not: the one home of both rules.

The events decide. ``finish``, ``abort`` and ``error`` say how the answer ended, and ``[DONE]`` that the
stream was sent to its end: see `StreamedMessage.end`. A connection that breaks after any of them spoils
nothing; one that ends without them leaves the answer unfinished, however whole it looks.

| the stream says               | a `ChatStream`            | a watch         |
|-------------------------------|---------------------------|-----------------|
| ``finish`` or ``[DONE]``      | ends                      | completed       |
| ``error``, whatever follows   | raises `StreamUnfinished` | failed          |
| ``abort``, whatever follows   | raises `StreamUnfinished` | cancelled       |
| none of them                  | raises `StreamUnfinished` | broken off      |
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import PuffleError, StreamUnfinished
from ..transcript.model import Transcript
from ..transcript.stream import StreamedMessage, StreamEnd
from ..untrusted import untrusted_words
from .start import without_message

STREAM_SECONDS = 120
"""Seconds after which Puffle ends every stream (docs.puffle.ai, "Stream agent chat")."""

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Break:
    """Why an answer is not whole.

    Attributes:
        what: what happened, in our words, without a full stop.
        detail: more about it, in the server's words or in ours; "" for nothing more.
        short: the same in a few words, for a badge; "" where `what` is short itself.
    """

    what: str
    detail: str = ""
    short: str = ""

    @classmethod
    def of(cls, error: PuffleError) -> Break:
        """What an error says of the stream that it ended."""
        return cls(str(error).rstrip("."), short=error.short)


def break_of(message: StreamedMessage, error: PuffleError | None, seconds: float) -> Break | None:
    """Why the answer is not whole, now that its stream is over; None when it is.

    Args:
        message: what arrived.
        error: what ended the stream; None when its connection was closed in order.
        seconds: how long the stream took.
    """
    match message.end:
        case StreamEnd.FINISHED:
            return None
        case StreamEnd.FAILED:
            return Break("Puffle reports an error", "; ".join(message.errors))
        case StreamEnd.ABORTED:
            return Break("Puffle ended the agent before its answer was whole", message.abort_reason or "")
        case StreamEnd.OPEN if error is not None:
            return Break.of(error)
        case StreamEnd.OPEN:
            return Break(
                f"The stream ended after {seconds:.0f} s, before the answer did",
                f"Puffle ends every stream after {STREAM_SECONDS} s, finished or not",
            )


def unfinished(
    why: Break, transcript: Transcript, *, asked: str, kept: str, conversation_id: str | None
) -> StreamUnfinished:
    """The error for an answer that is not whole: what happened, what is kept, and how to go on.

    Args:
        why: what happened.
        transcript: what arrived.
        asked: the message that was sent; it is not repeated.
        kept: a sentence that says where what arrived is.
        conversation_id: the conversation to go on with; None where it is not known.
    """
    words = untrusted_words(without_message(why.detail, asked), _LONGEST_REASON)
    where = f" in conversation {conversation_id}" if conversation_id else ""
    error = StreamUnfinished(
        f"{why.what}{f' ({words})' if words else ''}. {kept} The message was sent once, and is not sent "
        "again by itself; what the agent did is done, and the rest may have ended with the stream. "
        f"To go on, send another message{where}.",
        transcript=transcript,
        conversation_id=conversation_id,
    )
    error.short = why.short or why.what
    return error
