"""Credentials never reach a reader: keys and bearer tokens are cut out of everything rendered or exported.

An agent may quote the key it was called with, and a saved notebook is passed on. E-mail addresses and phone
numbers, which a sales tool is about, are cut out only when the user asks for it.
"""

from __future__ import annotations

import enum
import re

# A JSON escape inside a key is still part of the key.
_KEY = re.compile(r"pk_live_(?:[A-Za-z0-9_-]|\\u[0-9A-Fa-f]{4})+")
# RFC 6750, section 2.1: "Bearer" and a b64token. Words that follow "bearer" in prose are no tokens.
_BEARER = re.compile(
    r"\b(bearer)((?:\s|%20|\+|&#32;|\\t)+)"
    r"(?!(?:tokens?|auth|authentication|authorization|scheme|headers?|keys?|format)\b(?![.~/+=-]?\w))"
    r"[A-Za-z0-9._~+/-]{4,}=*",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# An international number, a national one in parts, a North American one; dates and ids are none of them.
_PHONE = re.compile(
    r"(?<![\w.+-])(?:"
    r"\+\d[\d ()./-]{6,18}\d"
    r"|\(?0\d{1,5}\)?(?: ?[/-] ?| )\d[\d -]{4,12}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r")(?!\w)"
)
_PROSE = re.compile(r"[a-z]{1,15}[.]?")


class Personal(enum.Enum):
    """What is cut out only when asked for."""

    EMAILS = "emails"
    PHONES = "phones"


_asked_for: frozenset[Personal] = frozenset()


def redact_also(kinds: frozenset[Personal]) -> None:
    """Cut these out too, from all that is rendered from now on: ``%config PuffleMagics.redact``."""
    global _asked_for
    _asked_for = kinds


def redact(text: str) -> str:
    """Return ``text`` with Puffle keys as ``pk_live_…`` and bearer tokens as ``Bearer …``.

    With `redact_also`, e-mail addresses become ``[e-mail]`` and phone numbers ``[phone]``.
    """
    if Personal.EMAILS in _asked_for and "@" in text:
        text = _EMAIL.sub("[e-mail]", text)
    if Personal.PHONES in _asked_for:
        text = _PHONE.sub("[phone]", text)
    if "pk_live_" in text:
        text = _KEY.sub("pk_live_…", text)
    if "earer" in text or "EARER" in text:
        text = _BEARER.sub(_without_token, text)
    return text


def _without_token(match: re.Match[str]) -> str:
    word, space = match[1], match[2]
    token = match[0][len(word) + len(space) :]
    is_prose = word == "bearer" and _PROSE.fullmatch(token)
    return match[0] if is_prose else f"{word}{space}…"
