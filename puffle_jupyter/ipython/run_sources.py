"""``--from NAME``: run ids in a variable, in a column of a DataFrame, or in a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError

from ..board.ids import run_id_column
from ..errors import InvalidSetting

_NAME = re.compile(r"[^\W\d]\w*")
_COLUMN = re.compile(r"([^\W\d]\w*)(?:\.(\w+)|\[(['\"])(.+)\3\])")
_LARGEST = 20_000_000


def runs_from(name: str, variables: Mapping[str, Any]) -> list[Any]:
    """The values that ``name`` leads to, not yet checked.

    Args:
        name: a variable, ``frame.column``, ``frame["column"]``, or a file with an id in each line or in a
            column ``run_id``.
        variables: those of the notebook.

    Raises:
        UsageError: it leads to nothing that has runs; one line that says why.
    """
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":  # as IPython passes on what is quoted
        name = name[1:-1]
    shown = ascii(name)[:80]
    if _NAME.fullmatch(name) and name in variables:
        found = _values(variables[name], shown)
    elif (column := _COLUMN.fullmatch(name)) and column[1] in variables and _file(name) is None:
        found = _column(variables[column[1]], column[2] or column[4], shown)
    else:
        found = _in_file(name, shown)
    if not found:
        raise UsageError(f"--from {shown}: there are no runs in it.")
    return found


def _values(value: Any, shown: str) -> list[Any]:
    if isinstance(value, str):
        return [value]
    if hasattr(value, "columns") and hasattr(value, "__getitem__"):
        names = list(value.columns)
        return _column(value, names[_column_of(list(map(str, names)), shown)], shown)
    if isinstance(value, Mapping) or not isinstance(value, Iterable):
        raise UsageError(
            f"--from {shown} is a {type(value).__name__}: it takes a list of run ids, a DataFrame or a file."
        )
    return list(value)


def _column(frame: Any, name: Any, shown: str) -> list[Any]:
    if hasattr(frame, "columns") and name not in list(frame.columns):
        names = ", ".join(ascii(str(one))[:40] for one in list(frame.columns)[:10])
        raise UsageError(f"--from {shown}: there is no such column; there are {names}.")
    try:
        found = frame[name] if hasattr(frame, "columns") else getattr(frame, name)
        if not hasattr(found, "columns"):
            return list(found)
    except (AttributeError, TypeError, KeyError):
        raise UsageError(f"--from {shown}: that is no column and no list.") from None
    raise UsageError(f"--from {shown}: several columns are called {ascii(str(name))[:40]}.")


def _column_of(names: list[str], shown: str) -> int:
    try:
        return run_id_column(names)
    except InvalidSetting as error:
        raise UsageError(f"--from {shown}: {str(error)[:1].lower()}{str(error)[1:]}") from None


def _in_file(name: str, shown: str) -> list[Any]:
    path = _file(name)
    if path is None:
        raise UsageError(f"--from {shown}: there is no variable and no file of this name.")
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"--from {shown}: the file is larger than {_LARGEST // 1_000_000} MB.")
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise UsageError(f"--from {shown}: it cannot be read: {error.strerror}.") from None
    if path.suffix.lower() in (".csv", ".tsv"):
        return _in_table(text, "\t" if path.suffix.lower() == ".tsv" else ",", shown)
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _file(name: str) -> Path | None:
    """The file of this name; None where there is none, also because no file can be called so."""
    try:
        path = Path(name).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # too long; the home folder of nobody
        return None


def _in_table(text: str, delimiter: str, shown: str) -> list[Any]:
    try:
        heads, *rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    except (csv.Error, ValueError):
        raise UsageError(f"--from {shown}: it has no heading and no rows.") from None
    at = _column_of(heads, shown)
    return [row[at] if at < len(row) else None for row in rows if row]
