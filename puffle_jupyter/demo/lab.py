"""``python -m puffle_jupyter.demo --lab``: JupyterLab on the quickstart notebook."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import MissingExtra

NAME = "quickstart.ipynb"
_HERE = Path(__file__).resolve().parent


def open_lab(arguments: Sequence[str]) -> int:
    """Open JupyterLab, with ``arguments`` of its own, and wait for its end; returns its exit code.

    Raises:
        MissingExtra: JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise MissingExtra("JupyterLab is not installed: pip install 'puffle_jupyter[demo]'")
    notebook = quickstart(Path.cwd())
    process = subprocess.Popen([sys.executable, "-m", "jupyterlab", str(notebook), *arguments])
    # Ctrl-C reaches both processes; JupyterLab asks whether it is meant, and decides.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def quickstart(folder: Path) -> Path:
    """The quickstart notebook: a checkout's own, else a copy in ``folder``, made unless it is there.

    Raises:
        FileNotFoundError: neither a checkout nor an installation with the notebook.
    """
    in_checkout = _HERE.parents[1] / "notebooks" / NAME
    if in_checkout.is_file():
        return in_checkout
    copy = folder / NAME
    if not copy.exists():
        packaged = _HERE / NAME
        if not packaged.is_file():
            raise FileNotFoundError(f"this installation has no {NAME}: install puffle_jupyter again")
        shutil.copyfile(packaged, copy)
    return copy
