"""Which kind of front end is this: decided once a call, from facts, never from names of products alone."""

from __future__ import annotations

import enum
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
    PLAIN = "plain text"
    """Anything else: lines, one after the other."""

    @property
    def blocks(self) -> bool:
        """Whether ``block = "auto"`` waits here: what comes after the cell would not be shown."""
        return self in (FrontEnd.HEADLESS, FrontEnd.COLAB)

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
    return FrontEnd.PLAIN if getattr(shell, "pt_app", None) is None else FrontEnd.TERMINAL


def _allows_input(kernel: Any) -> bool:
    """``allow_stdin`` of the running request: False in nbclient, True where a person sits."""
    try:
        content = kernel.get_parent()["content"]
    except (AttributeError, KeyError, TypeError):
        return True
    return bool(content.get("allow_stdin", True))
