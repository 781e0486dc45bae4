"""A message with ``{name}`` in it, filled in: nothing but names, and what is reached from them.

Imported with the extension: nothing heavy here.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any


class NoSuchName(Exception):
    """The template names what there is not; its argument is the name."""


class _Filler(string.Formatter):
    """Fills in names, and what is reached from them by ``.name`` and ``[key]``."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if not isinstance(key, str) or key not in kwargs:
            raise NoSuchName(key)
        return kwargs[key]


def fill(template: str, values: Mapping[str, Any]) -> str:
    """``template`` with ``{name}`` replaced by the value of this name; ``{{`` and ``}}`` are braces.

    Raises:
        NoSuchName: there is no such value.
        Exception: the braces cannot be read, or a value cannot be written so.
    """
    return _Filler().vformat(template, (), values)
