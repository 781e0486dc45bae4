"""No answer: each cause has its own sentence, with the host, the port, the proxy's variable or the store."""

from __future__ import annotations

import asyncio
import errno
import pickle
import socket
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from puffle_jupyter import AsyncPuffleClient, ConnectionFailed
from puffle_jupyter.client.address import Address
from puffle_jupyter.client.failures import Route
from puffle_jupyter.client.proxies import Proxy
from puffle_jupyter.client.trust import Trust
from puffle_jupyter.display.watch_words import SHORT_LIMIT
from tests.support.proxy import AnsweringPuffle, RecordingProxy, Server
from tests.support.scripted import KEY

ADDRESS = Address.parse("https://app.puffle.ai")
PROXY = Proxy("http://user:hunter2@proxy.example:3128", "HTTPS_PROXY", "proxy.example", 3128)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


async def failure_of(base_url: str, **options: Any) -> ConnectionFailed:
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # it reports a broken handshake
    async with AsyncPuffleClient(KEY, base_url, **options) as client:
        with pytest.raises(ConnectionFailed) as caught:
            await client.get_run("run_a")
    assert caught.value.short in str(caught.value)
    assert KEY not in str(caught.value)
    return caught.value


def free_port() -> int:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port: int = nobody.getsockname()[1]
        return port


def test_a_port_that_refuses_is_named() -> None:
    """The host is there, and nothing listens."""
    port = free_port()
    for host in ("127.0.0.1", "localhost"):
        assert asyncio.run(failure_of(f"https://{host}:{port}")).short == f"port {port} of {host} refused"


def test_an_unknown_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server answers that there is none, or no name server answers."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(code, "said by the system")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    code = socket.EAI_NONAME
    assert asyncio.run(failure_of("https://app.puffle.ai")).short == "host app.puffle.ai unknown"
    code = socket.EAI_AGAIN
    assert (
        asyncio.run(failure_of("https://app.puffle.ai")).short == "no name server answers for app.puffle.ai"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@proxy.example:3128")
    code = socket.EAI_NONAME
    failed = asyncio.run(failure_of("https://app.puffle.ai"))
    assert failed.short == "proxy host proxy.example (HTTPS_PROXY) unknown"
    assert "hunter2" not in str(failed)


def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable it comes from: that is what is to be mended."""
    port = free_port()
    monkeypatch.setenv("ALL_PROXY", f"http://user:hunter2@127.0.0.1:{port}")
    failed = asyncio.run(failure_of("https://app.puffle.ai"))
    assert failed.short == f"proxy 127.0.0.1:{port} (ALL_PROXY) refused"
    assert "NO_PROXY" in str(failed)
    assert "hunter2" not in str(failed)


@pytest.mark.parametrize(("code", "advice"), [(407, "wants a login"), (403, "NO_PROXY")])
def test_a_proxy_that_declines_is_quoted_by_its_code(
    monkeypatch: pytest.MonkeyPatch, code: int, advice: str
) -> None:
    """Of its words nothing is passed on."""

    async def scene() -> None:
        async with RecordingProxy(
            answer=f"HTTP/1.1 {code} {KEY}\r\nContent-Length: 0\r\n\r\n".encode()
        ) as proxy:
            monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
            failed = await failure_of("https://app.puffle.ai")
            assert failed.short == f"proxy 127.0.0.1:{proxy.port} (https_proxy) answered {code}"
            assert advice in str(failed)

    asyncio.run(scene())


class Mute(Server):
    """Reads once, says ``words`` and hangs up."""

    words = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(self.words)


@pytest.mark.parametrize("answer", [b"", b"\x05\xff", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_socks_proxy_that_misbehaves_is_a_failed_connection(
    monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """Whatever its package raises: the watch goes on."""
    pytest.importorskip("socksio")
    monkeypatch.setattr(Mute, "words", answer)

    async def scene() -> None:
        async with Mute() as proxy:
            monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy.port}")
            await failure_of("https://app.puffle.ai")

    asyncio.run(scene())


def test_a_certificate_that_is_not_trusted_names_the_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So that one knows where the authority is missing, and what else can be done."""
    trusted, other = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(str(tmp_path / "trusted.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.issue_cert("127.0.0.1").configure_cert(certificate)

    async def scene() -> None:
        async with AnsweringPuffle(certificate=certificate) as puffle:
            failed = await failure_of(f"https://127.0.0.1:{puffle.port}")
            assert failed.short == "certificate not trusted by SSL_CERT_FILE"
            assert "verify=ssl_context" in str(failed)
            assert puffle.received == []

    asyncio.run(scene())


def test_what_is_no_tls_is_no_matter_of_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that speaks plain http, and one that hangs up in the handshake."""
    monkeypatch.setattr(Mute, "words", b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def scene(short: str) -> None:
        async with Mute() as server:
            failed = await failure_of(f"https://127.0.0.1:{server.port}")
            assert failed.short == short.format(port=server.port)

    asyncio.run(scene("127.0.0.1:{port} does not answer in TLS"))
    monkeypatch.setattr(Mute, "words", b"")
    asyncio.run(scene("connection dropped before the whole answer came"))


def test_a_host_that_never_answers_costs_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is something else than a connection without an answer."""
    monkeypatch.setattr("puffle_jupyter.client.connections._CONNECT_SECONDS", 0.05)

    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            port = full.getsockname()[1]
            held = [socket.socket() for _ in range(4)]
            for one in held:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            failed = await failure_of(f"http://127.0.0.1:{port}", deadline=5)
            for one in held:
                one.close()
            assert failed.short == f"no connection to 127.0.0.1:{port} within 0.05 s"

    asyncio.run(scene())


def caused(error: BaseException, *causes: BaseException) -> httpx.ConnectError:
    """``httpx.ConnectError`` as it comes out of the libraries, with the system's exceptions below it."""
    top = httpx.ConnectError("All connection attempts failed")
    middle = OSError("All connection attempts failed")
    top.__cause__ = middle
    middle.__cause__ = (
        BaseExceptionGroup("multiple connection attempts failed", [error, *causes]) if causes else error
    )
    return top


def on_windows(code: int, number: int = errno.EINVAL) -> OSError:
    """An exception of Windows' event loop: ``winerror`` is not set elsewhere."""
    error = type("WindowsError", (OSError,), {"winerror": code})(number, "said by Windows")
    assert isinstance(error, OSError)
    return error


MAC_UNKNOWN = socket.gaierror(8, "nodename nor servname provided, or not known")
WINDOWS_UNKNOWN = socket.gaierror(11001, "getaddrinfo failed")
REFUSED = ConnectionRefusedError(61, "Connect call failed ('127.0.0.1', 443)")


UNKNOWN = ("host app.puffle.ai unknown", "proxy host proxy.example (HTTPS_PROXY) unknown")
REFUSES = ("port 443 of app.puffle.ai refused", "proxy proxy.example:3128 (HTTPS_PROXY) refused")
NO_ROUTE = ("no network route to app.puffle.ai", "no network route to proxy.example")
TOO_LATE = (
    "no connection to app.puffle.ai:443 within 5 s",
    "no connection to proxy.example:3128 (the proxy of HTTPS_PROXY) within 5 s",
)
UNTRUSTED = ("certificate not trusted by the system's store",) * 2


@pytest.mark.parametrize(
    ("error", "shorts"),
    [
        (caused(MAC_UNKNOWN), UNKNOWN),
        (caused(WINDOWS_UNKNOWN), UNKNOWN),
        (caused(REFUSED), REFUSES),
        (caused(REFUSED, REFUSED), REFUSES),
        (caused(on_windows(1225)), REFUSES),
        (caused(OSError(errno.ENETUNREACH, "x")), NO_ROUTE),
        (caused(on_windows(1231)), NO_ROUTE),
        (caused(on_windows(121)), TOO_LATE),
        (caused(ssl.SSLCertVerificationError(1, "“Puffle” certificate is not trusted")), UNTRUSTED),
    ],
)
def test_every_system_says_it_in_its_own_way(error: httpx.ConnectError, shorts: tuple[str, str]) -> None:
    """Linux, macOS and Windows have other numbers and texts for the same causes."""
    trust = Trust(ssl.create_default_context(), "the system's store")
    for proxy, short in zip((None, PROXY), shorts, strict=True):
        failed = Route(ADDRESS, proxy, trust, 5.0).explain(error)
        assert failed.short == short
        assert str(failed).startswith(f"Cannot reach Puffle at https://app.puffle.ai: {short}.")
        assert "hunter2" not in str(failed)
        assert "said by" not in str(failed)


@pytest.mark.parametrize("error", [httpx.DecodingError("x"), KeyError("x"), caused(OSError(1, "x"))])
def test_whatever_else_is_raised_has_words_of_ours(error: Exception) -> None:
    """Not those of the exception, which may quote what was sent."""
    failed = Route(ADDRESS, None, Trust(ssl.create_default_context(), "x"), 5.0).explain(error)
    assert failed.short
    assert len(failed.short) <= SHORT_LIMIT
    assert "'x'" not in str(failed)


def test_the_few_words_survive_a_pickle() -> None:
    """Errors cross process borders in pipelines."""
    failed = Route(ADDRESS, None, Trust(ssl.create_default_context(), "x"), 5.0).failure(
        "host unknown", "Check."
    )
    again = pickle.loads(pickle.dumps(failed))
    assert (str(again), again.short) == (str(failed), "host unknown")
