"""Asking Puffle once, over httpx."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from puffle_jupyter import (
    ApiKey,
    AsyncPuffleClient,
    ConnectionFailed,
    InvalidApiKey,
    InvalidRunId,
    InvalidSetting,
    PuffleClient,
    RunStatus,
    Unauthorized,
    UnexpectedStatus,
    UnreadableAnswer,
)
from tests.support.paths import PACKAGE
from tests.support.scripted import KEY, ScriptedPuffle, client_for, told


def unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def ask(puffle: ScriptedPuffle, run_id: str = "run_a", **options: Any) -> Any:
    async def once() -> Any:
        async with puffle.client(**options) as client:
            return await client.get_run(run_id)

    return asyncio.run(once())


def test_the_documented_request_is_sent() -> None:
    """GET /api/agent/chat/{runId} with a Bearer key, asking for nothing but gzip."""
    puffle = ScriptedPuffle(told("queued"))
    assert ask(puffle).status is RunStatus.QUEUED
    (request,) = puffle.requests
    assert (request.method, str(request.url)) == ("GET", "https://puffle.example/api/agent/chat/run_a")
    assert puffle.keys == f"Bearer {KEY}"
    assert request.headers["accept-encoding"] == "gzip"


def test_no_prepared_request_keeps_the_key() -> None:
    """The key is put in as the request leaves and taken out again."""
    puffle = ScriptedPuffle(told("queued"))
    ask(puffle)
    assert "authorization" not in puffle.requests[0].headers


@pytest.mark.parametrize("run_id", ["abc", "run_", "run_a/../b", "run_a?x=1", "run_a\n"])
def test_an_impossible_id_is_never_sent(run_id: str) -> None:
    """InvalidRunId comes before any request."""
    puffle = ScriptedPuffle(told("queued"))
    with pytest.raises(InvalidRunId):
        ask(puffle, run_id)
    assert puffle.requests == []


def test_a_redirect_is_not_followed() -> None:
    """The key goes to the one origin."""
    puffle = ScriptedPuffle((302, b"", {"Location": "https://evil.example/"}))
    with pytest.raises(UnexpectedStatus):
        ask(puffle)
    assert [request.url.host for request in puffle.requests] == ["puffle.example"]


def test_a_gzip_body_is_decoded() -> None:
    """The one encoding that is asked for."""
    body = gzip.compress(b'{"runId": "run_a", "status": "queued"}')
    assert ask(ScriptedPuffle((200, body, {"Content-Encoding": "gzip"}))).status is RunStatus.QUEUED


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"x" * 5_000_000), "gzip"),
        (b"x" * 2_000, "identity"),
        (gzip.compress(b'{"runId": "run_a"}')[:-9], "gzip"),
        (b"{}", "br"),
        (b"{}", "gzip, gzip"),
    ],
)
def test_a_body_that_is_too_large_cut_off_or_foreign_is_refused(body: bytes, encoding: str) -> None:
    """A few bytes of gzip must not become gigabytes; half a body is no answer."""
    with pytest.raises(UnreadableAnswer):
        ask(ScriptedPuffle((200, body, {"Content-Encoding": encoding})), body_limit=1_000)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError(KEY),
        httpx.ReadError(KEY),
        httpx.RemoteProtocolError(KEY),
        httpx.ConnectTimeout(KEY),
    ],
)
def test_no_answer_is_one_error_in_our_words(failure: Exception) -> None:
    """The text of foreign exceptions may quote what was sent: none of it is passed on."""
    with pytest.raises(ConnectionFailed, match=r"Cannot reach Puffle at https://puffle\.example") as caught:
        ask(ScriptedPuffle(failure))
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_one_deadline_covers_the_whole_exchange() -> None:
    """A server that accepts and says nothing costs the deadline and no more."""

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            writer.close()

    with pytest.raises(ConnectionFailed, match=r"within 0\.05 s"):
        asyncio.run(_over_a_socket(silent, deadline=0.05))


async def _over_a_socket(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]], **options: Any
) -> Any:
    from puffle_jupyter import AsyncPuffleClient

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with AsyncPuffleClient(KEY, f"http://127.0.0.1:{port}", **options) as client:
            return await client.get_run("run_a")
    finally:
        server.close()


def test_the_synchronous_client_is_the_same_client(background: None) -> None:
    """A facade on the background loop: same answers, same errors."""
    puffle = ScriptedPuffle(told("queued"), (401, b""))
    with PuffleClient(KEY, "https://puffle.example", transport=httpx.MockTransport(puffle)) as client:
        assert client.get_run("run_a").status is RunStatus.QUEUED
        with pytest.raises(Unauthorized):
            client.get_run("run_a")
        with pytest.raises(InvalidRunId):
            client.get_run("a")


def test_a_client_serves_several_event_loops() -> None:
    """The user's own loop and the watch's may share a client."""
    client = client_for(ScriptedPuffle(told("queued")))
    for _ in range(2):
        assert asyncio.run(client.get_run("run_a")).status is RunStatus.QUEUED


def test_nothing_of_a_client_shows_the_key() -> None:
    """repr and the attributes one level down are clean."""
    client = client_for(ScriptedPuffle(told("queued")))
    assert KEY not in repr(client) + repr(vars(client))


@pytest.mark.parametrize("verify", [False, True, "", unchecked()])
def test_checking_certificates_cannot_be_turned_off(verify: Any) -> None:
    """The key goes only to who can prove to be Puffle."""
    with pytest.raises(InvalidSetting, match="cannot be turned off"):
        PuffleClient(KEY, "https://puffle.example", verify=verify)


def test_a_key_that_the_server_echoes_is_cut_out() -> None:
    """Not even the server's own words may carry it on."""
    with pytest.raises(Unauthorized) as caught:
        ask(ScriptedPuffle((401, {"error": f"bad key {KEY}"})))
    assert KEY not in str(caught.value)
    assert "bad key pk_…" in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"), [("HTTPS_PROXY", "foo://proxy.example"), ("SSL_CERT_FILE", "no-such-file.pem")]
)
def test_unusable_proxies_and_certificates_are_a_setting_to_mend(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """One of our errors, naming the variable to look at."""
    from puffle_jupyter import AsyncPuffleClient

    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSetting, match=variable):
        asyncio.run(AsyncPuffleClient(KEY, "https://puffle.example").get_run("run_a"))


def test_no_frame_of_a_refused_keys_traceback_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`%xmode Verbose` prints the locals of every frame."""
    monkeypatch.setenv("PUFFLE_API_KEY", f"{KEY}\n")
    for make in (PuffleClient, lambda: PuffleClient(f"{KEY}\n"), lambda: ApiKey(f"{KEY}\n")):
        with pytest.raises(InvalidApiKey) as caught:
            make()
        ours = [entry for entry in caught.traceback if Path(entry.path).is_relative_to(PACKAGE)]
        values = [value for entry in ours for value in entry.frame.f_locals.values()]
        assert values
        assert not [value for value in values if isinstance(value, str) and KEY in value]


@pytest.mark.parametrize("kind", [AsyncPuffleClient, PuffleClient])
def test_a_client_that_was_refused_can_be_printed(kind: type[AsyncPuffleClient | PuffleClient]) -> None:
    """A verbose traceback prints the half-made client: that is no second error."""
    client = kind.__new__(kind)
    with pytest.raises(InvalidApiKey):
        client.__init__("not a key")  # type: ignore[misc]
    assert type(client).__name__ in repr(client)
    assert "not a key" not in repr(client)
