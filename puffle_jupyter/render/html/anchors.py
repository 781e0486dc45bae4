"""The ids of a page, to which ``page.html#call-7`` and the links on the page lead.

A browser opens the folds around the element it is sent to. So an id stands inside the fold that is to open,
and the margin keeps the fold's own line in view. In a notebook there are no ids: there an id of ours could
take the place of one that the front end looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import InvalidExport
from ...transcript.model import ToolCall
from . import style

# An id that begins with a letter and holds nothing else can be written and linked to without escapes.
_PREFIX = re.compile(r"(?:[A-Za-z][A-Za-z0-9_-]{0,60})?", re.ASCII)
_ABOVE = "scroll-margin-top:64px"


@dataclass(frozen=True, slots=True)
class Anchors:
    """The ids of one page; none at all without a prefix.

    Attributes:
        prefix: what every id begins with, which may be ""; None for a notebook.
    """

    prefix: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether the elements of a page are made, which have ids and classes."""
        return self.prefix is not None

    def in_call(self, call: ToolCall, looks: str) -> str:
        """The attributes of the element inside the fold of ``call``; ``looks`` is its style."""
        if self.prefix is None:
            return f'style="{looks}"'
        return f'style="{looks};{_ABOVE}" id="{self._call(call)}"'

    def of_messages(self, indexes: Iterable[int]) -> str:
        """Empty elements with the ids of the messages at ``indexes``; "" in a notebook."""
        if self.prefix is None:
            return ""
        return "".join(f'<span style="{_ABOVE}" id="{self.prefix}message-{at}"></span>' for at in indexes)

    def contents(self) -> str:
        """The id of the contents, which are of no use on paper; "" in a notebook."""
        return "" if self.prefix is None else f"{self.prefix}contents"

    def link(self, call: ToolCall, shown: str) -> str:
        """``shown``, html of ours, as a link to ``call``; as it is in a notebook."""
        return shown if self.prefix is None else self._link(self._call(call), shown)

    def link_message(self, at: int, shown: str) -> str:
        """The same to the message at ``at``."""
        return shown if self.prefix is None else self._link(f"{self.prefix}message-{at}", shown)

    def _link(self, id: str, shown: str) -> str:
        return f'<a style="{style.LINK}" href="#{id}">{shown}</a>'

    def _call(self, call: ToolCall) -> str:
        return f"{self.prefix}call-{call.index}"


NO_IDS = Anchors()


def anchors_of_page(prefix: str) -> Anchors:
    """The ids of a page, all beginning with ``prefix``.

    Raises:
        InvalidExport: the prefix is no letter followed by at most 60 letters, digits, ``_`` or ``-``.
    """
    if not _PREFIX.fullmatch(prefix):
        raise InvalidExport(
            f'id_prefix={prefix!r} cannot begin an id: use a letter and then letters, digits, "-" or "_"'
        )
    return Anchors(prefix)
