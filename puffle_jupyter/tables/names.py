"""Names that are told apart: the second of a kind is ``search_leads 2``."""

from __future__ import annotations

from collections.abc import Iterable


def unique_names(names: Iterable[str]) -> list[str]:
    """The ``names`` in their order, each once: those that are there already get the next free number.

    >>> unique_names(["fit", "name", "fit", "fit 2", "fit"])
    ['fit', 'name', 'fit 2', 'fit 2 2', 'fit 3']
    """
    taken: set[str] = set()
    last: dict[str, int] = {}
    unique = []
    for name in names:
        chosen = name
        while chosen in taken:
            last[name] = last.get(name, 1) + 1
            chosen = f"{name} {last[name]}"
        taken.add(chosen)
        unique.append(chosen)
    return unique
