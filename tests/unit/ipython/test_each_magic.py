"""%%puffle_each: one run for each row, from a cell, against the embedded Puffle."""

from __future__ import annotations

from collections.abc import Iterator

import pandas
import pytest
from IPython.core.interactiveshell import InteractiveShell

from puffle_jupyter import EachBoard
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle

pytestmark = pytest.mark.usefixtures("background", "state")
CELL = "Find the head of sales at {company}, {city}"


@pytest.fixture
def puffle(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPuffle]:
    with EmbeddedPuffle(time_scale=50) as server:
        monkeypatch.setenv("PUFFLE_API_KEY", DEMO_KEY)
        monkeypatch.setenv("PUFFLE_BASE_URL", server.base_url)
        shell.user_ns["rows"] = pandas.DataFrame({"company": ["Acme", "Beta"], "city": ["Berlin", "Paris"]})
        yield server


def test_a_cell_asks_once_for_each_row(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """It waits where it is told to, and prints the table; run again, it shows the same runs."""
    line = "rows heads --per-minute 6000 --at-once 2 -b -i 0.1"
    assert shell.run_cell(f"%%puffle_each {line}\n{CELL}").success
    board = shell.user_ns["heads"]
    assert isinstance(board, EachBoard)
    assert "2 runs · 2 ended" in capsys.readouterr().out
    assert list(board.to_frame()["status"]) == ["completed"] * 2
    started = [watch.run_id for watch in board]
    assert shell.run_cell(f"%%puffle_each {line}\n{CELL}").success
    assert [watch.run_id for watch in shell.user_ns["heads"]] == started
    assert "2 rows sent before, and not sent again." in capsys.readouterr().out


def test_a_dry_run_sends_nothing(
    shell: InteractiveShell, puffle: EmbeddedPuffle, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints the messages, and makes no board."""
    assert shell.run_cell(f"%%puffle_each rows heads --dry-run\n{CELL}").success
    assert "row 0: Find the head of sales at Acme, Berlin" in capsys.readouterr().out
    assert "heads" not in shell.user_ns
    assert not puffle.requests


@pytest.mark.parametrize(
    ("line", "cell", "words"),
    [
        ("", CELL, "needs the rows"),
        ("nothing", CELL, "no variable 'nothing'"),
        ("rows rows", CELL, "another name"),
        ("rows 1x", CELL, "takes the name of a variable"),
        ("rows --at-once many", CELL, "--at-once takes a number"),
        ("rows --at-once 0", CELL, "at_once must be a whole number of at least 1"),
        ("rows --per-minute 0", CELL, "per_minute must be a number above 0"),
        ("rows", "Ask {firm}", "there is no column 'firm'"),
        ("rows --key city2", CELL, "has no column 'city2'"),
        ("rows --nothing", CELL, "unrecognized arguments"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    shell: InteractiveShell,
    puffle: EmbeddedPuffle,
    capsys: pytest.CaptureFixture[str],
    line: str,
    cell: str,
    words: str,
) -> None:
    """Before anything is sent."""
    assert not shell.run_cell(f"%%puffle_each {line}\n{cell}").success
    printed = capsys.readouterr()
    assert words in printed.out + printed.err
    assert "Traceback" not in printed.out + printed.err
    assert not puffle.requests
