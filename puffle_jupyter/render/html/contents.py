"""The contents of a page in a fold: a link to each message that says something."""

from __future__ import annotations

import html

from ..contents import contents_of
from ..outline import Outline
from ..words import count_words
from . import style
from .anchors import Anchors
from .fold import details, small

_LIST = f"margin:4px 0 8px;padding-left:22px;{style.SMALL}"


def contents_html(outline: Outline, anchors: Anchors) -> str:
    """The fold; "" for a short transcript, and in a notebook, which has no ids."""
    if anchors.prefix is None:
        return ""
    entries, more = contents_of(outline)
    if not entries:
        return ""
    lines = [f"<li>{anchors.link_message(entry.message, html.escape(entry.words))}</li>" for entry in entries]
    lines += [f"<li>{count_words(more, 'more message')}</li>"] if more else []
    fold = details(small("Contents"), f'<ul style="{_LIST}">{"".join(lines)}</ul>', margin="10px 0 0")
    return f'<div id="{anchors.contents()}">{fold}</div>'
