"""What a connection can do: not come about, break off, fall silent, drip."""

from __future__ import annotations

from .exchange import Exchange, Kind, chunk, head, message

CHUNKED = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
HALF_A_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: appl"


async def nothing(exchange: Exchange) -> None:
    """Return: the server closes what was not answered."""


async def reset(exchange: Exchange) -> None:
    await exchange.reset()


async def reset_within_headers(exchange: Exchange) -> None:
    await exchange.send(HALF_A_HEAD)
    await exchange.reset()


async def reset_within_body(exchange: Exchange) -> None:
    await exchange.send(message(exchange.lie)[:-5])
    await exchange.reset()


async def close_within_headers(exchange: Exchange) -> None:
    await exchange.send(HALF_A_HEAD)


async def truncated_by_length(exchange: Exchange) -> None:
    longer = str(len(exchange.lie) + 10)
    await exchange.send(message(exchange.lie, headers={"Content-Length": longer}))


async def truncated_until_close(exchange: Exchange) -> None:
    """No length at all: the end of the connection is the end of the body."""
    await exchange.send(head("200 OK", {"Connection": "close"}) + exchange.lie[:-5])


async def truncated_chunked(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + chunk(exchange.lie))


async def bad_chunk(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + b"zz\r\n" + exchange.lie + b"\r\n0\r\n\r\n")


async def garbage(exchange: Exchange) -> None:
    await exchange.send(b"\x00\xff\x16\x03\x01 this is not HTTP\r\n\r\n" + exchange.lie)


async def hang(exchange: Exchange) -> None:
    await exchange.hang()


async def hang_within_headers(exchange: Exchange) -> None:
    await exchange.send(HALF_A_HEAD)
    await exchange.hang()


async def hang_within_body(exchange: Exchange) -> None:
    await exchange.send(message(exchange.lie)[:-5])
    await exchange.hang()


async def drip_of_headers(exchange: Exchange) -> None:
    await exchange.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Slow: and slower\r\n" * 1000)


async def drip_of_body(exchange: Exchange) -> None:
    await exchange.send(head(headers={"Content-Type": "application/json", "Content-Length": "99999"}))
    await exchange.drip(b" " * 99_999)


async def drip_of_chunks(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED))
    await exchange.drip(chunk(b" ") * 1000)


async def endless_headers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    await exchange.pour(b"X-More: " + b"x" * 1000 + b"\r\n")


async def endless_early_hints(exchange: Exchange) -> None:
    """1xx answers precede the real one (RFC 9110, 15.2), which never comes."""
    await exchange.pour(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10)


async def close_when_idle(exchange: Exchange) -> None:
    """A true answer that keeps the connection, which is closed as soon as it is idle."""
    await exchange.send(message(exchange.truth))


async def reset_when_idle(exchange: Exchange) -> None:
    await exchange.send(message(exchange.truth))
    await exchange.reset()


async def reset_on_reuse(exchange: Exchange) -> None:
    """A true answer that keeps the connection; the next request on it gets RST."""
    await exchange.send(message(exchange.truth))
    await exchange.reader.read(1)
    await exchange.reset()


async def surplus_answer(exchange: Exchange) -> None:
    """Behind the true answer comes one about another run, which nobody asked for."""
    stray = message(exchange.lie.replace(exchange.run_id.encode(), b"run_stray"))
    await exchange.send(message(exchange.truth) + stray)
    exchange.complete = True


CONNECTION_KINDS = (
    Kind("refused", nothing, is_refusal=True),
    Kind("reset on accept", reset, on_accept=True),
    Kind("reset before headers", reset),
    Kind("reset within headers", reset_within_headers),
    Kind("reset within body", reset_within_body),
    Kind("close on accept", nothing, on_accept=True),
    Kind("close without answer", nothing),
    Kind("close within headers", close_within_headers),
    Kind("truncated by Content-Length", truncated_by_length),
    Kind("truncated, no length", truncated_until_close),
    Kind("truncated chunked", truncated_chunked),
    Kind("bad chunk", bad_chunk),
    Kind("garbage instead of HTTP", garbage),
    Kind("hang on accept", hang, on_accept=True, is_slow=True),
    Kind("hang before headers", hang, is_slow=True),
    Kind("hang within headers", hang_within_headers, is_slow=True),
    Kind("hang within body", hang_within_body, is_slow=True),
    Kind("drip of headers", drip_of_headers, is_slow=True),
    Kind("drip of body", drip_of_body, is_slow=True),
    Kind("drip of chunks", drip_of_chunks, is_slow=True),
    Kind("endless headers", endless_headers),
    Kind("endless early hints", endless_early_hints, is_slow=True),
    Kind("keep-alive closed when idle", close_when_idle),
    Kind("keep-alive reset when idle", reset_when_idle),
    Kind("keep-alive reset on reuse", reset_on_reuse),
    Kind("surplus answer", surplus_answer),
)
