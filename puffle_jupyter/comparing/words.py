"""Two texts, word by word: first the lines that are the same, then the words of those that are not."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .align import Effort, stretches

# Letters of scripts that put no spaces between words are words by themselves.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff"
_SIGNS = r"!-/:-@\[-`{-~"
_LETTER = rf"[^\s{_SIGNS}{_ALONE}]"
# What joins letters is part of a word: 1,200.50, don't, 2026-01-15, a@b.example.
_WORD = re.compile(rf"{_LETTER}+(?:[-_.,:/@'&’]{_LETTER}+)*|\s+|[{_ALONE}]|[{_SIGNS}]")
_MOST_WORDS = 4_000
"""Words of a part beyond which it is shown as a whole: what was there, and what is there now."""


class PieceKind(enum.Enum):
    """In which of two texts a piece is."""

    SAME = "same"
    GONE = "gone"
    """In the first text only."""
    NEW = "new"
    """In the second text only."""
    LEFT_OUT = "left out"
    """In neither: says how much of what is the same a view leaves out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of two texts."""

    kind: PieceKind
    text: str


def pieces_of(before: str, after: str, effort: Effort | None = None) -> tuple[Piece, ...]:
    """Both texts as pieces: those that are not new are ``before``, those that are not gone ``after``.

    >>> [(piece.kind.value, piece.text) for piece in pieces_of("two good leads", "three good leads")]
    [('gone', 'two'), ('new', 'three'), ('same', ' good leads')]
    """
    return tuple(_tidy(_joined(_by_lines(before, after, effort or Effort()))))


def _by_lines(before: str, after: str, effort: Effort) -> Iterator[Piece]:
    lines, others = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return _aligned(lines, others, effort, functools.partial(_by_words, effort=effort))


def _by_words(before: str, after: str, effort: Effort) -> Iterator[Piece]:
    words, others = _WORD.findall(before), _WORD.findall(after)
    if max(len(words), len(others)) > _MOST_WORDS:
        return _replaced(before, after)
    return _aligned(words, others, effort, _replaced)


def _replaced(gone: str, new: str) -> Iterator[Piece]:
    yield from (Piece(PieceKind.GONE, gone), Piece(PieceKind.NEW, new))


def _aligned(
    tokens: Sequence[str],
    others: Sequence[str],
    effort: Effort,
    differing: Callable[[str, str], Iterator[Piece]],
) -> Iterator[Piece]:
    """What is the same in both as one piece; ``differing`` makes the pieces of what is not."""
    for stretch in stretches(tokens, others, effort):
        gone = "".join(tokens[stretch.before_start : stretch.before_end])
        new = "".join(others[stretch.after_start : stretch.after_end])
        if stretch.is_same:
            yield Piece(PieceKind.SAME, gone)
        else:
            yield from differing(gone, new)


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The same, without empty pieces; of changes side by side what is gone comes first, in one piece."""
    found: list[Piece] = []
    changed = {PieceKind.GONE: "", PieceKind.NEW: ""}

    def flush() -> None:
        found.extend(Piece(kind, text) for kind, text in changed.items() if text)
        changed.update(dict.fromkeys(changed, ""))

    for piece in pieces:
        if piece.kind is not PieceKind.SAME:
            changed[piece.kind] += piece.text
        elif piece.text:
            flush()
            if found and found[-1].kind is PieceKind.SAME:
                found[-1] = replace(piece, text=found[-1].text + piece.text)
            else:
                found.append(piece)
    flush()
    return found


def _tidy(pieces: list[Piece]) -> list[Piece]:
    """The same, without what is the same by chance: shorter than the changes on either side of it.

    A space or a comma between two changes says nothing either. What is dropped is part of both changes.
    """
    kept: list[_Change | str] = [_Change()]
    for piece in pieces:
        last = kept[-1]
        if piece.kind is PieceKind.SAME:
            kept.append(piece.text)
            kept.append(_Change())
        elif isinstance(last, _Change):
            last.add(piece)
            _drop_chance(kept)
    found: list[Piece] = []
    for one in kept:
        found += [Piece(PieceKind.SAME, one)] if isinstance(one, str) else one.pieces()
    return _joined(found)


@dataclass(slots=True)
class _Change:
    gone: str = ""
    new: str = ""

    def add(self, piece: Piece) -> None:
        if piece.kind is PieceKind.GONE:
            self.gone += piece.text
        else:
            self.new += piece.text

    @property
    def size(self) -> int:
        return max(len(self.gone), len(self.new))

    def pieces(self) -> list[Piece]:
        return [Piece(PieceKind.GONE, self.gone), Piece(PieceKind.NEW, self.new)]


def _drop_chance(kept: list[_Change | str]) -> None:
    """Join the last change with the one before, as long as what is between them is there by chance."""
    while len(kept) > 2:
        before, same, last = kept[-3:]
        if not (isinstance(before, _Change) and isinstance(same, str) and isinstance(last, _Change)):
            return
        says_nothing = len(same) <= 2 and not any(map(str.isalnum, same))
        if not before.size or not (says_nothing or len(same) <= min(before.size, last.size)):
            return
        kept[-3:] = [_Change(before.gone + same + last.gone, before.new + same + last.new)]
