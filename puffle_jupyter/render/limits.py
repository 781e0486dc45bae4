"""How much one output may hold, and what is said where that is not all: the one home of both.

A notebook output is html and text of at most 2 MB together. What there is no room for is left out from its
end, and exactly that is said.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from .arrangement import AS_IT_IS, Arrangement
from .words import count_words

T = TypeVar("T")

_ATTEMPTS = 4
_BLOCK = 16_000
"""Bytes of a block that is not large, such as a message of several screenfuls."""
_FRAME = 1_000
"""Bytes around a series: a heading, and how much of it is left out."""


@dataclass(slots=True)
class Omissions:
    """Whether anything was left out of one output for want of room."""

    any: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What one output may hold, and how it is arranged; a None among the sizes is everything.

    Attributes:
        block: characters of one text or one JSON value, and bytes of one table.
        output: bytes of HTML in all.
        omissions: notes whether anything was left out; shared by all that is rendered for one output.
        arrangement: which folds are open, and what is searched for.
        elsewhere: what has all of it, such as ``run.to_html()``.
    """

    block: int | None = None
    output: int | None = None
    omissions: Omissions = field(default_factory=lambda: Omissions(), compare=False)
    arrangement: Arrangement = AS_IT_IS
    elsewhere: tuple[str, ...] = ("run.to_html()", "run.to_markdown()", "run.to_dict()")

    def before(self, following: int) -> Limits:
        """What a block may hold when so many follow it: of a large one, half is kept for those."""
        if self.output is None or not following:
            return self
        left = self.output
        return replace(self, output=max(left // 2, left - following * _BLOCK, min(left, _BLOCK)))

    def fit(self, content: str) -> bool:
        """Whether there is room for ``content``."""
        return self.output is None or size_of(content) <= self.output

    def without(self, contents: Iterable[str]) -> Limits:
        """What is left when ``contents`` are in the output."""
        if self.output is None:
            return self
        return replace(self, output=self.output - sum(map(size_of, contents)))

    def for_one_output(self, arrangement: Arrangement = AS_IT_IS) -> Limits:
        """The same limits, with nothing left out yet, for an output arranged like this."""
        return Limits(self.block, self.output, arrangement=arrangement, elsewhere=self.elsewhere)

    def without_marks(self) -> Limits:
        """The same, for a value whose matches are marked where it is shown another way."""
        return replace(self, arrangement=replace(self.arrangement, search=None))


EVERYTHING = Limits()
"""A standalone page."""
NOTEBOOK = Limits(block=200_000, output=1_600_000)
"""The html of a notebook output."""
NOTEBOOK_TEXT = Limits(output=300_000)
"""The text next to it."""


def shown_words(shown: int, of: int, noun: str) -> str:
    """How much of something is shown: ``2 of 3 messages shown, to keep this output under 2 MB``."""
    return f"{shown:,} of {count_words(of, noun)} shown, {FOR_WANT_OF_ROOM}"


def above_words(shown: int, of: int, noun: str) -> str:
    """How much of something is above a fold that has the rest: ``1 of 10 rows above``."""
    return f"{shown:,} of {count_words(of, noun)} above"


FOR_WANT_OF_ROOM = "to keep this output under 2 MB"


def text_within_output(text: str, elsewhere: str) -> str:
    """``text`` as a notebook output may hold it; where that is not all, it says what has all of it."""
    if NOTEBOOK_TEXT.fit(text):
        return text
    shown = text.encode()[: NOTEBOOK_TEXT.output].decode(errors="ignore")
    return f"{shown}\n… {shown_words(len(shown), len(text), 'character')}; {elsewhere} has all of them"


def fitted(render: Callable[[Limits], str | None], limits: Limits, following: int = 0) -> str | None:
    """What ``render`` makes of one block: of all of it, or of less of each text, table and list in it.

    The one place that decides how much of a block is shown, so that no block hides those after it.

    Args:
        render: makes the block within the limits it is given.
        limits: what there is room for.
        following: how many blocks come after it.

    Returns:
        None if nothing of it fits.
    """
    limits = limits.before(following)
    for _ in range(_ATTEMPTS):
        content = render(limits)
        if content is None or limits.output is None or limits.block is None:
            return content
        if (size := size_of(content)) <= limits.output:
            return content
        less = int(min(limits.block, size) * min(0.8 * limits.output / size, 0.5))
        limits = replace(limits, block=less)
    return None


def series(items: Sequence[T], render: Callable[[T, Limits], str | None], limits: Limits) -> Iterator[str]:
    """What ``render`` makes of the ``items``, up to the first that there is no room for."""
    if limits.output is not None:
        limits = replace(limits, output=limits.output - _FRAME)
    for at, item in enumerate(items, 1):
        room = limits.before(len(items) - at)
        one = render(item, room)
        if one is not None and not room.fit(one):
            one = fitted(functools.partial(render, item), room)
        if one is None:
            return
        yield one
        limits = limits.without([one])


def size_of(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
