"""The environment real programs are started in: nothing of the user's own settings, no key, no proxy."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

KERNEL_NAME = "python3"
_ALSO_OURS = ("JUPYTER", "IPYTHON", "PUFFLE", "JPY", "COLAB", "VIRTUAL_ENV", "PYTHONPATH", "PYTEST")


def clean_environment(folder: Path, **extra: str) -> dict[str, str]:
    """A copy of ``os.environ`` whose Jupyter and IPython folders all lie below `folder`.

    Every ``PUFFLE_*``, ``JUPYTER_*`` and ``IPYTHON*`` variable of the caller is dropped, so a developer's own
    key or configuration never takes part in a test. `extra` is set last.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(_ALSO_OURS)
    }
    places = {
        "HOME": "home",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
        "JUPYTERLAB_SETTINGS_DIR": "jupyter/settings",
        "JUPYTERLAB_WORKSPACES_DIR": "jupyter/workspaces",
    }
    for name, place in places.items():
        path = folder / place
        path.mkdir(parents=True, exist_ok=True)
        environment[name] = str(path)
    environment["JUPYTER_PATH"] = str(write_kernelspec(folder).parent.parent)
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    environment["NO_PROXY"] = environment["no_proxy"] = "127.0.0.1,localhost"
    return {**environment, **extra}


def write_kernelspec(folder: Path, python: str = sys.executable) -> Path:
    """Write a kernel spec named ``python3`` that starts `python`; return its folder (``…/kernels/python3``).

    Without it a kernel spec in the user's home, or the one pip installs with a bare ``python``, could win.
    """
    spec = folder / "kernelspecs" / "kernels" / KERNEL_NAME
    spec.mkdir(parents=True, exist_ok=True)
    argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    content = {
        "argv": argv,
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": False},
    }
    (spec / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    return spec
