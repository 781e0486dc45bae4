"""The one place where text of others becomes HTML text: made visible, redacted, escaped.

Agent Markdown is the only other way in; see `markdown`.
"""

from __future__ import annotations

import html

from .redact import redact
from .visible import one_line, shortened, visible

LABEL_LIMIT = 120
"""Characters of a name, an id or a title before it is cut."""


def escaped(text: str) -> str:
    """``text`` as HTML text or as a quoted attribute value; line breaks stay."""
    return html.escape(redact(visible(text)))


def label(text: str, limit: int = LABEL_LIMIT) -> str:
    """``text`` as one line of HTML text of at most ``limit`` characters."""
    return html.escape(shortened(plain_label(text), limit))


def plain_label(text: str) -> str:
    """``text`` as one harmless line, not yet HTML. Redacted before anything cuts it."""
    return redact(one_line(text))
