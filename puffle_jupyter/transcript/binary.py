"""Files that stand as base64 within JSON, such as a screenshot in a tool's result: named, not printed.

A reader has nothing from a megabyte of base64. What was sent stays in the raw JSON of a page and in
`call.result`.
"""

from __future__ import annotations

import re

from ..json_value import JsonValue
from .formats.parts import base64_size

SHORTEST = 200
"""Characters of base64 from which on a file is named instead of printed."""

_CONTEXT = 300  # bytes around the base64 in which the object it belongs to says what it is
_BRACE = re.compile(rb"[{}]")
_HINTS = (b"base64,", b'ype"', b'YPE"')  # without one of them the rest would be in vain
_STRING = re.compile(
    rb'"(?:data:(?P<type>[\w.+/-]{0,100})[^",\s]{0,100};base64,)?'
    rb"(?P<base64>(?:[A-Za-z0-9+/_-]|\\/){%d,}+={0,2})\"" % SHORTEST
)
_MEDIA_TYPE = re.compile(
    rb'"(?:media_?type|mime_?type|content_?type)"\s*:\s*"([\w.+/-]{1,100})"', re.IGNORECASE
)
_KIND = re.compile(
    rb'"type"\s*:\s*"([^"\\]{0,40}(?:image|audio|video|media|file|base64|document)[^"\\]{0,40})"'
)


def without_base64(value: JsonValue) -> JsonValue:
    """``value`` with each file in base64 replaced by its type and size; ``value`` itself without any.

    Base64 is told by what stands next to it in its object: a media type, or a type such as ``image-data``.
    Other long words without a space stay.

    >>> without_base64(JsonValue.of({"mimeType": "image/png", "data": "QUJD" * 100})).python()["data"]
    'image/png · 300 bytes'
    """
    encoded = value.encoded
    if not _has_long_string(encoded) or not any(word in encoded for word in _HINTS):
        return value
    replaced = _STRING.sub(_named, encoded)
    return value if replaced is encoded or replaced == encoded else JsonValue.parse(replaced)


def _has_long_string(encoded: bytes) -> bool:
    """Whether a string may be as long as `SHORTEST`: then one window of half of that lies within it."""
    window = SHORTEST // 2
    return any(encoded.find(b'"', at, at + window) < 0 for at in range(0, len(encoded) - window + 1, window))


def _named(found: re.Match[bytes]) -> bytes:
    kind = found["type"] or _kind_beside(found)
    if kind is None:
        return found[0]
    size = base64_size(found["base64"].replace(b"\\/", b"/").decode())
    return f'"{kind.decode() or "file"} · {size:,} bytes"'.encode()


def _kind_beside(found: re.Match[bytes]) -> bytes | None:
    """The media type, else the type, that the object around ``found`` gives; None when it gives none."""
    before = _BRACE.split(found.string[max(0, found.start() - _CONTEXT) : found.start()])[-1]
    after = _BRACE.split(found.string[found.end() : found.end() + _CONTEXT], 1)[0]
    for pattern in (_MEDIA_TYPE, _KIND):
        for beside in (before, after):
            if match := pattern.search(beside):
                return match[1]
    return None
