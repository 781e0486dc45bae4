"""Whose certificates are trusted: those of ``SSL_CERT_FILE``, else the operating system's, else certifi's.

The system's store is where a company's own authority is, which certifi does not know.
"""

from __future__ import annotations

import os
import ssl
import sys
from dataclasses import dataclass

from ..errors import InvalidSetting

_SYSTEM = "the system's store"


@dataclass(frozen=True, slots=True)
class Trust:
    """A context that checks certificates, and in words where it has its authorities from."""

    context: ssl.SSLContext
    store: str


def find_trust(verify: ssl.SSLContext | None = None) -> Trust:
    """The user's own context, else one for the environment's variables, the system or certifi.

    Reading the store takes some 50 ms: not for the thread of a kernel.

    Raises:
        InvalidSetting: ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` cannot be read.
    """
    if verify is not None:
        return Trust(verify, "the verify context")
    for variable, argument in (("SSL_CERT_FILE", "cafile"), ("SSL_CERT_DIR", "capath")):
        if path := os.environ.get(variable):
            return Trust(_from_variable(variable, {argument: path}), variable)
    context = _system_context()
    if context is not None:
        return Trust(context, _SYSTEM)
    import certifi

    return Trust(ssl.create_default_context(cafile=certifi.where()), "certifi's list")


def trust_nobody() -> Trust:
    """For plain http, where no certificate is ever checked: costs nothing and would accept none."""
    return Trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "nobody")


def _from_variable(variable: str, place: dict[str, str]) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(**place)  # type: ignore[arg-type]
    except OSError as error:  # ssl.SSLError is one
        reason = "holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise InvalidSetting(
            f"{variable} cannot be used ({reason}): let it name a file of certificates, or unset it."
        ) from None


def _system_context() -> ssl.SSLContext | None:
    """The context of truststore; None where the system has no certificates or truststore does not work."""
    try:
        import truststore

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if sys.platform in ("darwin", "win32"):
            return context
        # Elsewhere OpenSSL checks the certificates itself, and truststore reads the store into the context
        # at each connection: 40 to 60 ms each. Read once, the context within serves every connection.
        first = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
        return first.context if _holds_authorities(first.context) else None
    except (ImportError, OSError, AttributeError, NotImplementedError):
        return None


def _holds_authorities(context: ssl.SSLContext) -> bool:
    """Whether the context has authorities, or a folder of them, which OpenSSL reads when it needs one."""
    folder = ssl.get_default_verify_paths().capath
    in_folder = folder is not None and any(name.endswith(".0") for name in os.listdir(folder))
    return in_folder or context.cert_store_stats()["x509_ca"] > 0
