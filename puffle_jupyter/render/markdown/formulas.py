"""Displayed formulas in Markdown, as notebooks read them: before code, and over any number of paragraphs.

A ``$$`` without a partner would take its partner out of a code block further down, and what follows it there
would no longer be code.
"""

from __future__ import annotations

import re

BEGINS = r"\$\$?|\\{2,3}[\[(]|\\{1,3}begin\{"
"""Any beginning, displayed or in a line. Of many backslashes, those before the last three are pairs."""
_DISPLAYED = re.compile(r"(?<!\\)\$\$|\\\\[\[\]]|\\(?:begin|end)\{[a-z]*\*?\}|`")
_ANY = re.compile(r"\$|\\\\[()\[\]]|\\(?:begin|end)\{")


def may_hold(text: str) -> bool:
    """Whether anything in ``text`` begins or ends a formula, in a line or displayed."""
    return _ANY.search(text) is not None


def may_display(text: str) -> bool:
    """Whether anything in ``text`` begins or ends a displayed formula."""
    return any(token[0] != "`" for token in _DISPLAYED.finditer(text))


def all_end(text: str) -> bool:
    r"""Whether every displayed formula that begins in ``text`` ends in it, with no code in between.

    >>> all_end("$$ a $$"), all_end("$$ a")
    (True, False)
    """
    expected = ""
    for token in _DISPLAYED.finditer(text):
        found = token[0]
        if not expected:
            expected = _end_of(found)
        elif found == expected:
            expected = ""
        elif found == "`":
            return False
    return not expected


def escaped_beginning(beginning: str) -> str:
    """A text that matches `BEGINS`, so that it begins nothing."""
    if beginning[0] == "$":
        return "&#36;" * len(beginning)
    return f"{beginning[:-1]}&#{ord(beginning[-1])};"


def _end_of(beginning: str) -> str:
    """What ends the formula that begins so; "" when this is no beginning."""
    if beginning == "$$":
        return "$$"
    if beginning == r"\\[":
        return r"\\]"
    return beginning.replace("begin", "end", 1) if beginning.startswith(r"\begin") else ""
