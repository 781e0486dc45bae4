"""Two sequences, one beside the other: which items are the same, which stand in place of which.

The algorithm is `difflib`'s. Around it is what it lacks: what both begin and end with is always the same (so
the first difference is the first), both directions give the same answer, and the time is bounded.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", str, bytes)

_MOST_PAIRS = 300_000
"""Pairs of equal items that are looked at; of items that are there more often none is a landmark."""
_ITEMS_A_PAIR = 50
"""Places side by side that cost as much as a pair of equal items, at worst."""
_ORDINARY = 20_000
"""Pairs that two ordinary runs cost."""
_MOST_ITEMS = 5_000
"""Items of both sequences beyond which they are compared position by position: `difflib` is quadratic."""


@dataclass(slots=True)
class Effort:
    """What many comparisons of one difference may cost together: each by itself may be cheap.

    Attributes:
        left: pairs of items that may still be looked at; without any, what differs is taken as a whole.
    """

    left: int = 2 * _MOST_PAIRS

    @contextmanager
    def share(self, following: int) -> Iterator[Effort]:
        """What one of many may cost when so many follow it: where that is much, half is left for those.

        The rule by which an output is shared out, too: see `render.limits`.
        """
        given = max(self.left // 2, self.left - following * _ORDINARY) if following else self.left
        share = Effort(given)
        yield share
        self.left -= given - share.left


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of both sequences, from ``before_start`` up to ``before_end``, and likewise of the other."""

    is_same: bool
    before_start: int
    before_end: int
    after_start: int
    after_end: int

    def inverted(self) -> Stretch:
        """The same, seen from the other sequence."""
        return Stretch(self.is_same, self.after_start, self.after_end, self.before_start, self.before_end)


def stretches(before: Sequence[Key], after: Sequence[Key], effort: Effort | None = None) -> list[Stretch]:
    """Both sequences from their beginning to their end; inverted, those of ``after`` and ``before``.

    Args:
        before: the first sequence.
        after: the second sequence.
        effort: what this comparison takes its share of; None compares these two alone.

    >>> [(one.is_same, one.before_end, one.after_end) for one in stretches("abc", "abxc")]
    [(True, 2, 2), (False, 2, 3), (True, 3, 4)]
    """
    if (len(before), list(before)) > (len(after), list(after)):
        return [stretch.inverted() for stretch in stretches(after, before, effort)]
    start = _same_at_start(before, after)
    end = _same_at_start(before[start:][::-1], after[start:][::-1])
    before_end, after_end = len(before) - end, len(after) - end
    found = [Stretch(True, 0, start, 0, start)]
    found += _middle(before[start:before_end], after[start:after_end], start, effort or Effort())
    found.append(Stretch(True, before_end, len(before), after_end, len(after)))
    return [one for one in found if one.before_start < one.before_end or one.after_start < one.after_end]


def pairs(before: Sequence[Key], after: Sequence[Key]) -> list[tuple[int, int]]:
    """The places of the items that are the same in both, in order."""
    return [pair for stretch in stretches(before, after) if stretch.is_same for pair in _zipped(stretch)]


def _zipped(stretch: Stretch) -> Iterator[tuple[int, int]]:
    return zip(
        range(stretch.before_start, stretch.before_end),
        range(stretch.after_start, stretch.after_end),
        strict=True,
    )


def _same_at_start(before: Sequence[Key], after: Sequence[Key]) -> int:
    shorter = min(len(before), len(after))
    return next((at for at in range(shorter) if before[at] != after[at]), shorter)


def _middle(before: Sequence[Key], after: Sequence[Key], start: int, effort: Effort) -> list[Stretch]:
    if not before or not after or effort.left <= 0:
        return [Stretch(False, start, start + len(before), start, start + len(after))]
    if min(len(before), len(after)) > _MOST_ITEMS:
        return _by_position(before, after, start)
    too_many = _too_many(before, after, effort)
    matcher = difflib.SequenceMatcher(too_many.__contains__, before, after, autojunk=False)
    return [
        Stretch(tag == "equal", start + first, start + last, start + other_first, start + other_last)
        for tag, first, last, other_first, other_last in matcher.get_opcodes()
    ]


def _too_many(before: Sequence[Key], after: Sequence[Key], effort: Effort) -> frozenset[Key]:
    """The items that are there so often that to pair all of them would take too long; takes its share."""
    most = min(_MOST_PAIRS, effort.left)
    effort.left -= len(before) * len(after) // _ITEMS_A_PAIR
    counts, others = Counter(before), Counter(after)
    by_pairs = sorted(((count * others[item], item) for item, count in counts.items() if others[item]))
    kept = 0
    for at, (count, _) in enumerate(by_pairs):
        if kept + count > most:
            effort.left -= kept
            return frozenset(item for _, item in by_pairs[at:])
        kept += count
    effort.left -= kept
    return frozenset()


def _by_position(before: Sequence[Key], after: Sequence[Key], start: int) -> list[Stretch]:
    shorter = min(len(before), len(after))
    found: list[Stretch] = []
    first = 0
    for at in range(1, shorter + 1):
        is_same = before[first] == after[first]
        if at == shorter or (before[at] == after[at]) is not is_same:
            found.append(Stretch(is_same, start + first, start + at, start + first, start + at))
            first = at
    rest = Stretch(False, start + shorter, start + len(before), start + shorter, start + len(after))
    return [*found, rest]
