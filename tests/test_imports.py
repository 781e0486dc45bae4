"""The house's one-way arrows, its public names, and what loading it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import puffle_jupyter

PACKAGE = Path(puffle_jupyter.__file__).parent
# Every layer may import itself and the layers named here; an import inside a function counts like any other.
MAY_IMPORT = {
    "json_value": set(),
    "api": {"json_value"},
    "transcript": {"json_value", "api"},
    "watching": {"json_value", "api"},
    "view": {"json_value", "api", "transcript", "watching"},
    "magic_errors": set(),
    "magic_settings": {"api", "watching", "view"},
    "magic_demo": {"api", "watching", "demo"},
    "magics": {
        *("json_value", "api", "transcript", "watching", "view", "demo"),
        *("magic_errors", "magic_settings", "magic_demo"),
    },
    "demo": {"json_value", "api", "__init__"},
    "__init__": {"api", "watching", "view", "magics"},
    "__main__": {"json_value", "api", "watching", "view", "demo", "__init__"},
}
# Imports against the arrows that are wanted, each with its reason. They must be inside a function.
WANTED_AGAINST_THE_ARROWS = {
    (
        "puffle_jupyter.api.run",
        "puffle_jupyter.view.html",
    ): "Run._repr_html_ and to_html: what a run looks like",
    ("puffle_jupyter.api.run", "puffle_jupyter.view.text"): "Run.to_markdown and to_text",
    ("puffle_jupyter.api.run", "puffle_jupyter.view.show"): "Run.explore",
    ("puffle_jupyter.api.run", "puffle_jupyter.transcript.read"): "Run.transcript",
    ("puffle_jupyter.api.run", "puffle_jupyter.transcript.search"): "Run.calls and Run.grep",
    ("puffle_jupyter.api.run", "puffle_jupyter.transcript.frame"): "Run.to_frame",
    ("puffle_jupyter.watching.watch", "puffle_jupyter.view.show"): "RunWatch.show and its display in a cell",
    ("puffle_jupyter.watching.watches", "puffle_jupyter.view.show"): "the same for a list of watches",
    ("puffle_jupyter.api.connections", "puffle_jupyter"): "the version that the User-Agent header names",
}
PUBLIC_NAMES = [
    "ApiKey",
    "AsyncPuffleClient",
    "BadRequest",
    "ConnectionFailed",
    "Forbidden",
    "InvalidApiKey",
    "InvalidRunId",
    "InvalidSetting",
    "MissingApiKey",
    "PuffleClient",
    "PuffleError",
    "RateLimited",
    "ResponseError",
    "Run",
    "RunCancelled",
    "RunFailed",
    "RunNotFound",
    "RunStatus",
    "RunWatch",
    "RunWidget",
    "ServerError",
    "TranscriptWidget",
    "Unauthorized",
    "UnexpectedStatus",
    "UnreadableAnswer",
    "WaitTimeout",
    "WatchEvent",
    "WatchEventKind",
    "WatchStopped",
    "load_ipython_extension",
    "unload_ipython_extension",
    "watch",
]
# Loaded at the first watch or the first view, never by %load_ext.
HEAVY = [
    "httpx",
    "httpcore",
    "anyio",
    "requests",
    "nest_asyncio",
    "comrak",
    "nh3",
    "msgspec",
    "keyring",
    "starlette",
    "uvicorn",
    "jupyterlab",
    "puffle_jupyter.api.client",
    "puffle_jupyter.view.markdown",
]


@dataclass(frozen=True)
class Import:
    module: str
    target: str
    line: int
    inside_function: bool


def _layer(module: str) -> str:
    """``puffle_jupyter.api.loop`` -> ``api``; the package -> ``__init__``; a program -> ``__main__``."""
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "__main__"
    return parts[1] if len(parts) > 1 else "__init__"


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("puffle_jupyter", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def _imports(module: str, path: Path) -> Iterator[Import]:
    """Each import of our own package that can happen at run time (``if TYPE_CHECKING`` cannot)."""

    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.orelse:
                yield from walk(child, inside)
            return
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module, name.name, node.lineno, inside)
        if isinstance(node, ast.ImportFrom):
            base = _absolute(module, path, node)
            for name in node.names:
                whole = f"{base}.{name.name}"
                yield Import(module, whole if whole in _modules() else base, node.lineno, inside)
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside)

    for found in walk(ast.parse(path.read_text(encoding="utf-8")), False):
        if found.target.split(".")[0] == "puffle_jupyter":
            yield found


def _absolute(module: str, path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    base = package[: len(package) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def test_every_layer_is_known() -> None:
    """A new module or folder finds its place among the layers before it is used."""
    assert {_layer(module) for module in _modules()} <= set(MAY_IMPORT)


@pytest.mark.parametrize("module", sorted(_modules()))
def test_imports_follow_the_arrows(module: str) -> None:
    """json_value < api, transcript < watching < view < magics: nothing imports what stands above it."""
    against = []
    for found in _imports(module, _modules()[module]):
        here, there = _layer(module), _layer(found.target)
        wanted = (module, found.target) in WANTED_AGAINST_THE_ARROWS and found.inside_function
        if here != there and there not in MAY_IMPORT[here] and not wanted:
            against.append(f"line {found.line} imports {found.target}")
    assert not against, f"{module}: {'; '.join(against)}"


def test_no_permission_is_left_over() -> None:
    """An import against the arrows that is gone is no longer allowed."""
    used = {
        (found.module, found.target)
        for module, path in _modules().items()
        for found in _imports(module, path)
    }
    assert set(WANTED_AGAINST_THE_ARROWS) <= used


def test_all_is_pinned() -> None:
    """The public names are the ones users were promised, each importable, and no other."""
    assert sorted(puffle_jupyter.__all__) == sorted(PUBLIC_NAMES)
    for name in puffle_jupyter.__all__:
        assert getattr(puffle_jupyter, name) is not None


def test_public_names_say_what_they_are() -> None:
    """Every public name has a docstring."""
    assert [name for name in puffle_jupyter.__all__ if not getattr(puffle_jupyter, name).__doc__] == []


def test_loading_the_extension_loads_nothing_heavy() -> None:
    """%load_ext imports no HTTP client, TLS context, renderer, sanitiser or event loop patch."""
    code = (
        "import sys, asyncio; from IPython.core.interactiveshell import InteractiveShell; import ipywidgets\n"
        "before = set(sys.modules)\n"
        "InteractiveShell.instance().run_line_magic('load_ext', 'puffle_jupyter')\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "puffle_jupyter.magics" in loaded
    assert [name for name in loaded if name in HEAVY] == []
