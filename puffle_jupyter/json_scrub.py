"""What Python's JSON writer sends and no other reader takes, replaced in the text itself.

A lone surrogate (``"\\ud800"``) has no UTF-8; ``NaN`` and the infinities are not JSON (RFC 8259, section 6).
Only they are replaced, by searches that run in C: to decode and encode a whole body for one of them holds up
the poll thread for 280 ms at 5 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LOW = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HIGH_BEFORE = rb"(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])"
# Each begins with three fixed bytes, which are searched for quickly.
_LONE_SURROGATES = {
    beginning: re.compile(
        re.escape(beginning)
        + rb"(?:[89abAB][0-9a-fA-F]{2}(?!%b)|%b[c-fC-F][0-9a-fA-F]{2})" % (_LOW, _HIGH_BEFORE)
    )
    for beginning in (rb"\ud", rb"\uD")
}
# Here the high surrogate is text: the backslash before it is an escaped one.
_LONE_AFTER_TEXT = re.compile(rb"(\\\\u[dD][89abAB][0-9a-fA-F]{2})%b" % _LOW)
_REPLACEMENT = rb"\ufffd"
_BACKSLASH = ord("\\")
_WORDS = {b"-Infinity": b'"-inf"', b"Infinity": b'"inf"', b"NaN": b'"nan"'}
# Two bytes that no JSON text holds, since control characters are escaped in it: lengths stay as they were.
_ESCAPED_BACKSLASH, _ESCAPED_QUOTE = b"\x00\x00", b"\x00\x01"


def quiet(encoded: bytes) -> bytes:
    """``encoded`` with escaped backslashes and quotes blanked out: what is left of either is none.

    Every ``"`` then begins or ends a string, every backslash begins an escape, and all else is where it was.
    """
    if b"\\" not in encoded:
        return encoded
    return encoded.replace(rb"\\", _ESCAPED_BACKSLASH).replace(rb"\"", _ESCAPED_QUOTE)


def scrubbed(encoded: bytes) -> bytes:
    """``encoded`` with lone surrogates as U+FFFD and what is no finite number as a string.

    It may be no JSON at all, before and after.
    """
    for beginning, lone in _LONE_SURROGATES.items():
        if beginning in encoded:
            encoded = lone.sub(_without_lone, encoded)
    if rb"\\u" in encoded:
        encoded = _LONE_AFTER_TEXT.sub(_without_lone_after_text, encoded)
    if b"\x00" in encoded or not any(word in encoded for word in _WORDS):
        return encoded
    known = quiet(encoded)
    for word, text in _WORDS.items():
        known = b"".join(_replaced(known, word, text))
    return known.replace(_ESCAPED_BACKSLASH, rb"\\").replace(_ESCAPED_QUOTE, rb"\"")


def _without_lone(match: re.Match[bytes]) -> bytes:
    return _REPLACEMENT if _begins_escape(match, 0) else match[0]


def _without_lone_after_text(match: re.Match[bytes]) -> bytes:
    return match[0] if _begins_escape(match, 1) else match[1] + _REPLACEMENT


def _begins_escape(match: re.Match[bytes], offset: int) -> bool:
    """Whether the backslash there begins an escape: it is none that the backslash before it escapes."""
    end = start = match.start() + offset
    while start and match.string[start - 1] == _BACKSLASH:
        start -= 1
    return (end - start) % 2 == 0


def _replaced(known: bytes, word: bytes, text: bytes) -> Iterator[bytes]:
    """The pieces of ``known`` with ``text`` for each ``word`` that is in no string."""
    done = at = 0
    inside = False
    while (found := known.find(word, at)) >= 0:
        inside ^= known.count(b'"', at, found) % 2 == 1
        at = found + len(word)
        if not inside:
            yield known[done:found]
            yield text
            done = at
    yield known[done:]
