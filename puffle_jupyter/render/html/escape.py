"""The one place where untrusted text becomes HTML text: made visible, redacted, escaped.

Agent Markdown is the only other way in; see `markdown`.
"""

from __future__ import annotations

import html
import re

from ...redact import redact
from ...safe_text import escape_invisible, shortened
from ...untrusted import plain_label

LABEL_LIMIT = 120
"""Characters of a name, an id or a title before it is cut."""

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_MAYBE_BLANK = re.compile(r"\n(?<=[ \t\n]\n)")


def escaped(text: str) -> str:
    """``text`` as HTML text; line breaks stay.

    Quotes stay, too: they are as safe there, and JSON would be a quarter longer. For an attribute's value
    there is `attribute`.
    """
    return unbroken(html.escape(redact(escape_invisible(text)), quote=False))


def attribute(text: str) -> str:
    """``text`` as the value of a quoted attribute."""
    return html.escape(redact(escape_invisible(text)))


def unbroken(html_text: str) -> str:
    """``html_text`` without blank lines: the line feeds that make them are written as references.

    In Markdown (nbconvert writes outputs into it as they are) a blank line ends a block of HTML
    (CommonMark 0.31, section 4.6): the rest of a ``pre`` would be rendered as Markdown, its images loaded.

    >>> unbroken("a\\n\\nb")
    'a\\n&#10;b'
    """
    # Looked for first: laid out JSON has very many line feeds and no blank line, and this is half the work.
    if not _MAYBE_BLANK.search(html_text):
        return html_text
    return _BLANK_LINES.sub(lambda lines: "\n" + lines[0][1:].replace("\n", "&#10;"), html_text)


def label(text: str, limit: int = LABEL_LIMIT) -> str:
    """``text`` as one line of HTML text of at most ``limit`` characters."""
    return html.escape(shortened(plain_label(text), limit))
