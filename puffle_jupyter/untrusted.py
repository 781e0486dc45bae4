"""Untrusted text as plain text: what Puffle, a proxy or an agent sent, made harmless.

A terminal obeys ESC, and a saved traceback is passed on: so no such text keeps a control character, a
line break or a credential.
"""

from __future__ import annotations

from .redact import redact
from .safe_text import escape_invisible, one_line, shortened


def untrusted_words(text: str, limit: int | None = None) -> str:
    """Return ``text`` as one line, with deceiving characters escaped and credentials cut out.

    Applied twice it changes nothing more.

    Args:
        text: what a server sent.
        limit: characters of the result; what is longer ends in an ellipsis. None cuts nothing.

    >>> untrusted_words("quota\\n\\x1b[31m exceeded")
    'quota \\\\u001b[31m exceeded'
    """
    words = redact(one_line(" ".join(text.split())))
    return words if limit is None else shortened(words, limit)


def plain_label(text: str) -> str:
    """``text`` as one harmless line, not yet HTML. Redacted before anything cuts it."""
    return redact(one_line(text))


def terminal_safe(text: str) -> str:
    """``text`` with ESC, CR, C0 and C1 controls, bidirectional and tag characters as visible escapes.

    >>> terminal_safe("a\\x1b[2J")
    'a\\\\u001b[2J'
    """
    return redact(escape_invisible(text))
