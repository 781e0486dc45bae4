"""Which proxy the environment or the system names for an address, and which addresses it exempts.

Read here and not by httpx, which refuses to start for a ``NO_PROXY`` such as ``[::1]`` or ``fd00::/8`` and
wants the package for SOCKS proxies even where the proxy in use is none.

    an entry of NO_PROXY            exempts
    ------------------------------  ------------------------------------------------------
    *                               everything
    example.com, .example.com,      the host and every host below it
    *.example.com
    10.0.0.1, ::1, [::1]            that address, however it is written
    10.0.0.0/8, fd00::/8,           the addresses in the range
    [fd00::]/8
    any of these with :8443         the same, on that port only
    https://example.com             the same, for that scheme only
    anything else                   nothing: it is skipped
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import InvalidSetting
from .address import Address

_SCHEMES = ("http", "https", "socks5", "socks5h")
_SYSTEM = "the system's proxy settings"

_BRACKETED = re.compile(r"\[([^]]*)\](/\d+)?\Z")

_IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy in use.

    Attributes:
        url: its address, which may hold a password: never shown.
        source: the environment variable that names it, or words for the system's settings.
        host: its host.
        port: its port; None when it is the scheme's own.
    """

    url: str
    source: str
    host: str
    port: int | None = None

    @property
    def authority(self) -> str:
        """Host and port, no password: for messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def is_socks(self) -> bool:
        """Whether the proxy speaks SOCKS."""
        return self.url.startswith("socks")

    def __repr__(self) -> str:
        return f"Proxy({self.authority!r} from {self.source})"


def proxy_for(address: Address) -> Proxy | None:
    """The proxy for requests to ``address``; None when they go directly, as all do to this machine.

    Raises:
        InvalidSetting: the proxy that is named cannot be used; the message names the variable.
    """
    if address.is_loopback:
        return None
    named = urllib.request.getproxies()  # the environment's; on macOS and Windows else the system's
    scheme = address.scheme if named.get(address.scheme) else "all"
    url = named.get(scheme)
    if not url or is_exempt(address, named.get("no", "")):
        return None
    source = _source(scheme, os.environ)
    if source == _SYSTEM and sys.platform in ("darwin", "win32"):
        if urllib.request.proxy_bypass(address.host):
            return None
    return _read(url, source)


def is_exempt(address: Address, no_proxy: str) -> bool:
    """Whether ``no_proxy``, entries with commas or spaces between them, exempts ``address``."""
    return any(_exempts(entry, address) for entry in re.split(r"[\s,]+", no_proxy.lower()) if entry)


def _exempts(entry: str, address: Address) -> bool:
    scheme, _, rest = entry.rpartition("://")
    if scheme not in ("", "all", address.scheme):
        return False
    if rest == "*":
        return True
    network = _network(rest)
    host, port = (rest, "") if network else _host_and_port(rest)
    if port and port != str(address.port):
        return False
    network = network or _network(host)
    if network is not None or address.ip is not None:
        return network is not None and address.ip is not None and address.ip in network
    name = host.removeprefix("*").strip(".")
    return bool(name) and (address.host == name or address.host.endswith(f".{name}"))


def _network(text: str) -> _IPNetwork | None:
    """An IP address or range, brackets or not; None when the text is neither."""
    try:
        network = ipaddress.ip_network(_BRACKETED.sub(r"\1\2", text), strict=False)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen == network.max_prefixlen:
        mapped = network.network_address.ipv4_mapped
        return network if mapped is None else ipaddress.IPv4Network(mapped)
    return network


def _host_and_port(text: str) -> tuple[str, str]:
    host, colon, port = text.rpartition(":")
    return (host, port) if colon and port.isdecimal() else (text, "")


def _source(scheme: str, environment: Mapping[str, str]) -> str:
    """The variable that names the proxy, as it is spelled; lower case counts first, as for `urllib`."""
    variable = f"{scheme}_proxy"
    for name in (variable, variable.upper()):
        if environment.get(name):
            return name
    return next((name for name in environment if name.lower() == variable), _SYSTEM)


def _read(url: str, source: str) -> Proxy:
    url = url if "://" in url else f"http://{url}"
    if url.lower().startswith("socks://"):  # as GNOME writes it
        url = f"socks5{url[len('socks') :]}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in _SCHEMES:
        raise InvalidSetting(
            f"The proxy that {source} names cannot be used: it must look like http://host:port, "
            "or start with https:// or socks5://."
        )
    return Proxy(url, source, host, port)
