"""%puffle_wait with many runs, and --from: a board; what is not understood is said in one line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pandas
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from puffle_jupyter import RunBoard
from puffle_jupyter.background.loop import callback_loop
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.display import notice
from puffle_jupyter.ipython.run_sources import runs_from
from puffle_jupyter.watching.registry import registry
from puffle_jupyter.watching.watches import RunWatches

pytestmark = pytest.mark.usefixtures("background", "state")


@pytest.fixture
def puffle(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[EmbeddedPuffle]:
    monkeypatch.chdir(tmp_path)
    with EmbeddedPuffle(time_scale=20) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        yield server


def ids(shell: InteractiveShell) -> list[str]:
    board = shell.user_ns["board"]
    assert isinstance(board, RunBoard)
    return [watch.run_id for watch in board]


def test_more_than_two_runs_are_a_board(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """With commas and addresses; a bad id and one given twice are named; two that remain are two."""
    line = "run_abc,run_berlin https://app.puffle.example/runs/run_paris run_abc abc"
    assert shell.run_cell(f"board = %puffle_wait {line} -b -i 0.1").success
    assert ids(shell) == ["run_abc", "run_berlin", "run_paris"]
    printed = capsys.readouterr().out
    assert "watched once: run_abc." in printed
    assert "Not watched, since it is no run id: abc." in printed
    assert printed.count("3 runs · 3 ended") == 1
    assert printed.count("✓ completed · run_abc · calls: 8 (1 failed) · 5 Berlin fintech founders") == 1
    assert shell.run_cell("two = %puffle_wait run_abc,run_berlin run_abc").success
    assert isinstance(shell.user_ns["two"], RunWatches)
    assert len(shell.user_ns["two"]) == 2
    assert "watched once: run_abc." in capsys.readouterr().out


def test_a_board_goes_on_while_the_next_cell_runs(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """It returns at once; where nothing can be redrawn its end is printed once all of it ended."""
    assert shell.run_cell("board = %puffle_wait run_abc run_berlin run_failed -i 0.1").success
    assert "3 runs" in capsys.readouterr().out
    board = shell.user_ns["board"]
    board.wait(30)
    assert capsys.readouterr().out.count("3 runs · 3 ended (1 failed)") == 1


def test_columns_are_chosen_by_an_option(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two runs, too; each prints its answer and its calls. Without a run id it is a usage error."""
    assert shell.run_cell("board = %puffle_wait run_abc run_failed --layout columns -b -i 0.1").success
    assert ids(shell) == ["run_abc", "run_failed"]
    printed = capsys.readouterr().out
    assert re.search(r"✓ completed · run_abc +✗ failed · run_failed\n", printed)
    assert re.search(r"search_leads .*8 rows", printed)
    assert not shell.run_cell("%puffle_wait --layout columns").success
    assert not shell.run_cell("%puffle_wait run_abc --layout rows").success
    captured = capsys.readouterr()
    assert "needs a run id" in captured.out + captured.err
    assert "invalid choice: 'rows'" in captured.out + captured.err


def test_a_terminal_notifies_once_when_all_have_ended(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By OSC 9, in words of ours alone; where there is no terminal one line says why there is no notice."""
    assert shell.run_cell("%puffle_wait run_abc --notify -b -i 0.1").success
    assert "--notify does nothing here" in capsys.readouterr().out
    monkeypatch.setattr(notice, "is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert shell.run_cell("two = %puffle_wait run_berlin run_failed --notify -b -i 0.1").success
    shell.user_ns["two"][0].wait(10)
    callback_loop.run(asyncio.sleep(0))
    assert capsys.readouterr().out.count("\x1b]9;Puffle: 2 runs, 2 ended (1 failed)\a") == 1
    monkeypatch.setenv("TERM", "dumb")
    assert shell.run_cell("board = %puffle_wait run_abc run_berlin run_failed --notify -b").success
    callback_loop.run(asyncio.sleep(0))
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\a" in printed


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("runs", ["run_abc", "run_berlin"]),
        ("frame", ["run_abc", "run_paris"]),
        ("frame.which", ["run_berlin", "run_abc"]),
        ("frame['which']", ["run_berlin", "run_abc"]),
        ("runs.csv", ["run_abc", "run_berlin"]),
        ("runs.txt", ["run_abc", "run_berlin", "run_paris"]),
    ],
)
def test_runs_come_from_a_name(
    shell: InteractiveShell, puffle: EmbeddedPuffle, tmp_path: Path, source: str, found: list[str]
) -> None:
    """A list, a DataFrame, one of its columns, a file; what is missing is left out and said."""
    shell.user_ns["runs"] = ["run_abc", "run_berlin", None]
    shell.user_ns["frame"] = pandas.DataFrame(
        {"run_id": ["run_abc", float("nan"), "run_paris"], "which": ["run_berlin", "run_abc", None]}
    )
    (tmp_path / "runs.csv").write_text("name,run_id\na,run_abc\nb,\nc,run_berlin\n")
    (tmp_path / "runs.txt").write_text("# runs\nrun_abc, run_berlin\n\nrun_paris\n")
    quoted = f'"{source}"' if "'" in source else source
    result = shell.run_cell(f"board = %puffle_wait --from {quoted}")
    assert result.success
    assert ids(shell) == found
    remarks = shell.user_ns["board"].remarks
    assert remarks == (("1 empty value left out.",) if source != "runs.txt" else ())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.csv", "there is no variable and no file of this name"),
        ("nothing", "there are no runs in it"),
        ("number", "is a int: it takes a list"),
        ("frame.other", "there is no such column; there are 'a', 'b'"),
        ("frame", "which column has the run ids?"),
        ("words", "none of these is a run id: abc, x, y."),
        ("empty.csv", "which column has the run ids?|there are no runs in it|it has no heading"),
    ],
)
def test_what_leads_nowhere_is_one_line(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    source: str,
    words: str,
) -> None:
    """It says what was not understood; nothing is sent, nothing watched."""
    shell.user_ns |= {"nothing": [], "number": 5, "words": ["abc", "x y"]}
    shell.user_ns["frame"] = pandas.DataFrame({"a": [1], "b": [2]})
    (tmp_path / "empty.csv").write_text("")
    assert not shell.run_cell(f"%puffle_wait --from {source}").success
    captured = capsys.readouterr()
    lines = [line for line in (captured.out + captured.err).splitlines() if line.strip()]
    assert len(lines) == 1, lines
    assert any(one in lines[0] for one in words.split("|")), lines
    assert not puffle.requests
    assert not registry.live()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a" * 5_000, "no variable and no file"),
        ("~nobody-of-this-name/runs.csv", "no variable and no file"),
        ("frame", "several columns are called 'run_id'"),
    ],
)
def test_a_name_that_can_lead_nowhere_is_a_usage_error(name: str, words: str) -> None:
    """A name that no file can have, and a column that is there twice, are said as everything else is."""
    frame = pandas.DataFrame([["run_a", "run_b"]], columns=["run_id", "run_id"])
    with pytest.raises(UsageError, match=words):
        runs_from(name, {"frame": frame})
    assert runs_from("column", {"column": pandas.DataFrame(["run_a"])}) == ["run_a"]
