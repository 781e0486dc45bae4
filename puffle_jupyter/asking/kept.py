"""One store for each file of notes, and one in memory: the home of which of them is meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from .place import notes_are_kept, notes_file


class _Store(Protocol):
    def renew_lock(self) -> None:
        """In a forked child: another thread of the parent may hold the lock."""


S = TypeVar("S", bound=_Store)


class KeptStores(Generic[S]):
    """The stores of this process, made when they are first asked for; a forked child renews their locks.

    Args:
        make: makes the store of a file; None is the one in memory.
    """

    def __init__(self, make: Callable[[Path | None], S]) -> None:
        self._make = make
        self._by_path: dict[str, S] = {}
        self._in_memory = make(None)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew_locks)

    def current(self) -> S:
        """That of the user's file, or of this process's memory where notes are off.

        Raises:
            InvalidSetting: see `notes_are_kept`.
        """
        if not notes_are_kept():
            return self._in_memory
        path = notes_file()
        known = self._by_path.get(str(path))
        return self._by_path.setdefault(str(path), self._make(path)) if known is None else known

    def _renew_locks(self) -> None:
        for store in (self._in_memory, *self._by_path.values()):
            store.renew_lock()
