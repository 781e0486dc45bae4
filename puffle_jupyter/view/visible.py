"""Characters that deceive, made visible.

A terminal obeys ESC, a bidirectional override turns `exe.txt` around, tag characters hide whole
sentences from the reader. All of them are shown the way JSON would escape them: ``\\u001b``.
"""

from __future__ import annotations

import re

_DECEIVING = re.compile(
    "["
    "\x00-\x08\x0b-\x1f"  # C0, but not tab and newline
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible, odd breaks
    "\ud800-\udfff"  # lone surrogates: no UTF-8 exists for them
    "\U000e0000-\U000e0fff"  # tags and supplementary variation selectors
    "]"
)
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n"
_SPACES = {"\n": "\\n", "\t": "\\t"}


def visible(text: str) -> str:
    """Return ``text`` with every deceiving character shown as an escape; tabs and newlines stay.

    >>> visible("a\\x1b[31m")
    'a\\\\u001b[31m'
    """
    # Deleting what is plain leaves next to nothing to search: several times faster than one regex over all.
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    if not rest or not _DECEIVING.search(rest.decode("utf-8", "surrogatepass")):
        return text
    return _DECEIVING.sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """`visible`, with newlines and tabs shown as escapes too: for names, ids and labels."""
    return re.sub("[\n\t]", lambda match: _SPACES[match[0]], visible(text))


def shortened(text: str, limit: int) -> str:
    """The first ``limit`` characters, the last of them an ellipsis when something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escape(match: re.Match[str]) -> str:
    pairs = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[at : at + 4]}" for at in range(0, len(pairs), 4))
