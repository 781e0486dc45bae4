"""Telling ``%unload_ext`` from ``%reload_ext``, which unloads and loads again within one cell.

Nobody asks by ``%reload_ext`` for a watch to be stopped. Imported with the extension: nothing heavy here.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

_leavings: weakref.WeakKeyDictionary[Any, tuple[Any, Callable[[], None]]] = weakref.WeakKeyDictionary()


def leave_after_cell(shell: Any, magics: Any) -> None:
    """Call ``magics.close()`` at the end of the running cell, unless `stay` comes first."""

    def leave() -> None:
        stay(shell)
        magics.close()

    _leavings[shell] = magics, leave
    shell.events.register("post_execute", leave)


def stay(shell: Any) -> Any:
    """Close nothing; the magics that `leave_after_cell` was given in this cell, or None."""
    magics, leave = _leavings.pop(shell, (None, None))
    if leave is not None:
        shell.events.unregister("post_execute", leave)
    return magics
