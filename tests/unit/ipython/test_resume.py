"""%puffle_runs and %puffle_wait --resume: what was watched is known after a restart, and none is started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from puffle_jupyter.asking.watch_notes import watch_notes
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.watching.registry import registry

pytestmark = pytest.mark.usefixtures("background", "state")


@pytest.fixture
def puffle(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPuffle]:
    with EmbeddedPuffle(time_scale=20) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        yield server


def restart() -> None:
    """What a kernel knows goes; what is in the file stays."""
    watch_notes.write()
    registry.stop()


def test_after_a_restart_the_unfinished_runs_are_watched_again(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not the ended ones; by polls alone, so that nothing is started."""
    assert shell.run_cell("w = %puffle_wait run_abc -b -i 0.1").success
    assert shell.run_cell("%puffle_wait run_slow").success
    restart()
    assert shell.run_cell("again = %puffle_wait --resume").success
    assert [watch.run_id for watch in shell.user_ns["again"]] == ["run_slow"]
    assert set(puffle.requests) == {"run_abc", "run_slow"}
    assert shell.run_cell("runs = %puffle_runs").success
    runs = {run.run_id: run for run in shell.user_ns["runs"]}
    assert runs["run_abc"].state == "completed"
    assert runs["run_slow"].is_watched
    assert "run_abc" in shell.user_ns["runs"].to_text()
    assert "run_slow" in shell.user_ns["runs"]._repr_html_()


def test_with_nothing_to_resume_one_line_says_so(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no error: a notebook may begin with it."""
    assert shell.run_cell("again = %puffle_wait --resume").success
    assert list(shell.user_ns["again"]) == []
    assert "Nothing to resume" in capsys.readouterr().out
    assert not puffle.requests


def test_runs_are_listed_without_a_key(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Looking into the notes needs no account; an argument that is none is refused in one line."""
    assert shell.run_cell("runs = %puffle_runs").success
    assert not shell.run_cell("%puffle_runs run_abc").success
    assert "takes --all or nothing" in capsys.readouterr().err
