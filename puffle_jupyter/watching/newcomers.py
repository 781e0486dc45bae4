"""Who is told of every new watch: floors above this one, which it must not import.

Imported with the extension: nothing heavy here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .watch import RunWatch

_told: list[Callable[[Any], object]] = []


def tell(newcomer: Callable[[RunWatch], object]) -> None:
    """Call ``newcomer(watch)`` for every new watch, on the thread that polls: it must return at once."""
    if newcomer not in _told:
        _told.append(newcomer)


def tell_no_more(newcomer: Callable[[RunWatch], object]) -> None:
    """Call it no more; may be called again."""
    if newcomer in _told:
        _told.remove(newcomer)


def announce(watch: RunWatch) -> None:
    """Tell everybody of a new watch."""
    for newcomer in list(_told):
        newcomer(watch)
