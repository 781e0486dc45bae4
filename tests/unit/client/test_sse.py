"""Server-sent events: the same whatever the network cuts, and never more than the memory holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from puffle_jupyter import UnreadableAnswer
from puffle_jupyter.client.sse import data_of_events, is_event_stream
from tests.support.streams import built, recorded_streams

LIMIT = 10_000_000
WORDS = ["Größe \N{SQUID} ≤ 5", '{"a": 1}', "[DONE]"]
TEXT = "".join(f"data: {word}\n\n" for word in WORDS)


def events(pieces: Iterable[bytes], limit: int = LIMIT, event_limit: int = LIMIT) -> list[str]:
    """The data of each event of these pieces."""

    async def sent() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def collect() -> list[str]:
        return [data async for data in data_of_events(sent(), limit, event_limit)]

    return asyncio.run(collect())


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_cut_anywhere_says_the_same(line_end: str) -> None:
    """Cut in two at every byte, in the middle of characters and line ends too, it has the same events."""
    encoded = TEXT.replace("\n", line_end).encode()
    for place in range(len(encoded) + 1):
        assert events([encoded[:place], encoded[place:]]) == WORDS, place
    assert events([encoded[place : place + 1] for place in range(len(encoded))]) == WORDS


def test_a_recorded_stream_byte_by_byte_builds_the_same_message() -> None:
    """A real stream in pieces of one byte, with comments and CRLF, builds the message of the whole one."""
    stream = recorded_streams()["ai7 everything"]
    noisy = stream.text.replace("\n\n", "\n: still here\n\n:\n\n").replace("\n", "\r\n").encode()
    data = events(noisy[place : place + 1] for place in range(len(noisy)))
    assert data[-1] == "[DONE]"
    assert built(data[:-1]).json() == built(stream.data).json()


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (": comment\n\ndata: a\n\n", ["a"]),
        ("event: x\nid: 5\nretry: 10\ndata: a\n\n", ["a"]),
        ("data:a\ndata: b\n\n", ["a\nb"]),
        ("\ufeffdata: a\n\n", ["a"]),
        ("data\n\ndata:\n\n", []),
        ("event: ping\n\n", []),
        ("data: a", ["a"]),
        ("data: a\u2028b\x0bc\n\n", ["a\u2028b\x0bc"]),
    ],
    ids=str,
)
def test_the_standard_is_kept(text: str, data: list[str]) -> None:
    """Comments, fields, several lines, a byte order mark, and a last event without its empty line."""
    assert events([text.encode()]) == data


def test_bytes_that_are_no_utf8_hide_nothing() -> None:
    """A broken character is replaced, and the events around it stay."""
    assert events([b"data: a\xff\n\ndata: b\n\n"]) == ["a\N{REPLACEMENT CHARACTER}", "b"]


def test_a_line_without_an_end_is_refused() -> None:
    """The stream is given up as soon as one event is too large, and not collected first."""
    taken = 0

    def endless() -> Iterable[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1000

    with pytest.raises(UnreadableAnswer, match="an event that is larger than 50,000 bytes"):
        events(endless(), event_limit=50_000)
    assert taken == 51


def test_a_stream_without_an_end_is_refused() -> None:
    """Small events add up to no more than the whole stream may have."""
    with pytest.raises(UnreadableAnswer, match="stream is larger than 1,000 bytes"):
        events((b"data: a\n\n" for _ in range(1000)), limit=1000)


def test_many_small_events_are_no_large_one() -> None:
    """What is counted against one event begins anew with each."""
    assert len(events((b"data: a\n\n" for _ in range(1000)), event_limit=100)) == 1000


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; charset=utf-8", True),
        ("text/html", False),
        ("application/json; text/event-stream", False),
        ("", False),
    ],
)
def test_only_a_stream_of_events_is_one(content_type: str, expected: bool) -> None:
    """A proxy's login page and a JSON answer are told from a stream by their type."""
    assert is_event_stream(content_type) is expected
