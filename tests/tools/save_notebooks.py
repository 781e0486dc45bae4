"""Run and save every notebook in ``notebooks/``: ``python -m tests.tools.save_notebooks``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat

from tests.support.notebooks import execute, without_volatile_parts
from tests.support.paths import NOTEBOOKS


def save(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        execute(notebook, Path(folder))
    nbformat.write(without_volatile_parts(notebook), path)


def main(names: list[str]) -> None:
    for path in [Path(name) for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
        save(path)
        print(f"saved {path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
