"""Tab behind %puffle_wait: options after a dash, run ids that this kernel knows elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import puffle_jupyter
from puffle_jupyter.ipython.completion import options_in

OPTIONS = {"--interval", "--timeout", "--block", "--no-block", "--check", "--nested", "--quiet"}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A shell with the extension loaded, and two runs that were watched."""
    shell = InteractiveShell()
    puffle_jupyter.load_ipython_extension(shell)
    monkeypatch.setattr(
        "puffle_jupyter.watching.registry.registry.run_ids", lambda: ["run_berlin", "run_paris", "run_berlin"]
    )
    yield shell
    puffle_jupyter.unload_ipython_extension(shell)
    shell.events.trigger("post_execute")


def offered(shell: Any, line: str) -> list[str]:
    """What Tab offers at the end of ``line``, as terminals and kernels ask for it."""
    _, matches = shell.complete(None, line, len(line))
    return list(matches)


@pytest.mark.parametrize(
    "line", ["%puffle_wait --", "watch = %puffle_wait run_abc --", "a, b = %puffle_wait --"]
)
def test_options(shell: Any, line: str) -> None:
    """Every option of the magic, also where its value is assigned."""
    assert set(offered(shell, line)) >= OPTIONS
    assert "run_berlin" not in offered(shell, line)


@pytest.mark.parametrize("line", ["%puffle_chat --", "%%puffle_chat leads --", "watch = %puffle_chat --"])
def test_options_of_asking(shell: Any, line: str) -> None:
    """Those that it shares with %puffle_wait, and its own."""
    assert set(offered(shell, line)) >= OPTIONS | {"--new", "--once", "--conversation", "--format"}
    assert "run_berlin" not in offered(shell, line)


def test_conversations(shell: Any) -> None:
    """Behind %puffle_chat, the ids of this kernel's conversations, each once."""
    from puffle_jupyter import Conversation

    known = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"
    conversations = shell.magics_manager.registry["ChatMagics"].conversations
    for name in ("", "berlin"):
        conversations.used("https://puffle.example", name, Conversation(known))
    assert offered(shell, "%puffle_chat --conversation 3f").count(known) == 1


def test_an_option_that_was_begun(shell: Any) -> None:
    """Only what begins so."""
    assert sorted(offered(shell, "%puffle_wait --no")) == ["--no-block", "--notify"]


@pytest.mark.parametrize("line", ["%puffle_wait ", "watch = %puffle_wait run_", "%puffle_wait run_abc run_"])
def test_run_ids(shell: Any, line: str) -> None:
    """Those that this kernel knows, each once."""
    shown = offered(shell, line)
    assert [run_id for run_id in shown if run_id.startswith("run_")] == ["run_berlin", "run_paris"]


def test_nothing_is_offered_elsewhere(shell: Any) -> None:
    """Another line, and a shell that unloaded the extension, complete as if it was not there."""
    assert "run_berlin" not in offered(shell, "print('%puffle_wait ', run_")
    puffle_jupyter.unload_ipython_extension(shell)
    assert "run_berlin" not in offered(shell, "%puffle_wait run_")
    assert "--nested" not in offered(shell, "%puffle_wait --")


def test_options_of_a_help() -> None:
    """A dash within a description is no option."""
    text = "options:\n  -b, --block  wait -b here\n  --no-block   not --x\n"
    assert options_in(text) == ["-b", "--block", "--no-block"]


def test_the_names_of_the_package() -> None:
    """dir() shows the public names, and nothing that is only imported."""
    assert {name for name in dir(puffle_jupyter) if not name.startswith("__")} == set(puffle_jupyter.__all__)
