"""The repository's top level, and the wheel that is built from it."""

from __future__ import annotations

import email.parser
import itertools
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.support.paths import ROOT

TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "SECURITY.md",
    "docs",
    "noxfile.py",
    "puffle_jupyter",
    "tests",
    "notebooks",
    "binder",
    ".ci",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
}
CORE = {
    *("ipython", "ipywidgets", "httpx", "httpx-aiohttp", "httpx-sse", "aiohttp", "h11", "truststore"),
    *(
        "certifi",
        "idna",
        "nest-asyncio",
        "sniffio",
        "comrak",
        "pygments",
        "nh3",
        "msgspec",
        "platformdirs",
        "rich",
    ),
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns(
        "node_modules", ".git", ".venv", "__pycache__", ".*_cache", "test-artifacts"
    )
    shutil.copytree(ROOT, source, ignore=ignored)
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=source, check=True, capture_output=True, text=True
    )
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_top_level_is_what_was_agreed() -> None:
    """Whatever git would take into the repository lies in one of the known places."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        [git, "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.split("/")[0] for line in listed.stdout.splitlines()} <= TOP_LEVEL


def test_wheel_holds_everything_the_demo_needs(wheel: zipfile.ZipFile) -> None:
    """An installed wheel is typed, and can play the recorded runs and open the quickstart."""
    names = set(wheel.namelist())
    assert "puffle_jupyter/py.typed" in names
    assert "puffle_jupyter/demo/quickstart.ipynb" in names
    tracked = {p.relative_to(ROOT).as_posix() for p in (ROOT / "puffle_jupyter").rglob("*") if p.is_file()}
    assert {name for name in tracked if "__pycache__" not in name} <= names


def test_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    """No tests, notebooks or recorder scripts are installed into a user's site-packages."""
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"puffle_jupyter"}


def test_wheel_metadata_is_complete(wheel: zipfile.ZipFile) -> None:
    """The wheel says its licence, its Python floor, and exactly the core dependencies."""
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = email.parser.Parser().parsestr(wheel.read(name).decode())
    assert metadata["Name"] == "puffle-jupyter"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {line.split(">")[0].split(";")[0].strip() for line in needed} == CORE


# The version that mends it, and the advisory, which pyproject.toml names beside the floor.
ADVISORIES = {
    "h11": ("0.16", "GHSA-vqfr-h8mv-ghfj"),  # malformed chunks are taken: one answer read as two
    "certifi": ("2024.7.4", "GHSA-248v-346w-9cwc"),  # an authority that lost its trust
    "idna": ("3.15", "CVE-2026-45409"),  # a long name takes minutes
    "pygments": ("2.20", "GHSA-5239-wwwm-4pmq"),  # a lexer's regular expression takes minutes
    "starlette": ("1.3.1", "GHSA-82w8-qh3p-5jfq"),  # form limits that are not kept
    "jupyterlab": ("4.6.2", "GHSA-pppj-hq3g-57pj"),  # scripts from settings and images
    "jupyter-server": ("2.20", "CVE-2026-44727"),  # scripts from exported notebooks
    "tornado": ("6.5.8", "GHSA-wwv5-g3v4-889x"),  # requests read in two ways
    "nbconvert": ("7.17.1", "CVE-2026-39377"),  # files written outside the output folder
    "mistune": ("3.3.3", "CVE-2026-76098"),
    "notebook": ("7.5.6", "GHSA-rch3-82jr-f9w9"),  # commands behind a button of an output
    "requests": ("2.33", "GHSA-gc5v-m9x4-r6x2"),  # a temporary file that others can place
    "pytest": ("9.0.3", "GHSA-6w46-j5rx-g56g"),  # a temporary folder that others can place
}


def declared() -> list[tuple[Requirement, str]]:
    """Every requirement of pyproject.toml, with the comment behind it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    needed = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    lines = {line.strip().partition('",')[0].lstrip('"'): line for line in text.splitlines()}
    return [(Requirement(one), lines.get(one, "").partition("#")[2]) for one in needed]


def extras() -> dict[str, list[Requirement]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {name: list(map(Requirement, lines)) for name, lines in project["optional-dependencies"].items()}


@pytest.mark.parametrize("name", ADVISORIES)
def test_no_floor_is_below_a_known_advisory(name: str) -> None:
    """What pip may install has no hole that is known, and the next reader sees why the floor is there."""
    fixed, advisory = ADVISORIES[name]
    found = [(one.specifier, comment) for one, comment in declared() if one.name == name]
    assert found
    for specifier, comment in found:
        floor = min(Version(part.version) for part in specifier if part.operator == ">=")
        assert floor >= Version(fixed)
        assert advisory in comment


def test_every_requirement_has_a_floor() -> None:
    """Without one pip may take a version from years ago."""
    without = [one.name for one, _ in declared() if ">=" not in str(one.specifier)]
    assert set(without) == {"puffle-jupyter"}


def test_the_demo_has_what_its_notebooks_import() -> None:
    """README's first command installs all that the notebooks use: with pandas."""
    (of_itself,) = (one for one in extras()["demo"] if one.name == "puffle-jupyter")
    assert of_itself.extras == {"pandas"}
    assert [one.name for one in extras()["pandas"]] == ["pandas"]


def test_ci_finds_readmes_two_commands() -> None:
    """README has exactly one line that runs the main job and one that runs the tests; .ci/run runs those."""
    lines = [line.strip() for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()]
    commands = [line for line in lines if line.startswith(("python -m venv", "python3 -m venv"))]
    assert [sum(word in line for line in commands) for word in ("puffle_jupyter.demo", "pytest")] == [1, 1]


def test_binder_installs_this_repository() -> None:
    """binder/environment.yml pins a supported Python, and its pip part means this very folder."""
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    assert any(str(item).startswith("python=3.1") for item in environment["dependencies"])
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    folder, _, extra = pip[0].removeprefix("-e ").partition("[")
    assert (ROOT / "binder" / folder).resolve() == ROOT.resolve()
    assert extra == "demo]"
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)


def test_repo2docker_accepts_the_repository() -> None:
    """`jupyter-repo2docker --no-build` makes a Dockerfile that uses both files in binder/."""
    program = shutil.which(
        "jupyter-repo2docker", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if program is None:
        pytest.skip("jupyter-repo2docker is not installed")
    done = subprocess.run(
        [program, "--no-build", "--debug", str(ROOT)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "binder/environment.yml" in done.stdout
    assert "binder/postBuild" in done.stdout
