"""Proxies: which one is used, what it gets to see, and whom ``NO_PROXY`` exempts."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import os
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
import trustme

from puffle_jupyter import AsyncPuffleClient, InvalidSetting
from puffle_jupyter.client.address import Address
from puffle_jupyter.client.proxies import is_exempt, proxy_for
from tests.support.paths import PACKAGE
from tests.support.proxy import AnsweringPuffle, RecordingProxy, Server
from tests.support.scripted import KEY
from tests.support.streams import recorded_streams

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a TLS server needs to be trusted as this machine and as puffle.example."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "::1", "puffle.example").configure_cert(context)
    return context


def use_proxy(monkeypatch: pytest.MonkeyPatch, proxy: RecordingProxy) -> None:
    for name in VARIABLES[:3]:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")


async def ask(base_url: str, run_id: str = "run_a") -> Any:
    async with AsyncPuffleClient(KEY, base_url) as client:
        return await client.get_run(run_id)


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as here:
        try:
            here.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("scheme", ["http", "HTTP", "hTTp", "https", "HTTPS"])
@pytest.mark.parametrize(
    ("host", "listening_on"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("Localhost", "127.0.0.1"),
        ("localhost.", "127.0.0.1"),
        ("LOCALHOST", "127.0.0.1"),
        ("[::ffff:127.0.0.1]", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
    ],
)
def test_this_machine_is_spoken_to_without_a_proxy(
    monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext, scheme: str, host: str, listening_on: str
) -> None:
    """However its address is written, a proxy of the environment is sent no byte, so no key."""
    if listening_on == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")

    async def scene() -> None:
        tls = certificate if scheme.lower() == "https" else None
        async with AnsweringPuffle(listening_on, tls) as puffle, RecordingProxy() as proxy:
            use_proxy(monkeypatch, proxy)
            assert (await ask(f"{scheme}://{host}:{puffle.port}")).status == "running"
            assert KEY.encode() in puffle.received[0]
            assert proxy.received == []

    asyncio.run(scene())


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0.0.0.0"])
def test_what_the_system_may_read_as_this_machine_is_sent_nowhere(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Neither directly nor through a proxy: the address is refused before anything is sent."""

    async def scene() -> None:
        async with RecordingProxy() as proxy:
            use_proxy(monkeypatch, proxy)
            with pytest.raises(InvalidSetting):
                await ask(f"http://{host}:8000")
            assert proxy.received == []

    asyncio.run(scene())


def test_through_a_proxy_goes_a_tunnel(monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext) -> None:
    """Elsewhere the proxy is used; it sees the host and TLS, and not the key."""

    async def scene() -> None:
        async with AnsweringPuffle(certificate=certificate) as puffle, RecordingProxy(puffle.port) as proxy:
            use_proxy(monkeypatch, proxy)
            assert (await ask("https://Puffle.example")).status == "running"
            assert KEY.encode() in puffle.received[0]
            assert proxy.received[0].startswith(b"CONNECT puffle.example:443 ")
            assert KEY.encode() not in b"".join(proxy.received)

    asyncio.run(scene())


class StreamingServer(Server):
    """Answers a POST with a recorded stream."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.received.append(await reader.readuntil(b"\r\n\r\n"))
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        writer.write((head + recorded_streams()["ai7 everything"].text).encode())
        await writer.drain()


def test_a_stream_goes_through_the_tunnel_too(
    monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext
) -> None:
    """The proxy sees neither the key nor the message, and the answer arrives whole."""

    async def scene() -> None:
        async with StreamingServer(certificate=certificate) as puffle, RecordingProxy(puffle.port) as proxy:
            use_proxy(monkeypatch, proxy)
            async with AsyncPuffleClient(KEY, "https://puffle.example") as client:
                found = [one async for one in client.stream_chat("sell the moon")]
            assert len(found[-1].messages) == 2
            assert puffle.received[0].startswith(b"POST /api/agent/chat/stream ")
            assert KEY.encode() in puffle.received[0]
            seen = b"".join(proxy.received)
            assert seen.startswith(b"CONNECT puffle.example:443 ")
            assert KEY.encode() not in seen
            assert b"moon" not in seen

    asyncio.run(scene())


@pytest.mark.parametrize(
    "no_proxy", ["[::1]", "fd00::/8", "localhost,127.0.0.1,::1,fd00::/8,[fe80::]/10,*.local"]
)
def test_no_form_of_no_proxy_stops_the_client(
    monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext, no_proxy: str
) -> None:
    """Docker's and OrbStack's lists have brackets and IPv6 ranges; the proxy goes on being used."""
    monkeypatch.setenv("NO_PROXY", no_proxy)
    monkeypatch.setenv("no_proxy", no_proxy)

    async def scene() -> None:
        async with AnsweringPuffle(certificate=certificate) as puffle, RecordingProxy(puffle.port) as proxy:
            use_proxy(monkeypatch, proxy)
            assert (await ask("https://puffle.example")).status == "running"
            assert (await ask(f"https://127.0.0.1:{puffle.port}")).status == "running"
            assert len([head for head in proxy.received if head.startswith(b"CONNECT")]) == 1

    asyncio.run(scene())


PUFFLE, IPV4, IPV6 = "https://app.puffle.ai:8443", "https://10.1.2.3", "https://[fd00::5]"


@pytest.mark.parametrize(
    ("no_proxy", "address"),
    [
        ("*", PUFFLE),
        ("a.example *", PUFFLE),
        ("app.puffle.ai", PUFFLE),
        ("APP.Puffle.AI.", PUFFLE),
        ("puffle.ai", PUFFLE),
        (".puffle.ai", PUFFLE),
        (".app.puffle.ai", PUFFLE),
        ("*.puffle.ai", PUFFLE),
        ("a.example, puffle.ai ,b.example", PUFFLE),
        ("puffle.ai:8443", PUFFLE),
        ("https://puffle.ai", PUFFLE),
        ("all://puffle.ai", PUFFLE),
        ("10.1.2.3", IPV4),
        ("10.0.0.0/8", IPV4),
        ("10.1.2.3/8", IPV4),
        ("10.1.2.3:443", IPV4),
        ("::ffff:10.1.2.3", IPV4),
        ("fd00::5", IPV6),
        ("[fd00::5]", IPV6),
        ("[FD00:0::5]:443", IPV6),
        ("fd00::/8", IPV6),
        ("[fd00::]/8", IPV6),
    ],
)
def test_no_proxy_exempts(no_proxy: str, address: str) -> None:
    """Hosts, what is below them, addresses and ranges in every spelling that is in use."""
    assert is_exempt(Address.parse(address), no_proxy)


@pytest.mark.parametrize(
    ("no_proxy", "address"),
    [
        ("", PUFFLE),
        (" , ", PUFFLE),
        (".", PUFFLE),
        ("uffle.ai", PUFFLE),
        ("www.app.puffle.ai", PUFFLE),
        ("puffle.ai:443", PUFFLE),
        ("http://puffle.ai", PUFFLE),
        ("10.0.0.0/8", PUFFLE),
        ("[", PUFFLE),
        ("[]:", PUFFLE),
        ("::1/999", IPV6),
        ("11.0.0.0/8", IPV4),
        ("10.1.2.3:80", IPV4),
        ("fc00::/16", IPV6),
        ("1.2.3", IPV4),
    ],
)
def test_no_proxy_exempts_nothing_else(no_proxy: str, address: str) -> None:
    """What cannot be read is skipped."""
    assert not is_exempt(Address.parse(address), no_proxy)


@pytest.mark.parametrize(
    ("environment", "url", "source"),
    [
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1", "HTTPS_PROXY"),
        ({"https_proxy": "a:1"}, "http://a:1", "https_proxy"),
        ({"ALL_PROXY": "socks5h://a"}, "socks5h://a", "ALL_PROXY"),
        ({"ALL_PROXY": "socks://a:1/"}, "socks5://a:1/", "ALL_PROXY"),
        ({"HTTPS_PROXY": "http://a:1", "ALL_PROXY": "socks5://b"}, "http://a:1", "HTTPS_PROXY"),
        ({"HTTP_PROXY": "http://a:1"}, None, None),
        ({"HTTPS_PROXY": ""}, None, None),
    ],
)
def test_the_scheme_chooses_the_variable(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str | None, source: str | None
) -> None:
    """The variable is known by its name, for messages."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = proxy_for(Address.parse("https://app.puffle.ai"))
    assert (proxy and proxy.url, proxy and proxy.source) == (url, source)


@pytest.mark.parametrize(
    "value", ["foo://u:hunter2@proxy.example", "http://", "http://u:hunter2@[", "socks4://a"]
)
def test_an_unusable_proxy_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Not by its value, which may hold a password; nor do the frames of the traceback hold it."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(InvalidSetting, match="HTTPS_PROXY") as caught:
        asyncio.run(ask("https://puffle.example"))
    assert "hunter2" not in str(caught.value)
    ours = [entry.frame.f_locals for entry in caught.traceback if Path(entry.path).is_relative_to(PACKAGE)]
    assert "hunter2" not in repr(ours)


def test_socks_names_the_package_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only where the SOCKS proxy is the one in use."""
    importlib.import_module("httpcore")  # decides once whether it speaks SOCKS: not while this test hides it
    monkeypatch.setattr(builtins, "__import__", _without_socksio(builtins.__import__))
    monkeypatch.delitem(sys.modules, "socksio", raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://u:hunter2@127.0.0.1:9")
    with pytest.raises(InvalidSetting, match=r"ALL_PROXY .* pip install 'httpx\[socks\]'") as caught:
        asyncio.run(ask("https://puffle.example"))
    assert "hunter2" not in str(caught.value)

    async def here() -> None:
        async with AnsweringPuffle() as puffle:
            assert (await ask(f"http://127.0.0.1:{puffle.port}")).status == "running"

    asyncio.run(here())


def _without_socksio(whole: Any) -> Any:
    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "socksio":
            raise ImportError(name)
        return whole(name, *arguments, **options)

    return without


def test_settings_of_the_system_count_where_the_environment_names_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """macOS and Windows keep proxies, and who is exempt, in places of their own."""
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://proxy.example:3128"})
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "exempt.example", raising=False)
    proxy = proxy_for(Address.parse("https://app.puffle.ai"))
    assert proxy is not None
    assert proxy.source == "the system's proxy settings"
    assert proxy_for(Address.parse("https://exempt.example")) is None
    assert not any(name.lower().endswith("_proxy") for name in os.environ)
