"""Where fenced code begins and ends (CommonMark 0.31, section 4.5), for what reads Markdown line by line."""

from __future__ import annotations

import re

FENCE = re.compile(r" {0,3}(```+(?=[^`]*$)|~~~+)")
"""A line that may begin or end one; its group is the mark. No backtick follows one of backticks."""


def fence_after(fence: str, mark: str) -> str:
    """The mark of the code that is open after a line with ``mark``; ``fence`` is that before, "" for none."""
    if not fence:
        return mark
    return "" if mark.startswith(fence) else fence
