"""Following a stream of 10,000 chunks a second: CPU, updates, memory, and when the first text is there."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from dataclasses import dataclass

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.model import TextPart, Transcript
from puffle_jupyter.transcript.read import read_afresh
from puffle_jupyter.transcript.stream import StreamedMessage

from . import streaming_cell
from .figure import Figure
from .stream_server import KEY, RATE, streaming_server

_LATENCY = 0.15
"""Seconds in which the first text is to be there."""


def measure(quick: bool) -> list[Figure]:
    chunks, rounds = (2_000, 2) if quick else (10_000, 5)
    short = [_followed(chunks) for _ in range(rounds + 1)][1:]  # the first one imports
    long = [_followed(10 * chunks) for _ in range(rounds)]
    return [
        Figure(
            "CPU of a stream / of one of a tenth",
            [one.cpu / other.cpu for one, other in zip(long, short, strict=True)],
            11,
        ),
        Figure("updates a second / 10", [one.updates / 10 for one in long], 1, judge=max, word="most"),
        Figure("first text / 150 ms", [one.first / _LATENCY for one in short], 1, judge=max, word="longest"),
        Figure("memory at the peak of a stream / of its transcript", [_memory(10 * chunks)], 3),
        *streaming_cell.measure(quick),
    ]


@dataclass(frozen=True, slots=True)
class _Followed:
    """What following one stream took: seconds of CPU, updates a second, seconds until the first text."""

    cpu: float
    updates: float
    first: float


def _followed(chunks: int) -> _Followed:
    with streaming_server(chunks) as address:
        return asyncio.run(_follow(address))


async def _follow(address: str) -> _Followed:
    updates, first = 0, 0.0
    began, cpu = time.perf_counter(), time.process_time()
    async with AsyncPuffleClient(KEY, address) as client, client.stream_chat("x") as stream:
        async for transcript in stream:
            updates += 1
            if not first and _has_text(transcript):
                first = time.perf_counter() - began
    return _Followed(time.process_time() - cpu, updates / (time.perf_counter() - began), first)


def _has_text(transcript: Transcript) -> bool:
    return any(isinstance(part, TextPart) and part.text for part in transcript.messages[-1].parts)


def _memory(chunks: int) -> float:
    """The most that a stream took, looked at ten times a second, over what its last transcript takes."""
    tracemalloc.start()
    message = StreamedMessage()
    for number in range(chunks):
        message.add(f'{{"type":"text-delta","id":"0","delta":"word {number} of it "}}')
        if number % (RATE // 10) == 0:
            _transcript(message)
    before, _ = tracemalloc.get_traced_memory()
    transcript = _transcript(message)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert _has_text(transcript)
    return peak / (after - before)


def _transcript(message: StreamedMessage) -> Transcript:
    return read_afresh(JsonValue(b'{"messages":[' + message.json().encoded + b"]}"))
