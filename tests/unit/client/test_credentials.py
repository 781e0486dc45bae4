"""Keys and addresses: checked before anything is sent, and never shown."""

from __future__ import annotations

import json
import pickle
import traceback

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from puffle_jupyter import ApiKey, InvalidApiKey, InvalidSetting, MissingApiKey
from puffle_jupyter.client.address import Address
from puffle_jupyter.client.credentials import Account, check_base_url

SECRET = "pk_live_0123456789abcdef"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUFFLE_API_KEY", raising=False)
    monkeypatch.delenv("PUFFLE_BASE_URL", raising=False)
    monkeypatch.delenv("PUFFLE_API_BASE_URL", raising=False)


def test_a_key_is_masked_wherever_it_could_be_printed() -> None:
    """No repr, str, format or directory of a key holds a part of the secret beyond its public prefix."""
    key = ApiKey(SECRET)
    assert "0123" not in f"{key!r} {key} {Account(Address.parse('https://a.example'), key)}"
    assert not hasattr(key, "__dict__")


def test_a_key_cannot_be_pickled() -> None:
    """A pickle would write the secret out in plain text."""
    with pytest.raises(TypeError, match="plain text"):
        pickle.dumps(ApiKey(SECRET))


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        (f"{SECRET}\n", "line break"),
        (f" {SECRET}", "space"),
        ("pk_live_01\n23456789", "line break"),
        ("pk_live_01\x0023456789", "control character"),
        ("pk_live_01 23456789", "space"),
        ("“pk_live_0123456789”", "curly quote"),
        ("k" * 1001, "too long"),
    ],
)
def test_an_unusable_key_is_refused_without_echo(secret: str, words: str) -> None:
    """The message says what is wrong with the key and holds no part of it."""
    with pytest.raises(InvalidApiKey, match=words) as caught:
        ApiKey(secret)
    shown = "".join(traceback.format_exception_only(caught.value))
    assert "0123" not in shown
    assert "23456789" not in shown
    assert "kkk" not in shown


def written(character: str, way: int) -> str:
    """A character of a JSON string as it is, escaped in small or capital letters, or by a backslash."""
    short = f"\\{character}" if character in '"/\\' else character
    if way == 0:
        return short if character in '"\\' else character
    return [f"\\u{ord(character):04x}", f"\\u{ord(character):04X}", short][way - 1]


@given(
    key=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=12, max_size=30),
    ways=st.lists(st.integers(0, 3), min_size=30, max_size=30),
)
@example(key=SECRET, ways=[1] + [0] * 29)
@example(key=SECRET, ways=[0] * 29 + [1])
def test_a_key_is_cut_out_however_json_writes_it(key: str, ways: list[int]) -> None:
    """RFC 8259, section 7: any character of a string may be written as an escape."""
    echoed = "".join(written(character, way) for character, way in zip(key, ways, strict=False))
    content = f'{{"text": "{echoed}"}}'.encode()
    assert json.loads(content)["text"] == key
    assert json.loads(ApiKey(key).cut_from_bytes(content).replace(b"\\", b"/"))["text"] != key


def test_without_a_key_the_message_names_the_ways_that_exist_everywhere() -> None:
    """A script is not told to use magics: those are words of the interface that has them."""
    with pytest.raises(MissingApiKey) as caught:
        Account.find()
    assert "PUFFLE_API_KEY" in str(caught.value)
    assert "PuffleClient(api_key=" in str(caught.value)
    assert "%" not in str(caught.value)


def test_the_environment_gives_key_and_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """PUFFLE_API_KEY and PUFFLE_BASE_URL are the documented variables; PUFFLE_API_BASE_URL comes after."""
    monkeypatch.setenv("PUFFLE_API_KEY", SECRET)
    assert Account.find() == Account(Address.parse("https://app.puffle.ai"), ApiKey(SECRET))
    monkeypatch.setenv("PUFFLE_API_BASE_URL", "https://other.example/")
    assert Account.find().base_url == "https://other.example"
    monkeypatch.setenv("PUFFLE_BASE_URL", "https://puffle.example/")
    assert Account.find().base_url == "https://puffle.example"


@pytest.mark.parametrize(
    "address",
    ["https://app.puffle.ai", "https://a.example:8443/base/", "http://127.0.0.1:8000", "http://[::1]:1"],
)
def test_a_usable_address_is_kept_without_its_trailing_slash(address: str) -> None:
    """https anywhere, plain http to loopback."""
    assert check_base_url(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://app.puffle.ai",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "ftp://a.example",
        "app.puffle.ai",
        "https://",
        "https://user:pass@a.example",
        "https://a.example/?q=1",
        "https://a.example/#x",
        "https://a.example:99999",
        "https://a.exa mple",
        "https://a.example\n",
    ],
)
def test_an_address_a_key_must_not_go_to_is_refused(address: str) -> None:
    """Plain http beyond loopback, other schemes, and anything that could hide where the key goes."""
    with pytest.raises(InvalidSetting):
        check_base_url(address)


def test_a_password_in_an_address_is_not_echoed() -> None:
    """Credentials pasted into the address are no less secret than a key."""
    with pytest.raises(InvalidSetting) as caught:
        check_base_url("https://user:hunter2@a.example")
    assert "hunter2" not in str(caught.value)
