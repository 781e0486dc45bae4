"""Printing, the one place for it: to any standard output, whatever its encoding, also to none.

On Windows a pipe is cp1252, in a container often ASCII, under ``pythonw`` there is no output at all: a
character that cannot be written must not end a watch. Imported with the extension: nothing heavy here.
"""

from __future__ import annotations

import sys
from typing import Any

_ASCII_FOR = str.maketrans(
    {
        **dict.fromkeys("·–—‑─", "-"),
        **dict.fromkeys("○◐✓✗⊘●•◇", "*"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("‘’", "'"),
        "…": "...",
        "→": "->",
        "×": "x",
        "−": "-",
        "↕": "|",
        "↻": "*",
        "│": "|",
        "☐": "[ ]",
        "☑": "[x]",
    }
)
"""What our own signs are where only ASCII can be written; other characters become a question mark."""


def say(text: str) -> None:
    """Print ``text`` and a line break; what the output cannot encode is replaced.

    Where there is no standard output, or a closed one, nothing happens. Other failures, such as a full
    disk, are the caller's.
    """
    stream = sys.stdout
    if stream is None or getattr(stream, "closed", False):
        return
    try:
        print(encodable(text, stream), file=stream, flush=True)
    except UnicodeEncodeError:  # a stream that does not say, or says wrongly, what it can write
        print(_replaced(text, "ascii"), file=stream, flush=True)


def encodable(text: str, stream: Any) -> str:
    """``text`` as ``stream`` can write it; unchanged where it can write all of it."""
    encoding = getattr(stream, "encoding", None)
    if not isinstance(encoding, str):
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return _replaced(text, encoding)
    except LookupError:  # an encoding that Python does not know
        return _replaced(text, "ascii")
    return text


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    try:
        return sys.stdout is not None and bool(sys.stdout.isatty())
    except (AttributeError, ValueError):  # an object of somebody's own, or a closed file
        return False


def _replaced(text: str, encoding: str) -> str:
    return text.translate({ord(character): _writable(character, encoding) for character in set(text)})


def _writable(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return character.translate(_ASCII_FOR).encode("ascii", "replace").decode()
    return character
