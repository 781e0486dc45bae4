"""A server that echoes the key: in every place where an answer can hold words."""

from __future__ import annotations

import gzip
import json

from .connection_kinds import CHUNKED
from .exchange import Act, Exchange, Kind, body, chunk, head


def error_body(code: str) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.answer(json.dumps({"error": f"Unknown key: {exchange.key}"}).encode(), code)

    return act


async def error_object(exchange: Exchange) -> None:
    error = {"error": {"code": exchange.key, "message": f"Bearer {exchange.key} is unknown"}}
    await exchange.answer(json.dumps(error).encode(), "401 Unauthorized")


async def long_error(exchange: Exchange) -> None:
    """The key lies across the place where a long message is cut."""
    await exchange.answer(json.dumps({"error": "x" * 180 + exchange.key}).encode(), "503 Unavailable")


async def reason_phrase(exchange: Exchange) -> None:
    await exchange.answer(b"{}", f"500 {exchange.key}")


def header(name: str, value: str = "{key}", code: str = "503 Unavailable") -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.answer(exchange.lie, code, {name: value.format(key=exchange.key)})

    return act


async def status_line(exchange: Exchange) -> None:
    await exchange.send(f"HTTP/1.1 {exchange.key}\r\n\r\n".encode())


async def no_http(exchange: Exchange) -> None:
    await exchange.send(exchange.request)


async def chunk_line(exchange: Exchange) -> None:
    await exchange.send(head(headers=CHUNKED) + exchange.key.encode() + b"\r\n")


async def split_over_chunks(exchange: Exchange) -> None:
    content = body(exchange.run_id, exchange.key)
    middle = content.index(exchange.key.encode()) + 12
    parts = chunk(content[:middle]) + chunk(content[middle:]) + b"0\r\n\r\n"
    await exchange.send(head(headers=CHUNKED) + parts)
    exchange.complete = True


async def packed(exchange: Exchange) -> None:
    await exchange.answer(
        gzip.compress(body(exchange.run_id, exchange.key)), headers={"Content-Encoding": "gzip"}
    )


async def status(exchange: Exchange) -> None:
    await exchange.answer(body(exchange.run_id, f"waiting for {exchange.key}"))


async def run_id(exchange: Exchange) -> None:
    await exchange.answer(body(f"run_{exchange.key}", "completed"))


async def escaped(exchange: Exchange) -> None:
    """Every character as RFC 8259 (section 7) lets any be written."""
    key = "".join(f"\\u{ord(character):04x}" for character in exchange.key)
    await exchange.answer(body(exchange.run_id, "KEY", text="KEY").replace(b"KEY", key.encode()))


async def too_large(exchange: Exchange) -> None:
    await exchange.answer(exchange.key.encode() * 50_000)


async def not_json(exchange: Exchange) -> None:
    await exchange.answer(exchange.key.encode())


ECHO_KINDS = (
    *(Kind(f"echo in the body of a {code[:3]}", error_body(code)) for code in (
        "302 Found", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "418 Teapot",
        "429 Too Many Requests", "500 Internal Server Error",
    )),
    Kind("echo in an error object", error_object),
    Kind("echo where a message is cut", long_error),
    Kind("echo as reason phrase", reason_phrase),
    Kind("echo in a header", header("X-Echo", "Bearer {key}")),
    Kind("echo in Location", header("Location", "https://example.com/?key={key}", "302 Found")),
    Kind("echo in Retry-After", header("Retry-After")),
    Kind("echo in Content-Encoding", header("Content-Encoding", code="200 OK")),
    Kind("echo in Content-Length", header("Content-Length", code="200 OK")),
    Kind("echo in Transfer-Encoding", header("Transfer-Encoding", code="200 OK")),
    Kind("echo in the status line", status_line),
    Kind("echo instead of HTTP", no_http),
    Kind("echo in a chunk's size", chunk_line),
    Kind("echo over two chunks", split_over_chunks),
    Kind("echo in gzip", packed),
    Kind("echo as status", status),
    Kind("echo as runId", run_id),
    Kind("echo in a body too large", too_large),
    Kind("echo instead of JSON", not_json),
    Kind("echo in JSON escapes", escaped),
)  # fmt: skip


async def completed(exchange: Exchange) -> None:
    """An answer that ends a run and quotes the key wherever a transcript has words."""
    key = exchange.key
    call = {"toolName": f"f_{key}", "args": {key: key}, "result": [{key: key}], "error": f"Bearer {key}"}
    messages = [
        {"role": "user", "content": key},
        {"role": key, "content": [{"type": "text", "text": f"`{key}`"}, {"type": key, key: key}]},
        {"role": "tool", "content": json.dumps({"authorization": f"Bearer {key}"})},
    ]
    content = body(exchange.run_id, "completed", text=f"**{key}**", messages=messages, toolCalls=[call])
    await exchange.answer(content)


async def failed(exchange: Exchange) -> None:
    error = {"message": f"Bearer {exchange.key} was refused", "stackTrace": exchange.key}
    await exchange.answer(json.dumps({"runId": exchange.run_id, "status": "failed", "error": error}).encode())


ENDS_WITH_ECHO = (Kind("echo in a transcript", completed), Kind("echo in a run's error", failed))
