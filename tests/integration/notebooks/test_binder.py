"""What a visitor of Binder gets: an environment of binder/environment.yml's pip part runs every notebook.

Installing it takes a minute, so it is done where ``CI`` is set, as `.ci/run` does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.environment import clean_environment, write_kernelspec

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not os.environ.get("CI"), reason="CI is not set: installing takes a minute"),
    pytest.mark.skipif(os.name == "nt", reason="Binder is no Windows"),
]


def run(command: Sequence[str | Path], folder: Path, environment: dict[str, str]) -> str:
    """What the command printed; it must end well."""
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A venv with exactly the pip part, installed from binder's own folder, and nothing else."""
    folder = tmp_path_factory.mktemp("binder")
    described = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    (part,) = (item["pip"] for item in described["dependencies"] if isinstance(item, dict))
    requirements = folder / "requirements.txt"
    requirements.write_text("\n".join(part), encoding="utf-8")
    python = folder / "venv" / "bin" / "python"
    run([sys.executable, "-m", "venv", folder / "venv"], folder, dict(os.environ))
    quietly = ["--quiet", "--disable-pip-version-check"]
    install: list[str | Path] = [python, "-m", "pip", "install", *quietly, "-r", requirements]
    run(install, ROOT / "binder", {name: value for name, value in os.environ.items() if name != "PYTHONPATH"})
    environment = clean_environment(folder / "home")
    write_kernelspec(folder / "home", str(python))
    return {**environment, "PATH": f"{python.parent}{os.pathsep}{environment['PATH']}"}


def test_post_build_ends_well(environment: dict[str, str]) -> None:
    """binder/postBuild runs in the repository's root, and trusts every notebook."""
    said = run([ROOT / "binder" / "postBuild"], ROOT, environment)
    assert all(f"Signing notebook: notebooks/{path.name}" in said for path in NOTEBOOKS)


def test_every_notebook_runs(environment: dict[str, str], tmp_path: Path) -> None:
    """`jupyter execute` ends well for each notebook, all at once, and the copies hold no error."""
    copies = [Path(shutil.copy(path, tmp_path)) for path in NOTEBOOKS]

    def execute(copy: Path) -> str:
        return run(["jupyter", "execute", "--inplace", copy.name], tmp_path, environment)

    with ThreadPoolExecutor(len(copies)) as pool:
        list(pool.map(execute, copies))
    for copy in copies:
        cells = [cell for cell in nbformat.read(copy, as_version=4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells), copy.name
        assert not [o for cell in cells for o in cell.outputs if o.output_type == "error"], copy.name
