"""The address that requests go to, read once into one form; every rule about it looks at that form.

as written                                     read as
---------------------------------------------  ------------------------------------
HTTP://LocalHost.:80/                          http://localhost
https://Bücher.example:443/base/               https://xn--bcher-kva.example/base
http://[0:0:0:0:0:0:0:1]:8000                  http://[::1]:8000
http://[::ffff:127.0.0.1]                      http://127.0.0.1
http://127.1, http://2130706433, 0x7f000001    refused: the system may read them as 127.0.0.1
0.0.0.0, [::], [fe80::1%eth0]                  refused: not one machine's address everywhere
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ..errors import InvalidSetting

EXAMPLE = "https://app.puffle.ai"

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Visible ASCII without the backslash, which some readers of an address take for a slash.
_PATH = re.compile(r"[\x21-\x5b\x5d-\x7e]{0,1000}", re.ASCII)
_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
# A last label like this makes the system's `inet_aton` read the whole host as a number.
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")

_Host = ipaddress.IPv4Address | ipaddress.IPv6Address | str


@dataclass(frozen=True, slots=True)
class Address:
    """A base address in its one canonical form. Made by `Address.parse`.

    Attributes:
        scheme: ``http`` or ``https``.
        host: a name in ASCII lower case without a trailing dot, or an IP address without brackets.
        port: the port, the scheme's own when none was given.
        path: "" or ``/…`` without a trailing slash.

    >>> str(Address.parse("HTTPS://Puffle.Example.:443/"))
    'https://puffle.example'
    """

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: object) -> Address:
        """Read an address that an API key may be sent to.

        Raises:
            InvalidSetting: not https (plain http is for this machine only), a host that can be read in
                two ways, or more than scheme, host, port and path.
        """
        shown = _shown(text)
        if not isinstance(text, str) or not text.isprintable() or re.search(r"\s", text):
            raise InvalidSetting(f"base_url {shown} is not an address: use the form {EXAMPLE}.")
        try:
            parts = urlsplit(text)
            host = _host(parts.hostname or "")
            port = _DEFAULT_PORTS.get(parts.scheme) if parts.port is None else parts.port
        except ValueError as error:
            reason = f" ({error})" if isinstance(error, _UnusableHost) else ""
            raise InvalidSetting(
                f"base_url {shown} is not an address{reason}: use the form {EXAMPLE}."
            ) from None
        if not port or not _is_base(parts):
            raise InvalidSetting(f"base_url {shown} cannot be used: use the form {EXAMPLE}.")
        address = cls(parts.scheme, host, port, parts.path.rstrip("/"))
        if address.scheme == "http" and not address.is_loopback:
            raise InvalidSetting(
                f"base_url {shown} is plain http, which would show the API key to the network: use https."
            )
        return address

    @property
    def is_loopback(self) -> bool:
        """Whether this is the machine we run on: plain http is allowed, and no proxy is used."""
        ip = self.ip
        return self.host == "localhost" if ip is None else ip.is_loopback

    @property
    def ip(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The host as an IP address; None when it is a name."""
        return _ip(self.host)

    @property
    def authority(self) -> str:
        """Host and port, the port always: for messages about connections."""
        return f"{self._bracketed}:{self.port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def __str__(self) -> str:
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self._bracketed}{port}{self.path}"


class _UnusableHost(ValueError):
    """A host that is refused, for the reason in the message, which holds no part of it."""


def _shown(text: object) -> str:
    """The address for a message, without the password that somebody may have put in it."""
    return ascii(re.sub(r"//.*@", "//…@", text, flags=re.DOTALL)[:100] if isinstance(text, str) else text)[
        :120
    ]


def _is_base(parts: SplitResult) -> bool:
    extra = parts.query or parts.fragment or parts.username is not None or parts.password is not None
    dots = {".", ".."} & set(parts.path.split("/"))
    return parts.scheme in _DEFAULT_PORTS and not extra and not dots and bool(_PATH.fullmatch(parts.path))


def _host(host: str) -> str:
    """The canonical form of a host.

    Raises:
        ValueError: none, or one that can be read in two ways.
    """
    name = _ascii(host).lower().removesuffix(".")
    ip = _ip(name)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            raise _UnusableHost("its zone means something on one machine only")
        ip = ip.ipv4_mapped or ip
    if ip is not None:
        if ip.is_unspecified:
            raise _UnusableHost("no machine has this address; this machine's own is 127.0.0.1")
        return str(ip)
    if not _NAME.fullmatch(name):
        raise ValueError("no host name")
    if _NUMERIC.fullmatch(name.rpartition(".")[2]):
        raise _UnusableHost("write an IPv4 address as four decimal numbers, such as 127.0.0.1")
    return name


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _ascii(host: str) -> str:
    """An international name as DNS has it (IDNA 2008, compatibility characters mapped first)."""
    if host.isascii():
        return host
    import idna

    return idna.encode(host, uts46=True).decode("ascii")
