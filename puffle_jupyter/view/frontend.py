"""Which kind of front end is this: decided once a call, from facts, never from names of products alone."""

from __future__ import annotations

import enum
import os
import sys
from typing import Any


class FrontEnd(enum.Enum):
    """Where output goes, by what can be done with it there."""

    LIVE = "live notebook"
    """JupyterLab, Notebook 7, VS Code: widgets and display updates, also after the cell ended."""
    HEADLESS = "headless notebook"
    """nbclient (nbconvert, papermill, jupyter execute): keeps only what arrives while the cell runs."""
    COLAB = "Colab"
    """Shows updates only while the cell runs, and no classic widgets without an extra step."""
    TERMINAL = "terminal"
    """IPython with prompt_toolkit: a bottom toolbar that can be redrawn under the prompt."""
    SIMPLE = "simple prompt"
    """IPython without prompt_toolkit, or on a dumb terminal: lines, and none while a person types."""
    SCRIPT = "script"
    """IPython with ``-c``, a file, or its input from a pipe: it ends when there is nothing left to run."""
    PLAIN = "plain text"
    """Anything else: lines, one after the other."""

    @property
    def blocks(self) -> bool:
        """Whether ``block = "auto"`` waits here: what comes after the cell would not be shown."""
        return self in (FrontEnd.HEADLESS, FrontEnd.COLAB, FrontEnd.SCRIPT)

    @property
    def is_notebook(self) -> bool:
        return self in (FrontEnd.LIVE, FrontEnd.HEADLESS, FrontEnd.COLAB)


def front_end_of(shell: Any) -> FrontEnd:
    """The front end that the running cell of ``shell`` (an InteractiveShell, or None) came from."""
    if shell is None:
        return FrontEnd.PLAIN
    if getattr(shell, "kernel", None) is not None:
        if "google.colab" in sys.modules:
            return FrontEnd.COLAB
        return FrontEnd.LIVE if _allows_input(shell.kernel) else FrontEnd.HEADLESS
    if not hasattr(shell, "simple_prompt"):
        return FrontEnd.PLAIN
    if not _is_typed_into(shell):
        return FrontEnd.SCRIPT
    can_redraw = getattr(shell, "pt_app", None) is not None and not _is_dumb()
    return FrontEnd.TERMINAL if can_redraw else FrontEnd.SIMPLE


def _is_typed_into(shell: Any) -> bool:
    """Whether a person types there. ``interact`` is False with ``-c`` or a file and without ``-i``."""
    is_asked = getattr(getattr(shell, "parent", None), "interact", True)
    return bool(is_asked) and sys.stdin is not None and sys.stdin.isatty()


def _is_dumb() -> bool:
    # What prompt_toolkit asks too: it shows no toolbar there.
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def _allows_input(kernel: Any) -> bool:
    """``allow_stdin`` of the running request: False in nbclient, True where a person sits."""
    try:
        content = kernel.get_parent()["content"]
    except (AttributeError, KeyError, TypeError):
        return True
    return bool(content.get("allow_stdin", True))
