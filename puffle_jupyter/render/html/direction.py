"""Text that is written from right to left: its blocks take the direction of what they say (``dir="auto"``).

Text without such letters is left as it is: the attribute would make each of its blocks longer, and change
nothing. An element whose first child has a ``dir`` of its own would not look at the text of that child (HTML,
section 3.2.6.4): so of blocks that begin together only the outermost has one, and the others inherit it.
"""

from __future__ import annotations

import re

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_BLOCK = re.compile(
    r"(<(?:p|h[1-6]|[uo]l|li|blockquote|table|t[hd])\b[^>]*>\s*(?:<(?:thead|tbody|tr)\b[^>]*>)*)"
)
_INSERT_AT = re.compile(r"(?<=<)\w+")
# A marker stands on the side where its item begins.
_LIST = ("padding-left:22px", "padding:0 22px")
_ALIGNED = ("text-align:left", "text-align:start")
AUTO = ' dir="auto"'


def has_right_to_left(text: str) -> bool:
    """Whether ``text`` has letters that are written from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def auto(text: str) -> str:
    """The attribute of one block that holds ``text``; "" where it would change nothing, and for JSON."""
    return AUTO if has_right_to_left(text) and not text.lstrip().startswith(("{", "[")) else ""


def with_directions(shown: str) -> str:
    """``shown``, html as `markdown` styles it, with a direction for each block; code keeps its own."""
    pieces = _BLOCK.split(shown)
    is_first = False
    for at in range(1, len(pieces), 2):
        is_first = is_first and not pieces[at - 1]
        if not is_first:
            name = _INSERT_AT.search(pieces[at])
            end = name.end() if name else 0
            pieces[at] = f"{pieces[at][:end]}{AUTO}{pieces[at][end:]}"
        pieces[at] = pieces[at].replace(*_LIST).replace(*_ALIGNED)
        is_first = True
    return "".join(pieces).replace("<pre ", '<pre dir="ltr" ')
