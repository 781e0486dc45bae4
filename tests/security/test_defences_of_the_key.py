"""Each defence of the key alone: with it the key stays in its one header, without it it comes to light."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import socket
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from puffle_jupyter import ApiKey, AsyncPuffleClient, ConnectionFailed, InvalidApiKey, InvalidSetting
from puffle_jupyter.client import client, connections, credentials, log_mask, over_aiohttp
from puffle_jupyter.client.address import Address
from puffle_jupyter.client.failures import Route
from puffle_jupyter.client.log_mask import LogMask
from puffle_jupyter.client.proxies import Proxy, proxy_for
from tests.tools.faults.echo_kinds import ECHO_KINDS, ENDS_WITH_ECHO
from tests.tools.faults.leaks import error_of, leaks_in, sweep
from tests.tools.faults.runs import KEY
from tests.tools.faults.server import CountingServer, sockets_closed

Undefended = pytest.MonkeyPatch
pytestmark = pytest.mark.usefixtures("background")
ECHOES = {kind.name: kind for kind in (*ECHO_KINDS, *ENDS_WITH_ECHO)}
RUN = b'{"runId": "run_a", "status": "queued"}'


def found_after(*names: str) -> list[str]:
    """Where parts of the key are found when a server echoes it in these ways."""
    return sweep([ECHOES[name] for name in names])[1]


def headers_sent(key: Any, base_url: str = "https://puffle.example") -> list[str]:
    """The Authorization headers of the requests that one call sends."""
    sent: list[str] = []

    def app(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("authorization", ""))
        return httpx.Response(200, stream=httpx.ByteStream(RUN))

    async def ask() -> None:
        async with AsyncPuffleClient(key, base_url, transport=httpx.MockTransport(app)) as puffle:
            await puffle.get_run("run_a")

    asyncio.run(ask())
    return sent


def test_the_repr_is_masked(monkeypatch: Undefended) -> None:
    """A key's repr is what a traceback, a log line and a cell's output show of it."""
    assert leaks_in(repr(vars(AsyncPuffleClient(KEY)))) == []
    monkeypatch.setattr(ApiKey, "__repr__", ApiKey.authorization)
    assert leaks_in(repr(vars(AsyncPuffleClient(KEY)))) != []


def test_a_key_is_not_pickled(monkeypatch: Undefended) -> None:
    """Without the refusal a pickle holds the key in plain text."""
    with pytest.raises(TypeError):
        pickle.dumps(ApiKey(KEY))
    monkeypatch.delattr(ApiKey, "__reduce__")
    assert leaks_in(pickle.dumps(ApiKey(KEY))) != []


def test_a_key_given_as_text_is_guarded(monkeypatch: Undefended) -> None:
    """A frame that holds the key as text shows it in `%xmode Verbose`."""
    assert leaks_in(_locals_of_a_refusal()) == []
    monkeypatch.setattr(client, "guarded", lambda key: key)
    assert leaks_in(_locals_of_a_refusal()) != []


def _locals_of_a_refusal() -> str:
    """What the frames of ours hold when a client with a good key and a bad address is made."""
    with pytest.raises(InvalidSetting) as caught:
        AsyncPuffleClient(KEY, "http://puffle.example")
    ours = [entry.frame.f_locals for entry in caught.traceback if "puffle_jupyter" in Path(entry.path).parts]
    return repr([value for values in ours for value in values.values() if isinstance(value, str)])


@pytest.mark.parametrize("key", [f" {KEY}", f"{KEY[:20]} {KEY[20:]}"])
def test_a_key_is_checked_before_it_is_sent(monkeypatch: Undefended, key: str) -> None:
    """What is no key, only something copied along with one, is sent to nobody."""
    with pytest.raises(InvalidApiKey):
        headers_sent(key)
    monkeypatch.setattr(credentials, "_why_unusable", lambda secret: "")
    assert headers_sent(key) == [f"Bearer {key}"]


@pytest.mark.parametrize("name", ["echo in a transcript", "echo in a run's error", "echo as status"])
def test_an_echo_in_a_body_is_cut_out(monkeypatch: Undefended, name: str) -> None:
    """A run that quotes the key would carry it into every file the run is saved to."""
    assert found_after(name) == []
    monkeypatch.setattr(ApiKey, "cut_from_bytes", lambda key, content: content)
    places = {place.rpartition(": ")[2] for place in found_after(name)}
    assert {"pickled run", "dict"} <= places


def test_an_echo_in_a_header_is_cut_out(monkeypatch: Undefended) -> None:
    """`%xmode Verbose` prints the headers of an answer that is refused."""
    assert found_after("echo in a header") == []
    monkeypatch.setattr(ApiKey, "cut_from", lambda key, text: text)
    assert any("Verbose" in place for place in found_after("echo in a header"))


@pytest.mark.parametrize("name", ["echo in a header", "echo as reason phrase", "echo in the status line"])
def test_an_echo_is_in_no_log(name: str) -> None:
    """Whatever the HTTP libraries log of an answer."""
    assert found_after(name) == []


class PythonTask(asyncio.tasks._PyTask):  # type: ignore[name-defined,misc,unused-ignore]
    """A task as nest_asyncio makes them: what it waited for fails within an ``except`` of its own."""


@pytest.mark.parametrize(
    "name", ["echo in the status line", "echo in Content-Length", "echo in a chunk's size"]
)
def test_an_error_holds_nothing_of_what_it_was_raised_during(monkeypatch: Undefended, name: str) -> None:
    """The HTTP library's error quotes the wire; tblib, which dask installs, pickles it along with ours."""

    async def raised_during() -> BaseException | None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coroutine, **_: PythonTask(coroutine, loop=loop))
        error = await asyncio.create_task(error_of(ECHOES[name]))
        assert error is not None
        return error.__context__ or error.__cause__

    assert asyncio.run(raised_during()) is None
    monkeypatch.setattr(client, "without_context", contextlib.nullcontext)
    assert leaks_in(repr(asyncio.run(raised_during()))) != []


def test_an_echo_in_the_logs_is_cut_out(monkeypatch: Undefended) -> None:
    """httpx logs the reason phrase at INFO."""
    monkeypatch.setattr(LogMask, "filter", lambda mask, record: True)
    assert found_after("echo as reason phrase") == ["DEBUG logs"]


@pytest.mark.parametrize("name", log_mask.LOGGERS)
def test_every_http_library_is_masked(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """httpcore, which carries requests over SOCKS proxies, logs headers at DEBUG."""
    key = ApiKey(KEY)
    log_mask.log_mask.hide(key)
    with caplog.at_level(logging.DEBUG, name):
        logging.getLogger(name).debug("receive_response_headers %r", [(b"x-echo", KEY)])
        assert leaks_in(caplog.text) == []
        logging.getLogger(name).removeFilter(log_mask.log_mask)
        try:
            logging.getLogger(name).debug("receive_response_headers %r", [(b"x-echo", KEY)])
        finally:
            log_mask.log_mask.hide(key)
        assert leaks_in(caplog.text) != []


def test_a_key_is_hidden_as_long_as_anybody_uses_it() -> None:
    """Of two clients with the same key, the end of one does not lay the other's open."""
    mask, first, second = LogMask(), ApiKey(KEY), ApiKey(KEY)
    mask.hide(first)
    mask.hide(second)
    del first
    record = logging.LogRecord("httpx", logging.INFO, __file__, 1, "said %s", (KEY,), None)
    assert mask.filter(record)
    assert leaks_in(record.getMessage()) == []
    for name in log_mask.LOGGERS:
        logging.getLogger(name).removeFilter(mask)


def test_the_words_of_other_libraries_are_not_passed_on(monkeypatch: Undefended) -> None:
    """An exception of the HTTP library quotes what the server sent, half a key too."""
    half = KEY[8:22]  # without its prefix, by which every error would know it
    assert leaks_in(_said_about(f"HTTP/1.1 {half}\r\n\r\n".encode())) == []
    monkeypatch.setattr(over_aiohttp, "_words", str)
    assert leaks_in(_said_about(f"HTTP/1.1 {half}\r\n\r\n".encode())) == []
    monkeypatch.setattr(Route, "explain", lambda route, error: route.failure(str(error)))
    assert leaks_in(_said_about(f"HTTP/1.1 {half}\r\n\r\n".encode())) != []


def _said_about(answer: bytes) -> str:
    with pytest.raises(ConnectionFailed) as caught:
        asyncio.run(_ask_over_a_socket(answer))
    return str(caught.value)


async def _ask_over_a_socket(answer: bytes, **options: Any) -> list[bytes]:
    """Ask a server, over TLS when a certificate is given, that answers anything so; what it heard."""
    heard: list[bytes] = []
    certificate = options.pop("certificate", None)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=certificate)
    port = server.sockets[0].getsockname()[1]
    try:
        scheme = "https" if certificate else "http"
        async with AsyncPuffleClient(KEY, f"{scheme}://127.0.0.1:{port}", **options) as puffle:
            await puffle.get_run("run_a")
    finally:
        server.close()
        await sockets_closed()
    return heard


def test_certificates_are_checked(monkeypatch: Undefended) -> None:
    """Somebody who cannot prove to be Puffle hears nothing; unchecked, he is told the key."""
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", True)  # it reports the broken handshake
    certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(certificate)
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(RUN), RUN)

    with pytest.raises(ConnectionFailed, match="certificate"):
        asyncio.run(_ask_over_a_socket(answer, certificate=certificate))
    with pytest.raises(InvalidSetting, match="cannot be turned off"):
        asyncio.run(_ask_over_a_socket(answer, certificate=certificate, verify=unchecked))
    monkeypatch.setattr(client, "check_verify", lambda verify: None)
    (heard,) = asyncio.run(_ask_over_a_socket(answer, certificate=certificate, verify=unchecked))
    assert leaks_in(heard) != []


def test_plain_http_goes_to_loopback_only(monkeypatch: Undefended) -> None:
    """Anybody on the way reads what is sent in plain http."""
    with pytest.raises(InvalidSetting, match="plain http"):
        headers_sent(KEY, "http://puffle.example")
    monkeypatch.setattr(Address, "is_loopback", True)
    assert headers_sent(KEY, "http://puffle.example") == [f"Bearer {KEY}"]


def test_plain_http_goes_through_no_proxy(monkeypatch: Undefended) -> None:
    """A proxy of the environment would read the key that is meant for this machine only."""
    assert _visits_to_a_proxy(monkeypatch) == 0
    monkeypatch.setattr(connections, "proxy_for", _through_any_proxy)
    assert _visits_to_a_proxy(monkeypatch) == 1


def _through_any_proxy(address: Address) -> Proxy | None:
    """`proxy_for` as it would be without its first rule."""
    return proxy_for(Address("http", "elsewhere.example", address.port))


def _visits_to_a_proxy(monkeypatch: Undefended) -> int:
    async def ask() -> int:
        async with CountingServer() as proxy:
            for name in ("HTTP_PROXY", "http_proxy"):
                monkeypatch.setenv(name, proxy.base_url)
            for name in ("NO_PROXY", "no_proxy"):
                monkeypatch.delenv(name, raising=False)
            with socket.socket() as nobody:
                nobody.bind(("127.0.0.1", 0))
                puffle = AsyncPuffleClient(KEY, "http://{}:{}".format(*nobody.getsockname()))
                with pytest.raises(ConnectionFailed):
                    await puffle.get_run("run_a")
                await puffle.aclose()
            return proxy.visits

    return asyncio.run(ask())
