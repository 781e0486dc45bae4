"""Why no answer came: read from the exception's chain, never from its text, which may quote what was sent."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConnectionFailed
from .address import Address
from .proxies import Proxy
from .trust import Trust

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
# What Windows says where its event loop gives no errno: refused; no route; too late.
_WINDOWS_REFUSED = frozenset({1225, 10061})
_WINDOWS_NO_ROUTE = frozenset({1231, 1232, 10051, 10065})
_WINDOWS_TOO_LATE = frozenset({121, 10060})

# OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_EXPIRED = 10
_OTHER_HOST = frozenset({62, 64})


@dataclass(frozen=True, slots=True)
class Route:
    """How requests travel: where to, through which proxy, and whose certificates are trusted."""

    address: Address
    proxy: Proxy | None
    trust: Trust
    connect_seconds: float

    def failure(self, short: str, advice: str = "") -> ConnectionFailed:
        """The error for a request that had no answer.

        Args:
            short: what happened, in a few words that fit a badge.
            advice: what to do, as sentences.
        """
        failed = ConnectionFailed(f"Cannot reach Puffle at {self.address}: {short}. {advice}".rstrip())
        failed.short = short
        return failed

    def explain(self, error: BaseException) -> ConnectionFailed:
        """The error for what the HTTP library raised."""
        import httpx

        chain = list(_chain(error))
        if untrusted := [one for one in chain if isinstance(one, ssl.SSLCertVerificationError)]:
            # aiohttp's own is one, too, and knows no code.
            return self._untrusted(max(untrusted, key=lambda one: hasattr(one, "verify_code")))
        if isinstance(error, httpx.ProxyError):
            return self._declined(str(error))
        for one in chain:
            if found := self._not_connected(one):
                return found
        if isinstance(error, httpx.ConnectTimeout):
            return self._too_late()
        if any(isinstance(one, ssl.SSLError) and not _is_cut_off(one) for one in chain):
            return self.failure(
                f"{self.address.authority} does not answer in TLS", "Check the scheme and port of base_url."
            )
        if isinstance(error, httpx.ConnectError | httpx.NetworkError | httpx.RemoteProtocolError):
            return self.failure(f"connection dropped before the whole answer came{self._by_proxy}")
        return self.failure(type(error).__name__)

    @property
    def _by_proxy(self) -> str:
        return f" (through the proxy of {self.proxy.source})" if self.proxy else ""

    def _not_connected(self, error: BaseException) -> ConnectionFailed | None:
        """The error when ``error`` says why no connection came about; with a proxy, none to the proxy."""
        if not isinstance(error, OSError):
            return None
        proxy, on_windows = self.proxy, getattr(error, "winerror", None)
        if isinstance(error, socket.gaierror):
            return self._unknown_host(error)
        if isinstance(error, ConnectionRefusedError) or on_windows in _WINDOWS_REFUSED:
            if proxy:
                return self.failure(f"proxy {proxy.authority} ({proxy.source}) refused", self._proxy_advice)
            address = self.address
            return self.failure(
                f"port {address.port} of {address.host} refused", "Check base_url; nothing listens there."
            )
        if error.errno in _NO_ROUTE or on_windows in _WINDOWS_NO_ROUTE:
            return self.failure(f"no network route to {self._peer}", "Check the network of this computer.")
        if on_windows in _WINDOWS_TOO_LATE:
            return self._too_late()
        return None

    def _unknown_host(self, error: socket.gaierror) -> ConnectionFailed:
        if error.errno == socket.EAI_AGAIN:
            return self.failure(f"no name server answers for {self._peer}", "Check the network or VPN.")
        if self.proxy:
            return self.failure(f"proxy host {self._peer} ({self.proxy.source}) unknown", self._proxy_advice)
        return self.failure(
            f"host {self._peer} unknown",
            "Check base_url, the network or VPN, or whether HTTPS_PROXY is needed.",
        )

    def _too_late(self) -> ConnectionFailed:
        where = self.proxy.authority if self.proxy else self.address.authority
        named = f" (the proxy of {self.proxy.source})" if self.proxy else ""
        return self.failure(f"no connection to {where}{named} within {self.connect_seconds:g} s")

    def _declined(self, words: str) -> ConnectionFailed:
        """The proxy answered, and not with a connection. Of its words only the status code is passed on."""
        code = re.match(r"[0-9]{3}\b", words)
        source, authority = (self.proxy.source, self.proxy.authority) if self.proxy else ("the proxy", "?")
        if code is None:
            return self.failure(f"proxy {authority} ({source}) could not connect", self._proxy_advice)
        advice = self._proxy_advice
        if code[0] == "407":
            advice = f"It wants a login: write {source} as http://user:password@host:port."
        return self.failure(f"proxy {authority} ({source}) answered {code[0]}", advice)

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> ConnectionFailed:
        code = getattr(error, "verify_code", None)
        if code == _EXPIRED:
            return self.failure("its certificate has expired", "Check the clock of this computer.")
        if code in _OTHER_HOST:
            return self.failure("its certificate is for another host", "Check base_url.")
        return self.failure(
            f"certificate not trusted by {self.trust.store}",
            "If this network inspects TLS, add its authority there, or name a file with it in SSL_CERT_FILE "
            "or as verify=ssl_context.",
        )

    @property
    def _peer(self) -> str:
        """The host that we connect to ourselves."""
        return self.proxy.host if self.proxy else self.address.host

    @property
    def _proxy_advice(self) -> str:
        return f"Check {self.proxy.source}, or name the host in NO_PROXY." if self.proxy else ""


def _is_cut_off(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLWantReadError)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """``error``, what caused it, and what a group of them holds: one for each address of a host."""
    seen: set[int] = set()
    left = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [one.__context__, one.__cause__]
        if isinstance(one, BaseExceptionGroup):
            left += reversed(one.exceptions)
