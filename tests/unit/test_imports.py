"""Imports that point down, the public names, and what loading the extension costs."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import puffle_jupyter

PACKAGE = Path(puffle_jupyter.__file__).parent
# The rooms of the house, the lowest floor first: a module imports its own room and the floors below, also
# inside functions. Rooms on one floor do not know each other, but for the ground, where they do.
FLOORS: tuple[tuple[str, ...], ...] = (
    (
        "_version",
        "json_scrub",
        "json_depth",
        "json_value",
        "safe_text",
        "as_read",
        "redact",
        "untrusted",
        "errors",
        "printing",
        "new_file",
        "settings",
        "read_settings",
    ),
    ("run_data",),
    ("transcript",),
    ("comparing",),
    ("render",),
    ("tables",),
    ("displayed",),
    ("run",),
    ("board",),
    ("run_diff",),
    ("background",),
    ("client",),
    ("watching",),
    ("asking",),
    ("display",),
    ("distributed",),
    ("demo",),
    ("ipython",),
    ("__init__",),
    ("__main__",),
)
GROUND = FLOORS[0]
DOOR = "puffle_jupyter.displayed"
"""The one module that imports what is above it, inside its functions: how a run or a watch is displayed."""
PUBLIC_NAMES = [
    "ApiKey",
    "ApprovalNeeded",
    "AsyncPuffleClient",
    "BadRequest",
    "BlockingChatStream",
    "CannotWaitHere",
    "ChatStream",
    "ConnectionFailed",
    "Conversation",
    "ConversationNotFound",
    "EachBoard",
    "FileExists",
    "Forbidden",
    "InvalidApiKey",
    "InvalidConversationId",
    "InvalidExport",
    "InvalidMessage",
    "InvalidRun",
    "InvalidRunId",
    "InvalidSearch",
    "InvalidSetting",
    "MessageTooLarge",
    "MissingApiKey",
    "MissingExtra",
    "NoSuchTable",
    "NoSuchToolCall",
    "NotATable",
    "NotPending",
    "NotSent",
    "PuffleClient",
    "PuffleError",
    "RateLimited",
    "ResponseError",
    "Run",
    "RunBoard",
    "RunCancelled",
    "RunDiff",
    "RunDiffs",
    "RunFailed",
    "RunNotCompleted",
    "RunNotEnded",
    "RunNotFound",
    "RunStatus",
    "RunWatch",
    "RunWidget",
    "ServerError",
    "StartNotConfirmed",
    "StartedRun",
    "StreamUnfinished",
    "Table",
    "Tables",
    "TranscriptWidget",
    "Unauthorized",
    "UnexpectedStatus",
    "UnreadableAnswer",
    "WaitTimeout",
    "WatchEvent",
    "WatchEventKind",
    "WatchStopped",
    "calls_frame",
    "chat",
    "diff",
    "diff_many",
    "each",
    "load_ipython_extension",
    "messages_frame",
    "runs_frame",
    "unload_ipython_extension",
    "watch",
]
# Loaded at the first watch or the first view, never by %load_ext.
HEAVY = [
    "httpx",
    "httpcore",
    "truststore",
    "certifi",
    "idna",
    "anyio",
    "requests",
    "nest_asyncio",
    "comrak",
    "nh3",
    "rich",
    "msgspec",
    "keyring",
    "starlette",
    "uvicorn",
    "jupyterlab",
    "distributed",
    "pyarrow",
    "puffle_jupyter.client.client",
    "puffle_jupyter.render.html.markdown",
]


@dataclass(frozen=True)
class Import:
    module: str
    target: str
    line: int
    inside_function: bool


def _room(module: str) -> str:
    """``puffle_jupyter.background.loop`` is in ``background``; the package itself is ``__init__``."""
    parts = module.split(".")
    if parts[-1] == "__main__":
        return "__main__"
    return parts[1] if len(parts) > 1 else "__init__"


def _floor(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if _room(module) in rooms)


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
            for other in node.orelse:
                yield from walk(other, inside)
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


def test_every_room_has_its_floor() -> None:
    """A new module or folder finds its place in the house before it is used, and no room is empty."""
    assert {_room(module) for module in _modules()} == {room for rooms in FLOORS for room in rooms}


@pytest.mark.parametrize("module", sorted(_modules()))
def test_imports_point_down(module: str) -> None:
    """Nothing imports what is above it; the door to the display alone does, inside its functions."""
    against = []
    for found in _imports(module, _modules()[module]):
        here, there = _floor(module), _floor(found.target)
        is_same_room = _room(module) == _room(found.target) or _room(module) in GROUND
        is_door = module == DOOR and found.inside_function and _room(found.target) == "display"
        if not is_door and (there > here or (there == here and not is_same_room)):
            against.append(f"line {found.line} imports {found.target}")
    assert not against, f"{module}: {'; '.join(against)}"


def test_no_module_is_in_a_circle() -> None:
    """No module imports itself by way of others, not even inside a function; the door is no way."""
    modules = _modules()
    graph = {
        module: {found.target for found in _imports(module, path)}
        & (modules.keys() - {module, "puffle_jupyter"})
        for module, path in modules.items()
        if module != DOOR
    }
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_rendering_a_run_that_ended_needs_neither_watches_nor_client_nor_jupyter() -> None:
    """Whoever has a run's answer in a file can read and render it with a part of the package."""
    code = (
        "import sys; from puffle_jupyter import Run\n"
        'answer = \'{"runId": "run_a", "status": "completed", "text": "**Done**"}\'\n'
        "run = Run.from_json(answer)\n"
        "run.to_html(), run.to_markdown(), run.to_text(), run.transcript, run.calls, run._repr_html_()\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    above = ("client", "watching", "display", "ipython", "background", "demo")
    ours = [name for name in loaded if name.startswith("puffle_jupyter.") and _room(name) in above]
    assert ours == []
    assert {"httpx", "IPython", "ipywidgets", "traitlets"}.isdisjoint(loaded)


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
    assert "puffle_jupyter.ipython.magics" in loaded
    assert [name for name in loaded if name in HEAVY] == []
