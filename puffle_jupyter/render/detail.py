"""How much of a run an export holds."""

from __future__ import annotations

import enum
from typing import Literal, TypeAlias

from ..errors import InvalidExport


class Detail(enum.StrEnum):
    """What is in an export; what it leaves out, it says."""

    FULL = "full"
    ANSWER = "answer"
    CALLS = "calls"
    COMPACT = "compact"
    """Short enough to be pasted into a chat: Markdown only."""


HtmlDetail: TypeAlias = Literal["full", "answer", "calls"]
MarkdownDetail: TypeAlias = Literal["full", "answer", "calls", "compact"]
OF_HTML = (Detail.FULL, Detail.ANSWER, Detail.CALLS)


def check_detail(word: str, *allowed: Detail) -> Detail:
    """The detail called ``word``.

    Raises:
        InvalidExport: it is none of ``allowed``.
    """
    for detail in allowed:
        if word == detail.value:
            return detail
    known = ", ".join(f'"{detail.value}"' for detail in allowed)
    raise InvalidExport(f"detail={word!r} is not known here: use one of {known}")
