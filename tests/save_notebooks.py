"""Run every notebook in ``notebooks/`` and save its finished outputs: ``python tests/save_notebooks.py``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat
from harness.notebooks import execute, keeping_old_times, without_volatile_parts

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def save(path: Path) -> None:
    before, notebook = nbformat.read(path, as_version=4), nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        execute(notebook, Path(folder))
    nbformat.write(keeping_old_times(without_volatile_parts(notebook), before), path)


def main(names: list[str]) -> None:
    for path in [Path(name) for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
        save(path)
        print(f"saved {path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
