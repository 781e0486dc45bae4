"""The recorded streams that the embedded Puffle replays, and when each chunk of them is due. Pure."""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from .transcripts import fill_in

STREAM_SECONDS = 120.0
"""Seconds after which Puffle ends every stream, finished or not."""
_TOO_LONG_SECONDS = 180.0


class StreamFault(enum.Enum):
    """How a stream fails in its middle."""

    ERROR = "an error chunk"
    ABORT = "an abort chunk"
    DROPPED = "the connection closes"
    CUT = "it ends without a word, as after 120 s"
    SILENT = "nothing more is sent"
    TOO_LONG = "the answer takes longer than a stream may"


STREAM_FAULTS: Mapping[str, StreamFault] = MappingProxyType(
    {
        "fail in mid-stream": StreamFault.ERROR,
        "abort in mid-stream": StreamFault.ABORT,
        "drop in mid-stream": StreamFault.DROPPED,
        "end in mid-stream": StreamFault.CUT,
        "fall silent in mid-stream": StreamFault.SILENT,
        "work for three minutes": StreamFault.TOO_LONG,
    }
)
"""How a message begins, in lower case -> how its stream fails."""


def stream_fault(message: str) -> StreamFault | None:
    """How the stream that answers ``message`` fails; None if it does not."""
    words = " ".join(message.lower().split())
    return next((fault for beginning, fault in STREAM_FAULTS.items() if words.startswith(beginning)), None)


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """One event of a stream.

    Attributes:
        due: seconds after the beginning of the stream.
        data: what it carries.
    """

    due: float
    data: str


# How long each kind of chunk takes, compared with the others; a kind that is not here takes no time.
_SHARES: Mapping[str, float] = MappingProxyType(
    {
        "start-step": 4.0,
        "text-delta": 1.0,
        "reasoning-delta": 1.0,
        "tool-input-delta": 1.0,
        "tool-output-available": 8.0,
        "tool-output-error": 12.0,
    }
)


def timed_stream(
    name: str, message: str, seconds: float, fault: StreamFault | None = None
) -> list[TimedEvent]:
    """The events of a recorded stream.

    Args:
        name: the recording, such as ``run_abc``.
        message: what the user wrote, put where the recording holds a placeholder.
        seconds: how long the whole stream takes; three minutes for `StreamFault.TOO_LONG`.
        fault: how it fails after half of its chunks; None if it does not.
    """
    chunks = [fill_in(chunk, message) for chunk in _recorded(name)]
    shares = [_SHARES.get(chunk["type"], 0.0) for chunk in chunks]
    second = (_TOO_LONG_SECONDS if fault is StreamFault.TOO_LONG else seconds) / sum(shares)
    events, due = [], 0.0
    for chunk, share in zip(chunks, shares, strict=True):
        due += share * second
        events.append(TimedEvent(due, json.dumps(chunk, ensure_ascii=False)))
    if fault in (None, StreamFault.TOO_LONG):
        return [*events, TimedEvent(due, "[DONE]")]
    half = events[: len(events) // 2]
    return [*half, *(TimedEvent(half[-1].due, data) for data in _last_words(fault))]


def _last_words(fault: StreamFault | None) -> list[str]:
    match fault:
        case StreamFault.ERROR:
            error = {"type": "error", "errorText": "The model is overloaded. Try again in a few minutes."}
            return [json.dumps(error), '{"type":"finish-step"}', '{"type":"finish"}', "[DONE]"]
        case StreamFault.ABORT:
            return ['{"type":"abort"}', "[DONE]"]
        case _:
            return []


@functools.cache
def _recorded(name: str) -> tuple[dict[str, Any], ...]:
    file = resources.files(__package__) / "streams" / f"{name}.sse"
    events = file.read_text(encoding="utf-8").split("\n\n")
    return tuple(json.loads(event.removeprefix("data: ")) for event in events if event.startswith("data: {"))
