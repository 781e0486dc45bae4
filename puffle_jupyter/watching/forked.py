"""In a forked child no thread polls any more, so every watch of the parent process is stopped there."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Watch(Protocol):
    """What a forked child needs of a watch."""

    def _after_fork(self) -> None:
        """Be stopped at once."""


_every_watch: weakref.WeakSet[Watch] = weakref.WeakSet()


def stop_in_forked_children(watch: Watch) -> None:
    """Stop ``watch`` in every child that this process forks while the watch exists."""
    _every_watch.add(watch)


def _stop_every_watch() -> None:
    for watch in list(_every_watch):
        watch._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_stop_every_watch)
