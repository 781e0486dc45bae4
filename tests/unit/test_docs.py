"""README, CONTRIBUTING and docs/: short enough, and every link, path, command and error in them is real."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import puffle_jupyter
from puffle_jupyter import PuffleError

ROOT = Path(puffle_jupyter.__file__).parent.parent
PACKAGE = ROOT / "puffle_jupyter"
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_WORDS = 900
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
ABSOLUTE_PATH = re.compile(r"(?<![\w/:.}])/(?:home|root|tmp|work|Users|usr|opt|var|private)/|[A-Z]:\\")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def exists(path: Path) -> bool:
    """A file, a folder, or a module named without its ending."""
    return path.exists() or path.with_suffix(".py").exists()


def is_known(name: str, *folders: Path) -> bool:
    """Whether ``name`` exists below one of ``folders``."""
    return any(exists(folder / name) for folder in folders)


def without_fences(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def anchors_of(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.+)$", without_fences(page.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def map_of_the_code() -> Iterator[tuple[str, str]]:
    """Each file or folder that README's map names, and the folder whose line it is on."""
    text = README.read_text(encoding="utf-8").partition("## Map of the code")[2]
    for line in text.partition("```text")[2].partition("```")[0].splitlines():
        folder = line.split()[0] if line.split() and line.split()[0].endswith("/") else ""
        for name in re.findall(r"[\w./]+(?:\.py\b|/)", line):
            yield name, folder


def test_readme_is_short() -> None:
    """A user reads it in ten minutes; what is longer has its page in docs/."""
    assert len(README.read_text(encoding="utf-8").split()) <= MOST_WORDS


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link names a file of the repository and a heading that is in it."""
    broken = []
    for found in LINK.finditer(without_fences(page.read_text(encoding="utf-8"))):
        target = found[1] or found[2]
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or not file.is_relative_to(ROOT) or (anchor and anchor not in anchors_of(file)):
            broken.append(target)
    assert broken == []


@each_page
def test_no_path_of_a_machine(page: Path) -> None:
    """What is published names no folder of the machine it was written on."""
    assert ABSOLUTE_PATH.findall(page.read_text(encoding="utf-8")) == []


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    """A path in backticks is a path from the root, or within the package."""
    text = without_fences(page.read_text(encoding="utf-8"))
    names = re.findall(r"`((?:\.ci/|[a-z_]+/)[\w./]*|[a-z_]+\.py)`", text)
    assert [name for name in names if not is_known(name, ROOT, PACKAGE)] == []


def test_readmes_map_is_true() -> None:
    """Every file and folder that the map names is there."""
    named = list(map_of_the_code())
    assert len(named) > 15
    wrong = [
        name for name, folder in named if not is_known(name, ROOT, PACKAGE, PACKAGE / folder, ROOT / folder)
    ]
    assert wrong == []


@each_page
def test_commands_name_modules_and_sessions_that_exist(page: Path) -> None:
    """`python -m tests.…` is a program, and `nox -s` is followed by sessions of noxfile.py."""
    text = page.read_text(encoding="utf-8")
    modules = re.findall(r"python -m (tests\.[\w.]+)", text)
    missing = [name for name in modules if not is_known(name.replace(".", "/"), ROOT)]
    sessions = set(re.findall(r"^@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text("utf-8"), re.M))
    named = [word for words in re.findall(r"nox -s ((?:[a-z]+ ?)+)", text) for word in words.split()]
    assert missing + [name for name in named if name not in sessions] == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads to each page of its folder."""
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {name for name in pages if f"({name})" not in index} == set()


def test_every_error_is_documented() -> None:
    """docs/errors.md says when each public error is raised."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    values = {name: getattr(puffle_jupyter, name) for name in puffle_jupyter.__all__}
    errors = {n for n, value in values.items() if isinstance(value, type) and issubclass(value, PuffleError)}
    assert len(errors) > 15
    assert {name for name in errors if f"`{name}`" not in page} == set()


def test_every_magic_option_is_in_readme() -> None:
    """README's tables hold every option of %puffle_wait and every setting of %config."""
    from puffle_jupyter.ipython.magics import PuffleMagics

    readme = README.read_text(encoding="utf-8")
    parser = PuffleMagics.puffle_wait.parser
    options = {option for action in parser._actions for option in action.option_strings}
    settings = set(PuffleMagics.class_own_traits(config=True))
    wanted = {f"`{name}" for name in (options | settings) - {"-h", "--help"}}
    assert {name for name in wanted if name not in readme} == set()


def test_every_option_of_asking_is_in_its_page() -> None:
    """docs/chat.md holds every option of %puffle_chat."""
    from puffle_jupyter.ipython.chat import ChatMagics

    page = (ROOT / "docs" / "chat.md").read_text(encoding="utf-8")
    options = {
        option for action in ChatMagics.puffle_chat.parser._actions for option in action.option_strings
    }
    assert {f"`{name}" for name in options - {"-h", "--help"} if f"`{name}" not in page} == set()


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=lambda page: page.name)
def test_examples_do_not_call_a_watch_run(page: Path) -> None:
    """`run` is the magic %run too: after a restart its error would say nothing about Puffle."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    assert re.findall(r"^ *runs? = %puffle_wait.*$", text, re.M) == []


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=lambda page: page.name)
def test_examples_give_no_function_the_name_of_a_watch(page: Path) -> None:
    """`watch` is the variable: who imports the function of this name loses one of the two."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    assert re.findall(r"^ *from puffle_jupyter import .*\bwatch\b.*$", text, re.M) == []


def test_citation_names_the_version() -> None:
    """CITATION.cff and the package say the same version."""
    version = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    assert version is not None
    assert version[1] == puffle_jupyter.__version__
