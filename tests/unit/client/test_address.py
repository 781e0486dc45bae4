"""The address of requests: one form, however it is written, and every rule about that form."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puffle_jupyter import ApiKey, InvalidSetting
from puffle_jupyter.client.address import Address
from puffle_jupyter.client.credentials import Account
from tests.support.scripted import KEY

LOOPBACK = [
    ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("HTTP://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("hTTp://127.8.9.10/", "http://127.8.9.10"),
    ("http://Localhost", "http://localhost"),
    ("http://LOCALHOST:80/", "http://localhost"),
    ("http://localhost.:8000//", "http://localhost:8000"),
    ("http://127.0.0.1.:1", "http://127.0.0.1:1"),
    ("http://[::1]:8000", "http://[::1]:8000"),
    ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
    ("http://[::ffff:127.0.0.1]:8000", "http://127.0.0.1:8000"),
    ("http://[::FFFF:7F00:1]", "http://127.0.0.1"),
    ("http://ｌｏｃａｌｈｏｓｔ:8000", "http://localhost:8000"),
    ("http://１２７.0.0.1", "http://127.0.0.1"),
    ("https://127.0.0.1:443", "https://127.0.0.1"),
    ("https://LocalHost", "https://localhost"),
    ("https://[::1]", "https://[::1]"),
]
ELSEWHERE = [
    ("https://app.puffle.ai", "https://app.puffle.ai"),
    ("HTTPS://App.Puffle.AI.:443/", "https://app.puffle.ai"),
    ("https://a.example:8443/base//", "https://a.example:8443/base"),
    ("https://a.example:/Base", "https://a.example/Base"),
    ("https://Bücher.example", "https://xn--bcher-kva.example"),
    ("https://XN--BCHER-KVA.example", "https://xn--bcher-kva.example"),
    ("https://[2001:DB8:0::1]:444", "https://[2001:db8::1]:444"),
    ("https://10.0.0.1", "https://10.0.0.1"),
    ("https://localhost.evil.example", "https://localhost.evil.example"),
]
READ_IN_TWO_WAYS = [
    "127.1",
    "127.0.1",
    "0x7f000001",
    "0x7f.1",
    "0x",
    "2130706433",
    "0177.0.0.1",
    "127.0.0.01",
    "a.example.127",
    "256.0.0.1",
    "0.0.0.0",
    "0",
    "[::]",
    "[::ffff:0.0.0.0]",
    "[fe80::1%25eth0]",
    "[::1%251]",
    "127.0.0.1..",
    "a..example",
    "127。1",
    "a.example%2eevil",
    "a.example\\@127.0.0.1",
    "-a.example",
]


@pytest.mark.parametrize(("written", "canonical"), LOOPBACK + ELSEWHERE)
def test_an_address_has_one_form(written: str, canonical: str) -> None:
    """Scheme, host, port and path are read once; what comes out is read as itself."""
    assert str(Address.parse(written)) == canonical
    assert Address.parse(canonical) == Address.parse(written)


@pytest.mark.parametrize(("written", "_canonical"), LOOPBACK)
def test_every_spelling_of_this_machine_is_known(written: str, _canonical: str) -> None:
    """It may be spoken to in plain http, and never through a proxy."""
    assert Address.parse(written).is_loopback


@pytest.mark.parametrize(("written", "_canonical"), ELSEWHERE)
def test_other_machines_get_https_only(written: str, _canonical: str) -> None:
    """The same address in plain http is refused, in any spelling of the scheme."""
    assert not Address.parse(written).is_loopback
    _, _, rest = written.partition(":")
    for scheme in ("http", "HTTP", "hTTp"):
        with pytest.raises(InvalidSetting, match="plain http"):
            Address.parse(f"{scheme}:{rest}")


@pytest.mark.parametrize("host", READ_IN_TWO_WAYS)
@pytest.mark.parametrize("scheme", ["http", "HTTP", "https"])
def test_a_host_that_can_be_read_in_two_ways_is_refused(host: str, scheme: str) -> None:
    """The system's resolver may find this machine in what no rule of ours took for it."""
    with pytest.raises(InvalidSetting):
        Address.parse(f"{scheme}://{host}:8000")


@pytest.mark.parametrize(
    "written",
    [
        *(None, 1, b"https://a.example", "", "https://", "a.example", "//a.example", "ftp://a.example"),
        *("https://a.example:0", "https://a.example:99999", "https://a.example:x", "https://:443"),
        *(
            "https://user:hunter2@a.example",
            "https://@a.example",
            "https://a.example?q",
            "https://a.example#x",
        ),
        *("https://a.example/../b", "https://a.example/\\b", "https://a.example/ü", "https://a.ex ample"),
        *("https://a.example\n", " https://a.example", "https://a.exam\tple", "https://a\u200b.example"),
        *("https://a.example/ x", "https://[::1", "https://[a.example]", "https://a.example:+1"),
    ],
)
def test_anything_but_a_base_address_is_refused(written: Any) -> None:
    """One of our errors, in one printable line, without the password that somebody put in."""
    with pytest.raises(InvalidSetting) as caught:
        Address.parse(written)
    assert str(caught.value).isprintable()
    assert "hunter2" not in str(caught.value)


def test_one_account_however_its_address_is_written() -> None:
    """Its connections and watches are shared."""
    key = ApiKey(KEY)
    assert len({Account(Address.parse(written), key) for written, _ in LOOPBACK[3:5]}) == 1


HOSTS = st.sampled_from(["localhost", "127.0.0.1", "127.1", "::1", "::ffff:127.0.0.1", "a.example", "0x7f.1"])


@given(
    scheme=st.sampled_from(["http", "https", "Http", "HTTPS"]),
    host=st.one_of(HOSTS, st.text(st.sampled_from("0179.xaAfF:-[]。ｌ"), max_size=12)),
    brackets=st.booleans(),
    port=st.sampled_from(["", ":", ":80", ":443", ":8000"]),
)
def test_httpx_goes_where_the_rules_looked(scheme: str, host: str, brackets: bool, port: str) -> None:
    """Whatever is accepted is one host to us and to the HTTP library, and is accepted as that again."""
    written = f"{scheme}://{f'[{host}]' if brackets else host}{port}"
    try:
        address = Address.parse(written)
    except InvalidSetting:
        return
    there = httpx.URL(str(address))
    assert (there.scheme, there.host) == (address.scheme, address.host)
    assert (there.port or {"http": 80, "https": 443}[there.scheme]) == address.port
    assert Address.parse(str(address)) == address
    assert address.scheme == "https" or address.is_loopback
