"""An address among facts and in a cell as a link: by the rule for links in agent Markdown."""

from __future__ import annotations

import html

from ...safe_text import shortened
from ...untrusted import plain_label
from . import markdown, style
from .escape import label

_START = f'<a style="{style.LINK}" target="_blank" rel="noopener noreferrer nofollow" '


def link(url: str, text: str, limit: int = 200) -> str:
    """A link when ``url`` is an absolute web or mail address; otherwise the words alone.

    Args:
        url: where it leads.
        text: what it says.
        limit: characters of the text.
    """
    address = plain_label(url)
    said = html.escape(shortened(address, limit)) if text == url else label(text, limit)
    return (
        f'{_START}href="{html.escape(address)}">{said}</a>' if markdown.is_allowed_address(address) else said
    )
