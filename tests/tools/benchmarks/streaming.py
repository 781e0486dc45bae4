"""Following a stream of 10,000 chunks a second: CPU, updates, memory, and when the first text is there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from puffle_jupyter import AsyncPuffleClient
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.model import TextPart, Transcript
from puffle_jupyter.transcript.read import read_afresh
from puffle_jupyter.transcript.stream import StreamedMessage

from .figure import Figure

_KEY = "pk_live_0123456789abcdef"
_RATE = 10_000
_BURST = 100
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_BEGIN = b'data: {"type":"text-start","id":"0"}\n\n'
_END = b'data: {"type":"text-end","id":"0"}\n\ndata: {"type":"finish"}\n\ndata: [DONE]\n\n'
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
    ]


@dataclass(frozen=True, slots=True)
class _Followed:
    """What following one stream took: seconds of CPU, updates a second, seconds until the first text."""

    cpu: float
    updates: float
    first: float


def _followed(chunks: int) -> _Followed:
    with _server(chunks) as address:
        return asyncio.run(_follow(address))


async def _follow(address: str) -> _Followed:
    updates, first = 0, 0.0
    began, cpu = time.perf_counter(), time.process_time()
    async with AsyncPuffleClient(_KEY, address) as client, client.stream_chat("x") as stream:
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
        if number % (_RATE // 10) == 0:
            _transcript(message)
    before, _ = tracemalloc.get_traced_memory()
    transcript = _transcript(message)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert _has_text(transcript)
    return peak / (after - before)


def _transcript(message: StreamedMessage) -> Transcript:
    return read_afresh(JsonValue(b'{"messages":[' + message.json().encoded + b"]}"))


async def _serve(chunks: int) -> None:
    """Send so many chunks to whoever asks, until the process is ended; the port is the first line."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD + _BEGIN)
        began = time.perf_counter()
        for first in range(0, chunks, _BURST):
            writer.write(b"".join(map(_delta, range(first, first + _BURST))))
            await writer.drain()
            due = began + (first + _BURST) / _RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.write(_END)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _delta(number: int) -> bytes:
    return b'data: {"type":"text-delta","id":"0","delta":"word %d of it "}\n\n' % number


@contextmanager
def _server(chunks: int) -> Iterator[str]:
    command = [sys.executable, "-m", __name__, str(chunks)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
