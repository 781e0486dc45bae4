"""Where notes are kept, whether they are, and which notebook a message comes from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..read_settings import read_choice
from ..settings import current_settings

NOTES_VARIABLE = "PUFFLE_NOTES"
NOTEBOOK_VARIABLE = "JPY_SESSION_NAME"
"""Set by jupyter_server (2.0 and later) for each kernel: the path of its notebook."""

_LONGEST_NAME = 500


def notes_are_kept() -> bool:
    """Whether notes are written to a file: by ``%config PuffleMagics.notes``, else PUFFLE_NOTES, else yes.

    Raises:
        InvalidSetting: PUFFLE_NOTES is neither "auto" nor true or false.
    """
    decided = current_settings.now.notes
    if decided is None:
        decided = read_choice(NOTES_VARIABLE, os.environ.get(NOTES_VARIABLE) or "auto")
    return decided is not False


def notes_file() -> Path:
    """The file of the notes, in the user's state directory as this system has it."""
    import platformdirs

    return platformdirs.user_state_path("puffle_jupyter", appauthor=False) / "chats.sqlite3"


def notebook_name() -> str | None:
    """The path of this kernel's notebook, where the front end says it; else None."""
    name = _name_in_vs_code() or os.environ.get(NOTEBOOK_VARIABLE)
    return name[-_LONGEST_NAME:].encode(errors="replace").decode() if name else None


def _name_in_vs_code() -> str | None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    name = getattr(shell, "user_ns", {}).get("__vsc_ipynb_file__")
    return name if isinstance(name, str) else None
