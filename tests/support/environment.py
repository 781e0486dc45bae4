"""The environment real programs are started in: nothing of the user's own settings, no key, no proxy."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

KERNEL_NAME = "python3"
TRANSPORT = "ipc" if sys.platform == "linux" else "tcp"
"""How kernels are spoken to. Over tcp one dies now and then: its ports are chosen a second before it binds
them, and among the connections of all the tests one may have got the same number meanwhile."""
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
        "XDG_STATE_HOME": "state",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "jupyter/config",
        "JUPYTER_DATA_DIR": "jupyter/data",
        "JUPYTERLAB_SETTINGS_DIR": "jupyter/settings",
        "JUPYTERLAB_WORKSPACES_DIR": "jupyter/workspaces",
    }
    for name, place in places.items():
        path = folder / place
        path.mkdir(parents=True, exist_ok=True)
        environment[name] = str(path)
    environment["JUPYTER_RUNTIME_DIR"] = str(runtime_folder())
    settings = folder / "jupyter" / "config" / "jupyter_config.json"
    settings.write_text(json.dumps({"KernelManager": {"transport": TRANSPORT}}), encoding="utf-8")
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


@cache
def runtime_folder() -> Path:
    """One short folder for the connection files and sockets of all kernels: a socket's path has 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="kernels-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def connection_file() -> str:
    """A new path for a kernel's connection file, near which its sockets will lie."""
    return str(runtime_folder() / f"kernel-{os.urandom(8).hex()}.json")
