"""Status codes that say "not now", each with a body that would end the run if it were believed."""

from __future__ import annotations

import time
from email.utils import formatdate

from .exchange import Act, Exchange, Kind

PHRASES = {
    301: "Moved Permanently",
    302: "Found",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    404: "Not Found",
    408: "Request Timeout",
    409: "Conflict",
    425: "Too Early",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
RATE_LIMIT = "429 Too Many Requests"
NOW = 1_700_000_000.0
"""The server's clock: not ours, by years."""

RETRY_AFTER: dict[str, dict[str, str]] = {
    "seconds": {"Retry-After": "3"},
    "a fraction": {"Retry-After": "2.5"},
    "a date to come": {"Retry-After": formatdate(NOW + 7, usegmt=True), "Date": formatdate(NOW, usegmt=True)},
    "a date gone by": {"Retry-After": formatdate(NOW - 7, usegmt=True), "Date": formatdate(NOW, usegmt=True)},
    "a date alone": {"Retry-After": formatdate(time.time() + 5, usegmt=True)},
    "negative": {"Retry-After": "-5"},
    "nan": {"Retry-After": "nan"},
    "infinity": {"Retry-After": "inf"},
    "a billion": {"Retry-After": "1000000000"},
    "words": {"Retry-After": "soon"},
    "nothing": {},
}


def with_status(code: int) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.answer(exchange.lie, f"{code} {PHRASES[code]}")

    return act


def redirect(code: int) -> Act:
    async def act(exchange: Exchange) -> None:
        place = {"Location": f"{exchange.elsewhere}/api/agent/chat/{exchange.run_id}"}
        await exchange.answer(exchange.lie, f"{code} {PHRASES[code]}", place)

    return act


def rate_limited(headers: dict[str, str]) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.answer(exchange.lie, RATE_LIMIT, headers)

    return act


async def rate_limited_in_json(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie[:-1] + b', "retryAfter": 4}', RATE_LIMIT)


async def no_content(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    exchange.complete = True


async def not_modified(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    exchange.complete = True


STATUS_KINDS = (
    Kind("204", no_content),
    Kind("304", not_modified),
    *(Kind(f"{code} to another host", redirect(code)) for code in (301, 302, 307, 308)),
    *(Kind(str(code), with_status(code)) for code in (404, 408, 409, 425, 500, 502, 503, 504)),
    *(Kind(f"429, Retry-After: {form}", rate_limited(headers)) for form, headers in RETRY_AFTER.items()),
    Kind("429, retryAfter in JSON", rate_limited_in_json),
)
