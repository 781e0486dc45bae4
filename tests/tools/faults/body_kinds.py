"""What a 200 can hold that is not the answer to what was asked."""

from __future__ import annotations

import functools
import gzip
import json

from .exchange import Exchange, Kind, body, chunk, head, message

GZIP = {"Content-Encoding": "gzip"}
UNKNOWN_STATUS = "EXECUTING"
_BOMB_BYTES = 8_000_000


@functools.lru_cache
def bomb(size: int = _BOMB_BYTES) -> bytes:
    """A gzip body that decodes to ``size`` bytes of blanks: JSON may begin with any number of them."""
    return gzip.compress(b" " * size)


async def truncated_gzip(exchange: Exchange) -> None:
    await exchange.answer(gzip.compress(exchange.lie)[:-9], headers=GZIP)


async def corrupt_gzip(exchange: Exchange) -> None:
    """The check sum does not fit (RFC 1952, 2.3.1)."""
    whole = gzip.compress(exchange.lie)
    await exchange.answer(whole[:-8] + bytes(4) + whole[-4:], headers=GZIP)


async def no_gzip_at_all(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie, headers=GZIP)


async def gzip_and_more(exchange: Exchange) -> None:
    await exchange.answer(gzip.compress(exchange.lie) + b"x" * 1000, headers=GZIP)


async def gzip_bomb(exchange: Exchange) -> None:
    await exchange.answer(bomb(), headers=GZIP)


async def double_gzip(exchange: Exchange) -> None:
    await exchange.answer(
        gzip.compress(gzip.compress(exchange.lie)), headers={"Content-Encoding": "gzip, gzip"}
    )


async def undeclared_double_gzip(exchange: Exchange) -> None:
    await exchange.answer(gzip.compress(gzip.compress(exchange.lie)), headers=GZIP)


async def foreign_encoding(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie, headers={"Content-Encoding": "br"})


async def endless_body(exchange: Exchange) -> None:
    """It begins as an answer does, and would end a run if it were cut at any limit."""
    await exchange.send(head(headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"}))
    await exchange.send(chunk(exchange.lie))
    await exchange.pour(chunk(b" " * 65536))


async def endless_after_gzip(exchange: Exchange) -> None:
    """The gzip member ends; the body does not."""
    await exchange.send(head(headers={**GZIP, "Transfer-Encoding": "chunked"}))
    await exchange.send(chunk(gzip.compress(exchange.lie)))
    await exchange.pour(chunk(b"x" * 65536))


async def html(exchange: Exchange) -> None:
    page = b"<!doctype html><title>Sign in</title><script>var run = " + exchange.lie + b"</script>"
    await exchange.answer(page, headers={"Content-Type": "text/html"})


async def empty(exchange: Exchange) -> None:
    await exchange.answer(b"")


async def wrong_content_type(exchange: Exchange) -> None:
    """The right answer under a wrong name: taken, since the body is checked and not its label."""
    await exchange.answer(exchange.truth, headers={"Content-Type": "text/html; charset=latin-1"})


async def invalid_utf8(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie.replace(b"a lie", b"a \xff\xfe lie"))


async def deep_json(exchange: Exchange) -> None:
    await exchange.answer(b'{"deep": ' + b"[" * 100_000 + b"]" * 100_000 + b", " + exchange.lie[1:])


async def lone_surrogates(exchange: Exchange) -> None:
    await exchange.answer(exchange.truth[:-1] + rb', "note": "\ud800 and \udfff"}')


async def wrong_run_id(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie.replace(exchange.run_id.encode(), b"run_other"))


async def unknown_status(exchange: Exchange) -> None:
    await exchange.answer(body(exchange.run_id, UNKNOWN_STATUS))


async def missing_status(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie.replace(b'"status"', b'"state"'))


async def status_of_another_type(exchange: Exchange) -> None:
    await exchange.answer(json.dumps({"runId": exchange.run_id, "status": ["completed"]}).encode())


async def a_list(exchange: Exchange) -> None:
    await exchange.answer(b"[" + exchange.lie + b"]")


async def two_documents(exchange: Exchange) -> None:
    await exchange.answer(exchange.lie + exchange.truth)


async def announced_as_huge(exchange: Exchange) -> None:
    await exchange.send(message(exchange.lie, headers={"Content-Length": str(10**12)}))
    await exchange.hang()


BODY_KINDS = (
    Kind("truncated gzip", truncated_gzip),
    Kind("corrupt gzip", corrupt_gzip),
    Kind("gzip in name only", no_gzip_at_all),
    Kind("gzip and more", gzip_and_more),
    Kind("gzip bomb", gzip_bomb),
    Kind("double gzip", double_gzip),
    Kind("double gzip, declared once", undeclared_double_gzip),
    Kind("an encoding not asked for", foreign_encoding),
    Kind("endless body", endless_body),
    Kind("endless body after gzip", endless_after_gzip),
    Kind("announced as a terabyte", announced_as_huge),
    Kind("HTML with 200", html),
    Kind("empty 200", empty),
    Kind("wrong content type", wrong_content_type),
    Kind("invalid UTF-8", invalid_utf8),
    Kind("deep JSON", deep_json),
    Kind("lone surrogates", lone_surrogates),
    Kind("wrong runId", wrong_run_id),
    Kind("unknown status", unknown_status, words=frozenset({UNKNOWN_STATUS})),
    Kind("missing status", missing_status),
    Kind("status of another type", status_of_another_type),
    Kind("a list", a_list),
    Kind("two documents", two_documents),
)
