"""Which runs are meant: ids in lists, in columns, in text with commas, in addresses that end in one."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import InvalidSetting, PuffleError
from ..render.words import count_words
from ..run_data import RunId, check_run_id
from ..untrusted import untrusted_words

_BETWEEN = re.compile(r"[\s,;]+")
_COMMAS = re.compile("[,;]")
_AROUND = "\"'`<>()[]{}"
_SHOWN, _NAMED = 60, 5
_COLUMNS = ("run_id", "runid", "run")


@dataclass(frozen=True, slots=True)
class MeantRuns:
    """The runs that are meant, and what is to be said about the rest.

    Attributes:
        run_ids: each once, in the order in which they were given first.
        twice: those that were given more than once.
        refused: what is no run id, each as one harmless line.
        empty: how many values were missing, such as NaN.
    """

    run_ids: tuple[RunId, ...]
    twice: tuple[RunId, ...] = ()
    refused: tuple[str, ...] = ()
    empty: int = 0

    def remarks(self, done: str = "watched") -> list[str]:
        """What is to be said, each a sentence; nothing where all was clear.

        Args:
            done: what becomes of the runs.
        """
        said = []
        if self.twice:
            said.append(f"Given more than once, and {done} once: {_named(self.twice)}.")
        if self.refused:
            said.append(f"Not {done}, since it is no run id: {_named(self.refused)}.")
        if self.empty:
            said.append(f"{count_words(self.empty, 'empty value')} left out.")
        return said


def words_meant(arguments: Iterable[str]) -> list[str]:
    """What the arguments of a line say, split at commas alone, of an address its end; not checked.

    An argument that was quoted is one id, and refused when there is a space in it.
    """
    words = (word.strip(_AROUND) for argument in arguments for word in _COMMAS.split(argument))
    return [_id_in(word) for word in words if word]


def run_id_column(names: Sequence[str]) -> int:
    """Which of the columns has the run ids: by its name, or the only one.

    Raises:
        InvalidSetting: none of several is called so.
    """
    for wanted in _COLUMNS:
        for at, name in enumerate(names):
            if name.strip().lower() == wanted:
                return at
    if len(names) == 1:
        return 0
    known = ", ".join(ascii(name)[:40] for name in names[:10])
    raise InvalidSetting(f"Which column has the run ids? There is no run_id among {known or 'no columns'}.")


def meant_runs(values: Iterable[Any], streams: Collection[str] = ()) -> MeantRuns:
    """Read ``values``: ids, texts with several of them, addresses; what is empty, and what has a ``run_id``.

    >>> meant_runs(["run_a, run_b", "https://app.puffle.example/runs/run_c", None]).run_ids
    ('run_a', 'run_b', 'run_c')

    Args:
        values: what was given; of a DataFrame its column with the run ids.
        streams: names of streamed chats, which are no run ids and are meant all the same.

    Raises:
        InvalidSetting: a DataFrame of several columns, of which none is ``run_id``.
    """
    if (columns := getattr(values, "columns", None)) is not None and hasattr(values, "iloc"):
        values = values.iloc[:, run_id_column([str(name) for name in columns])]
    found: dict[RunId, int] = {}
    refused: list[str] = []
    empty = 0
    for value in values:
        words = _words(value)
        empty += not words
        for word in words:
            try:
                run_id = RunId(word) if word in streams else check_run_id(_id_in(word))
            except PuffleError:
                refused.append(untrusted_words(word, _SHOWN))
            else:
                found[run_id] = found.get(run_id, 0) + 1
    twice = tuple(run_id for run_id, count in found.items() if count > 1)
    return MeantRuns(tuple(found), twice, tuple(dict.fromkeys(refused)), empty)


def _words(value: Any) -> list[str]:
    """The words of a value; none when it is missing."""
    value = getattr(value, "run_id", value)
    if is_missing(value):
        return []
    words = (word.strip(_AROUND) for word in _BETWEEN.split(str(value)))
    return [word for word in words if word]


def is_missing(value: Any) -> bool:
    """Whether ``value`` is an empty cell of a DataFrame: None, NaN and the like."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("<NA>", "NaT")


def _id_in(word: str) -> str:
    """The last part of an address' path; any other word as it is."""
    if not re.match(r"https?://", word):
        return word
    try:
        path = urlsplit(word).path
    except ValueError:
        return word
    last = unquote(path.rstrip("/").rpartition("/")[2])
    return last if last.startswith("run_") else word


def _named(words: tuple[str, ...]) -> str:
    more = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
