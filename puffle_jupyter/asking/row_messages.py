"""From rows to messages: a template filled in for each row, all of them checked before the first is sent."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..client.start import check_message
from ..errors import InvalidMessage, InvalidSetting, PuffleError
from ..untrusted import untrusted_words
from .template import NoSuchName, fill

MOST_ROWS = 10_000
"""Rows of one `each`: far fewer than the notes that are kept."""
_NAMED = 5
_NOTHING_SENT = "Nothing was sent."


@dataclass(frozen=True, slots=True)
class RowMessage:
    """The message of a row.

    Attributes:
        label: what the row is called: its label in the index of the frame, its number in a list.
        message: what Puffle is to do.
        name: by which the notes know it in a later run of the cell: a hash, no content.
    """

    label: Any
    message: str
    name: str


class _Empty(Exception):
    """A value that the template uses is missing; its argument is the column."""


class _Values(Mapping[str, Any]):
    """The values of a row; what is used of them is noted, and must not be missing."""

    def __init__(self, values: Mapping[Any, Any], used: set[str]) -> None:
        self._values = values
        self._used = used

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        self._used.add(name)
        if is_missing(value):
            raise _Empty(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def row_messages(rows: Any, template: str, *, name: str = "", key: str | None = None) -> list[RowMessage]:
    """A message for each of ``rows``.

    Args:
        rows: a DataFrame, or a list of dicts.
        template: the message, with ``{column}`` for what differs.
        name: what this list of questions is called; "" takes the template for it.
        key: the column by which a row is known; None takes its message, and the how manieth it is.

    Raises:
        InvalidMessage, InvalidSetting: all that is wrong with any row, before anything is sent.
    """
    check_message(template)
    labels, records = _records(rows)
    used: set[str] = set()
    messages = _filled(labels, records, template, used)
    if not used:
        raise InvalidMessage(
            f"The template names no column, so each row would be asked the same. {_NOTHING_SENT} "
            "Write {column} where the rows differ."
        )
    keys = _nth_of_each(messages) if key is None else _keys(labels, records, key)
    of = ["name", name] if name else ["template", template]
    return [
        RowMessage(label, message, _name([*of, *known]))
        for label, message, known in zip(labels, messages, keys, strict=True)
    ]


def row_words(label: Any) -> str:
    """What a row is called in a sentence; a label is content that others may have written."""
    return f"row {untrusted_words(label if isinstance(label, str) else str(label), 40)}"


def is_missing(value: Any) -> bool:
    """Whether there is nothing in a cell: None, NaN, NA, NaT, blank text."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return not value.strip()
    try:
        return bool(value != value)
    except Exception:  # arrays and the like: there is something
        return False


def _records(rows: Any) -> tuple[list[Any], list[Mapping[Any, Any]]]:
    """The labels and the rows of a frame or a list."""
    if hasattr(rows, "columns") and hasattr(rows, "itertuples"):
        columns = list(rows.columns)
        twice = [column for column, count in Counter(columns).items() if count > 1]
        if twice:
            raise InvalidSetting(f"The column {_shown(twice[0])} is there twice. {_NOTHING_SENT} Rename one.")
        labels = list(rows.index)
        cells = rows.itertuples(index=False, name=None)
        records: list[Mapping[Any, Any]] = [dict(zip(columns, row, strict=True)) for row in cells]
    elif isinstance(rows, Sequence) and not isinstance(rows, str | bytes):
        records = list(rows)
        labels = list(range(len(records)))
        for number, row in enumerate(records):
            if not isinstance(row, Mapping):
                said = f"row {number} is a {type(row).__name__}, not a dict"
                raise InvalidSetting(f"each takes a DataFrame or a list of dicts: {said}. {_NOTHING_SENT}")
    else:
        raise InvalidSetting(
            f"each takes a DataFrame or a list of dicts, not {type(rows).__name__}. {_NOTHING_SENT}"
        )
    if not records:
        raise InvalidSetting("There are no rows, so there is nothing to ask.")
    if len(records) > MOST_ROWS:
        raise InvalidSetting(
            f"{len(records):,} rows are more than {MOST_ROWS:,}. {_NOTHING_SENT} "
            "Take them in parts: frame[:1000]."
        )
    return labels, records


def _filled(
    labels: Sequence[Any], records: Sequence[Mapping[Any, Any]], template: str, used: set[str]
) -> list[str]:
    messages: list[str] = []
    wrong: dict[str, list[str]] = {}
    for label, record in zip(labels, records, strict=True):
        try:
            messages.append(check_message(fill(template, _Values(record, used))))
            continue
        except NoSuchName as missing:
            why = f"there is no column {_shown(missing.args[0])}; there are {_columns(record)}"
        except _Empty as empty:
            why = f"{_shown(empty.args[0])} is empty"
        except PuffleError as error:
            why = str(error).rstrip(".")
        except Exception as error:  # a single brace, an unknown attribute, a value's own __format__
            why = (
                f"the message cannot be filled in ({type(error).__name__}): write {{{{ for {{ and }}}} for }}"
            )
        wrong.setdefault(why, []).append(row_words(label))
    if wrong:
        count = sum(map(len, wrong.values()))
        said = "; ".join(f"{why} ({_named(rows, len(labels))})" for why, rows in wrong.items())
        rows_of = "1 row has" if count == 1 else f"{count:,} rows have"
        raise InvalidMessage(f"{rows_of} no message: {said}. {_NOTHING_SENT}")
    return messages


def _nth_of_each(messages: Iterable[str]) -> list[list[Any]]:
    """Two rows with one message are two: the first of them, and the second."""
    seen: Counter[str] = Counter()
    found = []
    for message in messages:
        seen[message] += 1
        found.append(["nth", seen[message]])
    return found


def _keys(labels: Sequence[Any], records: Sequence[Mapping[Any, Any]], key: str) -> list[list[Any]]:
    found: dict[str, list[str]] = {}
    keys = []
    for label, record in zip(labels, records, strict=True):
        if key not in record:
            raise InvalidSetting(
                f"key: {row_words(label)} has no column {_shown(key)}; there are {_columns(record)}. "
                f"{_NOTHING_SENT}"
            )
        if is_missing(record[key]):
            raise InvalidSetting(f"key: {_shown(key)} is empty in {row_words(label)}. {_NOTHING_SENT}")
        value = record[key]
        known = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        found.setdefault(known, []).append(row_words(label))
        keys.append(["key", known])
    for known, rows in found.items():
        if len(rows) > 1:
            raise InvalidSetting(
                f"key: {_shown(known)} is the {_shown(key)} of {_named(rows, 0)}, and a key belongs to one "
                f"row. {_NOTHING_SENT}"
            )
    return keys


def _name(facts: list[Any]) -> str:
    encoded = json.dumps(facts).encode()
    return f"each:{hashlib.sha256(encoded).hexdigest()[:40]}"


def _named(rows: Sequence[str], total: int) -> str:
    if len(rows) == total and total > 1:
        return "every row"
    more = len(rows) - _NAMED
    return ", ".join(rows[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _columns(record: Mapping[Any, Any]) -> str:
    names = [_shown(name) for name in list(record)[:10]]
    return ", ".join(names) if names else "none"


def _shown(name: object) -> str:
    return ascii(name if isinstance(name, str) else str(name))[:60]
