"""%puffle_diff in a real shell, against the embedded Puffle: what it fetches, shows and refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from puffle_jupyter import Run, RunDiff, RunDiffs, watch
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.watching.registry import registry

pytestmark = pytest.mark.usefixtures("background")
FAST = 500


@pytest.fixture
def puffle(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPuffle]:
    with EmbeddedPuffle(time_scale=FAST) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        yield server


def value_of(shell: InteractiveShell, cell: str) -> Any:
    result = shell.run_cell(cell)
    assert result.success
    return result.result


def refused(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str) -> str:
    """The one line that a cell ends with."""
    capsys.readouterr()
    assert not shell.run_cell(cell).success
    captured = capsys.readouterr()
    (line,) = [line for line in (captured.out + captured.err).splitlines() if line.strip()]
    return line


def test_two_runs_by_id(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """Each is asked for once, whether it failed or completed; nothing is started, and nothing is watched."""
    found = value_of(shell, "%puffle_diff run_shape_ai_sdk_5 run_abc_again")
    assert isinstance(found, RunDiff)
    assert [found.before.run_id, found.after.run_id] == ["run_shape_ai_sdk_5", "run_abc_again"]
    assert dict(puffle.requests) == {"run_shape_ai_sdk_5": 1, "run_abc_again": 1}
    assert registry.live() == []


def test_names_of_watches_and_runs(shell: InteractiveShell, puffle: EmbeddedPuffle) -> None:
    """A variable is what it holds, and a run that this kernel saw end costs no request."""
    watching = watch("run_berlin", interval=0.1)
    watching.wait(20)
    first = watching.run
    assert first is not None
    shell.user_ns |= {"berlin": watching, "again": Run.from_dict({**first.to_dict(), "runId": "run_x"})}
    before = dict(puffle.requests)
    assert value_of(shell, "%puffle_diff berlin again").is_empty
    assert value_of(shell, "%puffle_diff run_berlin again").before.run_id == "run_berlin"
    assert dict(puffle.requests) == before


def test_many_runs_are_a_table_and_the_key_can_be_said(
    shell: InteractiveShell, puffle: EmbeddedPuffle
) -> None:
    """More than two: the first is the baseline; an option names the column that is the key."""
    cell = "%puffle_diff run_abc_again run_shape_ui_5 run_shape_ui_7 --key url"
    found = value_of(shell, cell)
    assert isinstance(found, RunDiffs)
    assert [one.after.run_id for one in found] == ["run_shape_ui_5", "run_shape_ui_7"]
    assert {rows.key for rows in found[0].rows if rows.name == "web_search"} == {"url"}


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%puffle_diff", "needs two runs, such as: %puffle_diff run_abc run_def"),
        ("%puffle_diff run_abc", "needs two runs"),
        ("%puffle_diff run_abc run_abc", "run_abc is there twice: a run does not differ from itself."),
        ("%puffle_diff run_abc nobody", "'nobody' is not a run id"),
        ("%puffle_diff run_abc run_def --frobnicate", "unrecognized arguments: --frobnicate"),
        ("x = 'run_a\\nrun_b'\n%puffle_diff {x} run_c", "line break"),
    ],
)
def test_what_is_refused_before_anything_is_sent(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str], cell: str, words: str
) -> None:
    """One line that says what is wrong, and no request."""
    assert words in refused(shell, capsys, cell)
    assert not puffle.requests


def test_what_is_refused_by_what_puffle_says(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that is not there, and one that has not ended: which one, and what to do."""
    assert "RunNotFound" in (line := refused(shell, capsys, "%puffle_diff run_abc_again run_nobody"))
    assert "run_nobody" in line
    line = refused(shell, capsys, "%puffle_diff run_abc_again run_slow")
    assert "RunNotEnded: run_slow is queued" in line
    assert "First %puffle_wait -b run_slow, then compare." in line
    shell.user_ns["slow"] = watch("run_slow", interval=30)
    assert "run_slow" in refused(shell, capsys, "%puffle_diff slow run_abc_again")


def test_help_and_completion(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """-h prints the help, and Tab offers the options."""
    assert shell.run_cell("%puffle_diff -h").success
    assert "names of watches and runs" in " ".join(capsys.readouterr().out.split())
    _, options = shell.complete(None, "%puffle_diff --", len("%puffle_diff --"))
    assert "--key" in options
