"""Whose certificates are trusted: the system's by default, the user's own context and variables before it."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
import truststore

from puffle_jupyter import AsyncPuffleClient, ConnectionFailed, InvalidSetting
from puffle_jupyter.client.trust import find_trust
from tests.support.proxy import AnsweringPuffle
from tests.support.scripted import KEY

ON_LINUX = pytest.mark.skipif(
    sys.platform in ("darwin", "win32"), reason="OpenSSL's own check of certificates"
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def is_truststores(context: ssl.SSLContext) -> bool:
    """truststore's own context, or the one that it had OpenSSL check certificates with."""
    return type(context) is truststore.SSLContext or context.sslobject_class.__module__.startswith(
        "truststore"
    )


def ask(authority: trustme.CA, host: str = "localhost", **options: Any) -> Any:
    """Ask a Puffle on this machine whose certificate is of ``authority``, for ``host``."""

    async def scene() -> Any:
        certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(certificate)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # it reports a broken handshake
        async with (
            AnsweringPuffle(certificate=certificate) as puffle,
            AsyncPuffleClient(KEY, f"https://localhost:{puffle.port}", **options) as client,
        ):
            return await client.get_run("run_a")

    return asyncio.run(scene())


def test_the_context_is_truststores_by_default() -> None:
    """A company's own authority is in the system's store, and not in certifi's list."""
    trust = find_trust()
    assert is_truststores(trust.context)
    assert trust.store == "the system's store"
    assert trust.context.verify_mode is ssl.CERT_REQUIRED
    assert trust.context.check_hostname


@ON_LINUX
def test_the_systems_authorities_are_believed(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, tmp_path: Path
) -> None:
    """What is added to the system's store counts; the same without it does not."""
    with pytest.raises(ConnectionFailed, match="certificate not trusted by the system's store"):
        ask(authority)
    system = tmp_path / "system.pem"
    authority.cert_pem.write_to_path(str(system))
    _system_has(monkeypatch, cafile=str(system))
    monkeypatch.setattr(
        "ssl.SSLContext.set_default_verify_paths", lambda context: context.load_verify_locations(str(system))
    )
    assert ask(authority).status == "running"


@ON_LINUX
def test_the_store_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading it takes 50 ms: not at each connection, as truststore does."""
    context = find_trust().context
    monkeypatch.setattr("ssl.SSLContext.set_default_verify_paths", _never)
    monkeypatch.setattr("ssl.SSLContext.load_verify_locations", _never)
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a.example")


@ON_LINUX
def test_certifi_where_the_system_has_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a small container."""
    _system_has(monkeypatch, cafile=None)
    monkeypatch.setattr("truststore._openssl._CA_FILE_CANDIDATES", [])
    trust = find_trust()
    assert trust.store == "certifi's list"
    assert trust.context.cert_store_stats()["x509_ca"] > 50


def test_certifi_where_truststore_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system that it does not know."""
    monkeypatch.setattr(truststore, "SSLContext", _never)
    assert find_trust().store == "certifi's list"
    monkeypatch.setitem(sys.modules, "truststore", None)
    assert find_trust().store == "certifi's list"


@pytest.mark.parametrize(
    "given", [ssl.create_default_context(), truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)]
)
def test_a_context_of_the_users_own_wins(monkeypatch: pytest.MonkeyPatch, given: ssl.SSLContext) -> None:
    """Before the environment's variables and the system."""
    monkeypatch.setenv("SSL_CERT_FILE", "no-such-file.pem")
    assert find_trust(given).context is given


def test_the_users_context_is_what_connections_use(authority: trustme.CA) -> None:
    """An authority that is nowhere else is believed."""
    own = ssl.create_default_context()
    authority.configure_trust(own)
    assert ask(authority, verify=own).status == "running"


def test_ssl_cert_file_is_believed(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, tmp_path: Path
) -> None:
    """Alone: what the system trusts is not asked then."""
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    assert ask(authority).status == "running"
    with pytest.raises(ConnectionFailed, match="certificate not trusted by SSL_CERT_FILE"):
        ask(trustme.CA())
    with pytest.raises(ConnectionFailed, match="its certificate is for another host"):
        ask(authority, "other.example")


def test_ssl_cert_dir_is_believed(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, tmp_path: Path
) -> None:
    """A folder of authorities, each in a file that is named by OpenSSL's hash of its subject."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to hash a subject")
    certificate = tmp_path / "own.pem"
    authority.cert_pem.write_to_path(str(certificate))
    command = [openssl, "x509", "-noout", "-subject_hash", "-in", str(certificate)]
    hashed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with pytest.raises(ConnectionFailed, match="certificate not trusted by SSL_CERT_DIR"):
        ask(authority)
    certificate.rename(tmp_path / f"{hashed}.0")
    assert ask(authority).status == "running"


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_unusable_ssl_cert_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    """It is a setting to mend, and says so."""
    place = tmp_path / "own.pem"
    if content is not None:
        place.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(place))
    with pytest.raises(InvalidSetting, match="SSL_CERT_FILE cannot be used"):
        asyncio.run(AsyncPuffleClient(KEY, "https://puffle.example").get_run("run_a"))


def test_plain_http_reads_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to this machine, with no certificate to check."""
    monkeypatch.setenv("SSL_CERT_FILE", "no-such-file.pem")

    async def scene() -> None:
        async with (
            AnsweringPuffle() as puffle,
            AsyncPuffleClient(KEY, f"http://127.0.0.1:{puffle.port}") as client,
        ):
            assert (await client.get_run("run_a")).status == "running"

    asyncio.run(scene())


def _system_has(monkeypatch: pytest.MonkeyPatch, cafile: str | None) -> None:
    paths = SimpleNamespace(cafile=cafile, capath=None)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)


def _never(*_: object, **__: object) -> Any:
    raise NotImplementedError
