"""Credentials never reach a reader: keys and bearer tokens are cut out of everything rendered or exported.

An agent may quote the key it was called with, and a saved notebook is passed on.
"""

from __future__ import annotations

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
_PROSE = re.compile(r"[a-z]{1,15}[.]?")


def redact(text: str) -> str:
    """Return ``text`` with Puffle keys as ``pk_live_…`` and bearer tokens as ``Bearer …``."""
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
