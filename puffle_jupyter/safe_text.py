"""Characters that deceive, made visible.

A terminal obeys ESC, a bidirectional override turns `exe.txt` around, tag characters hide whole
sentences from the reader. All of them are shown the way JSON would escape them: ``\\u001b``.

Joiners, variation selectors, soft hyphens and fillers are part of many scripts and of emoji, one at a time
and next to what they change. Two in a row, or one that changes nothing, can only hide something.
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
_SOFT_HYPHEN = "\u00ad"
_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f"
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_SOMETIMES = f"{_SOFT_HYPHEN}{_JOINERS}{_SELECTORS}{_FILLERS}"
HIDDEN = f"\u180e\u200b\u2060-\u2064\ufeff{_SOMETIMES}"
"""Characters that have no width and no effect between Latin letters, as a range of a regular expression."""
_MAYBE_IDLE = re.compile(f"[{_SOMETIMES}]")
# A character that a joiner, a selector or a filler may belong to.
_BASE = rf"[^\x00-\x7f\s{_SOMETIMES}]"
_IDLE = re.compile(
    rf"(?P<served>(?<={_BASE})[{_SELECTORS}][{_JOINERS}](?={_BASE})"  # a heart within a family
    rf"|(?<=[0-9#*])\ufe0f(?=\u20e3))"  # a keycap
    rf"|[{_SOMETIMES}]{{2,}}"
    rf"|(?<!{_BASE})(?:[{_SELECTORS}]|[{_JOINERS}{_FILLERS}](?!{_BASE}))"
    rf"|(?<!\w){_SOFT_HYPHEN}|{_SOFT_HYPHEN}(?!\w)"
)
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n"
_BREAKS = re.compile("[\n\t]")
_SPACES = {"\n": "\\n", "\t": "\\t"}


def escape_invisible(text: str) -> str:
    """Return ``text`` with every deceiving character shown as an escape; tabs and newlines stay.

    >>> escape_invisible("a\\x1b[31m")
    'a\\\\u001b[31m'
    """
    # Deleting what is plain leaves next to nothing to search: several times faster than one regex over all.
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    if not rest:
        return text
    others = rest.decode("utf-8", "surrogatepass")
    if _MAYBE_IDLE.search(others):
        text = _IDLE.sub(_escape_idle, text)
    return _DECEIVING.sub(_escape, text.replace("\r\n", "\n")) if _DECEIVING.search(others) else text


def one_line(text: str) -> str:
    """`escape_invisible`, with newlines and tabs shown as escapes too: for names, ids and labels."""
    if text.isascii() and text.isprintable():  # almost every label and cell is
        return text
    return _BREAKS.sub(lambda match: _SPACES[match[0]], escape_invisible(text))


def shortened(text: str, limit: int) -> str:
    """The first ``limit`` characters, the last of them an ellipsis when something was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escape_idle(match: re.Match[str]) -> str:
    return match[0] if match["served"] else _escape(match)


def _escape(match: re.Match[str]) -> str:
    pairs = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[at : at + 4]}" for at in range(0, len(pairs), 4))
