"""The API key and the address it may be sent to: both checked before anything is sent.

"Never log or echo the key" (docs.puffle.ai, authentication): a key has a masked repr, no ``vars``,
cannot be pickled, and no message of ours holds any part of it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import NoReturn

from ..errors import InvalidApiKey, InvalidSetting, MissingApiKey
from .address import EXAMPLE, Address

DEFAULT_BASE_URL = EXAMPLE
API_KEY_VARIABLE = "PUFFLE_API_KEY"
BASE_URL_VARIABLES = ("PUFFLE_BASE_URL", "PUFFLE_API_BASE_URL")
"""The variables that can name the address, the first that is set winning."""

# Visible ASCII: what RFC 9110 (5.5) lets a header field hold without quoting or folding.
_SENDABLE = re.compile(r"[\x21-\x7e]{1,1000}", re.ASCII)

# Only looked at to warn: Puffle decides what a key is.
_USUAL = re.compile(r"pk_[a-z]+_\S")

_MASK = "pk_…".encode()

_REFUSED = (
    "Nothing is sent, because base_url was refused: {reason} "
    f"Set it again with %config PuffleMagics.base_url; None takes {BASE_URL_VARIABLES[0]} "
    f"or {DEFAULT_BASE_URL}."
)

# Escapes of what a key may consist of. Looked for first: they are rare, and looking for the whole key in so
# many ways takes 30 ms of an answer of 5 MB, this 2.
_SHORT_ESCAPES = frozenset('"/\\')
_ESCAPED_ASCII = re.compile(rb"\\u00[2-7]")


class ApiKey:
    """An API key that does not show itself.

    >>> ApiKey("pk_live_0123456789")
    ApiKey('pk_…')

    Raises:
        InvalidApiKey: empty, or with characters that cannot be sent in a header.
    """

    __slots__ = ("__secret", "__weakref__")

    def __init__(self, secret: str) -> None:
        problem = _why_unusable(secret)
        if problem:
            del secret  # `%xmode Verbose` prints the locals of every frame of a traceback
            raise InvalidApiKey(problem)
        self.__secret = secret

    def cut_from(self, text: str) -> str:
        """``text`` without the key, should somebody have echoed it."""
        return text.replace(self.__secret, "pk_…")

    def cut_from_bytes(self, content: bytes) -> bytes:
        """``content`` without the key, as plain text and in every way that JSON may write it.

        RFC 8259, section 7: any character may be escaped, so ``\\u0070k_live_1`` is the key ``pk_live_1``.
        """
        content = content.replace(self.__secret.encode(), _MASK)
        if _ESCAPED_ASCII.search(content) or not _SHORT_ESCAPES.isdisjoint(self.__secret):
            content = re.sub(b"".join(map(_ways_in_json, self.__secret)), _MASK, content)
        return content

    @property
    def looks_like_puffles(self) -> bool:
        """Whether it begins as Puffle's keys do, ``pk_live_``; another word than "live" may come one day."""
        return _USUAL.match(self.__secret) is not None

    def authorization(self) -> str:
        """The value of the one header the key goes into."""
        return f"Bearer {self.__secret}"

    def __repr__(self) -> str:
        return "ApiKey('pk_…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiKey) and self.__secret == other.__secret

    def __hash__(self) -> int:
        return hash((ApiKey, self.__secret))

    def __reduce__(self) -> NoReturn:
        raise TypeError("an ApiKey cannot be pickled: it would be written out in plain text")


def _ways_in_json(character: str) -> bytes:
    r"""A pattern for a character of a key inside a JSON string: ``/``, ``\/``, ``\u002F``."""
    code = f"{ord(character):02x}"
    digits = "".join(f"[{digit}{digit.upper()}]" for digit in code)
    ways = [re.escape(character), rf"\\u00{digits}"]
    if character in _SHORT_ESCAPES:
        ways.append(re.escape(f"\\{character}"))
    return f"(?:{'|'.join(ways)})".encode()


def guarded(api_key: str | ApiKey | InvalidApiKey | None) -> ApiKey | InvalidApiKey | None:
    """``api_key`` in a form that shows nothing: the error, not raised, when it is unusable.

    Functions that are given a key as text put this in its place at once, since `%xmode Verbose` prints
    the locals of every frame of a traceback. `Account.find` raises the error.
    """
    if api_key is None or isinstance(api_key, ApiKey | InvalidApiKey):
        return api_key
    try:
        return ApiKey(api_key)
    except InvalidApiKey as error:
        return error.with_traceback(None)


def _why_unusable(secret: object) -> str:
    """Why ``secret`` cannot be sent in a header, without any part of it; "" when it can."""
    if isinstance(secret, str) and _SENDABLE.fullmatch(secret):
        return ""
    if not isinstance(secret, str):
        return f"The API key must be text, not {type(secret).__name__}."
    if not secret.strip():
        return "The API key is empty: copy it again from Puffle's settings."
    if secret != secret.strip():
        problem = "starts or ends with a space or a line break"
    elif re.search(r"[\x00-\x1f\x7f]", secret):
        problem = "holds a line break or another control character"
    elif re.search(r"\s", secret):
        problem = "holds a space"
    elif not secret.isascii():
        problem = "holds a character that keys do not have, such as a curly quote"
    else:
        problem = "is too long"
    return f"The API key {problem}: copy it again from Puffle's settings, nothing around it. It was not sent."


@dataclass(frozen=True)
class Account:
    """Where requests go and the key they carry."""

    address: Address
    api_key: ApiKey

    @property
    def base_url(self) -> str:
        """The address as text."""
        return str(self.address)

    @classmethod
    def find(cls, api_key: ApiKey | InvalidApiKey | None = None, base_url: str | None = None) -> Account:
        """The account to use. The first of these that is set decides.

        1. the arguments,
        2. `%puffle_demo`, while that is the last choice,
        3. `%puffle_login` and ``%config PuffleMagics.base_url``,
        4. the environment: ``PUFFLE_API_KEY``; ``PUFFLE_BASE_URL``, then ``PUFFLE_API_BASE_URL``, which other
           tools for Puffle read,
        5. keyring, and ``https://app.puffle.ai``.

        Raises:
            MissingApiKey, InvalidApiKey, InvalidSetting: before anything is sent.
        """
        _raise_refusal(base_url)
        demo = session.demo
        if demo is not None and (not base_url or Address.parse(base_url) == demo.address):
            base_url, api_key = demo.base_url, api_key or demo.api_key
        address = _address(base_url)
        key = api_key or session.api_key or _key_from_environment() or _key_from_keyring()
        if key is None:
            raise MissingApiKey(
                f"No API key: set the environment variable {API_KEY_VARIABLE} before starting Python, "
                "or give it in code: PuffleClient(api_key=…)."
            )
        if isinstance(key, InvalidApiKey):
            raise key
        return cls(address, key)


@dataclass
class Session:
    """What this kernel got from `%puffle_login`, `%puffle_demo` and ``%config PuffleMagics.base_url``.

    Of the embedded Puffle and an address the last choice counts. Neither overwrites the other, so that an
    account of the user's outlives the embedded one, and no key is sent to the other's address.

    Attributes:
        api_key: the key of `%puffle_login`.
        base_url: the address last accepted.
        refusal: why the address last asked for cannot be used; nothing is sent meanwhile.
        demo: the embedded Puffle's account, while it is the last choice.
    """

    api_key: ApiKey | None = None
    base_url: str | None = None
    refusal: InvalidSetting | None = None
    demo: Account | None = None

    def choose_address(self, base_url: str | None) -> None:
        """Send to ``base_url`` from now on; None is ``PUFFLE_BASE_URL`` or Puffle's own."""
        self.base_url, self.refusal, self.demo = base_url, None, None

    def refuse_address(self, reason: str) -> None:
        """Send nothing until an address is chosen: the one before is not the one that was wanted."""
        self.refusal, self.demo = InvalidSetting(_REFUSED.format(reason=reason)), None

    def enter_demo(self, account: Account) -> None:
        """Send to the embedded Puffle from now on."""
        self.demo, self.refusal = account, None

    def leave_demo(self, account: Account) -> None:
        """Send to the user's own account again, unless another choice came after ``account``."""
        if self.demo == account:
            self.demo = None


session = Session()


def current_base_url() -> str:
    """Where requests of this kernel go now, whether there is a key or not.

    Raises:
        InvalidSetting: the address last asked for cannot be used.
    """
    _raise_refusal(None)
    return session.demo.base_url if session.demo is not None else str(_address(None))


def _address(base_url: str | None) -> Address:
    return Address.parse(base_url or session.base_url or _base_url_from_environment() or DEFAULT_BASE_URL)


def _raise_refusal(base_url: str | None) -> None:
    if not base_url and session.refusal is not None:
        raise session.refusal.with_traceback(None)


def _base_url_from_environment() -> str | None:
    return next(filter(None, map(os.environ.get, BASE_URL_VARIABLES)), None)


def _key_from_environment() -> ApiKey | InvalidApiKey | None:
    return guarded(os.environ.get(API_KEY_VARIABLE) or None)


def _key_from_keyring() -> ApiKey | InvalidApiKey | None:
    """The key kept by ``keyring set puffle api_key``, when the extra is installed and unlocked."""
    try:
        import keyring

        secret = keyring.get_password("puffle", "api_key")
    except ImportError:
        return None
    except Exception:  # a locked or absent key store is no reason to fail: the next place is asked
        return None
    return guarded(secret or None)


def check_base_url(base_url: str) -> str:
    """Return ``base_url`` in its canonical form, when a key may be sent there.

    Raises:
        InvalidSetting: see `Address.parse`.
    """
    return str(Address.parse(base_url))
