"""What stands in a terminal's 80 columns: nothing important is lost in them, or typed over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from puffle_jupyter import Run
from puffle_jupyter.demo.transcripts import load_transcript
from puffle_jupyter.display.front_end import FrontEnd, front_end_of
from puffle_jupyter.display.terminal import toolbar as terminal
from puffle_jupyter.display.terminal.columns import cut, width_of, wrapped
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.watching.snapshot import RetryState, WatchPhase, WatchSnapshot

NOW = 64.0
REASON = (
    "Puffle answered 401 Unauthorized: the key is wrong or was revoked. Make a new one in Puffle's settings, "
    "set PUFFLE_API_KEY to it or run %puffle_login, then run this cell again, the last word being 終わり"
)


def snapshot(phase: WatchPhase, run_id: str = "run_abc", **more: Any) -> WatchSnapshot:
    return WatchSnapshot(run_id, phase, RunStatus.RUNNING, "running", polls=3, started_at=0.0, **more)


FAILING = {
    "unreachable": snapshot(WatchPhase.UNREACHABLE, failure=RetryState(REASON, 50.0, 66.0)),
    "rate limited": snapshot(WatchPhase.RATE_LIMITED, failure=RetryState("429", 50.0, 66.0)),
    "stopped": snapshot(WatchPhase.STOPPED, error=REASON, ended_at=9.0),
    "401": snapshot(WatchPhase.REFUSED, error=REASON, ended_at=9.0),
    "long id": snapshot(WatchPhase.UNREACHABLE, "run_" + "日本" * 50, failure=RetryState(REASON, 50.0, 66.0)),
}


@pytest.mark.parametrize("shown", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("columns", [40, 80, 110])
def test_toolbar_fits_its_line(shown: WatchSnapshot, columns: int) -> None:
    """Status, run id and time stay in the toolbar's one line, and of the reason what there is room for."""
    line = terminal.toolbar_line(shown, NOW, columns)
    assert width_of(line) <= columns
    label, run_id, elapsed = line.split(" · ")[:3]
    assert label.endswith(("running", "refused"))
    assert run_id.startswith("run_")
    assert elapsed.startswith(("1 min 04 s", "9 s"))
    if columns >= 80:
        assert len(line.split(" · ")) > 3


@pytest.mark.parametrize("columns", [30, 80])
def test_the_end_is_told_whole(columns: int) -> None:
    """The line above the prompt holds the whole reason, wrapped between words within the columns."""
    told = terminal.end_line(FAILING["401"], NOW)
    assert REASON in told
    lines = wrapped(told, columns).split("\n")
    assert all(width_of(line) <= columns for line in lines)
    assert " ".join(line.strip() for line in lines) == told


def test_a_crowd_of_watches_leaves_room_to_type() -> None:
    """The toolbar names as many as there are lines for, and counts the others."""
    lines = [f"run_{number}" for number in range(50)]
    assert terminal.at_most(lines, 50) == lines
    assert terminal.at_most(lines, 13) == [*lines[:12], "… and 38 more"]


@pytest.mark.parametrize(
    ("text", "columns"), [("日本語日本語日本語", 5), ("a" * 30, 7), ("👩‍👧👩‍👧 x", 3), ("日", 1)]
)
def test_wide_characters_take_two_columns(text: str, columns: int) -> None:
    """CJK and emoji are counted as they are drawn, and a word longer than a line loses no character."""
    assert width_of(cut(text, columns)) <= columns
    lines = wrapped(text, columns, indent="").split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line) <= columns for line in lines) or columns == 1


class Shell:
    """As much of terminal IPython as a line view needs."""

    simple_prompt = True

    def __init__(self) -> None:
        self.registered: dict[str, list[Any]] = {"pre_run_cell": [], "post_run_cell": []}
        self.events = SimpleNamespace(
            register=lambda name, call: self.registered[name].append(call),
            unregister=lambda name, call: self.registered[name].remove(call),
        )

    def trigger(self, name: str) -> None:
        for call in list(self.registered[name]):
            call(None)


def test_nothing_is_printed_while_a_person_types(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between cells news are held back, and told once, the last of them, when the next cell begins."""
    monkeypatch.setattr(terminal, "subscribe", lambda watch, view: None)
    watch: Any = SimpleNamespace(snapshot=snapshot(WatchPhase.WATCHING), clock=lambda: NOW)
    shell = Shell()
    view = terminal.LineView(watch, shell)
    view.show()
    shell.trigger("post_run_cell")
    assert "running" in capsys.readouterr().out
    view.update(FAILING["rate limited"])
    watch.snapshot = FAILING["stopped"]
    view.update(watch.snapshot)
    assert capsys.readouterr().out == ""
    shell.trigger("pre_run_cell")
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "Stopped watching" in told
    assert shell.registered == {"pre_run_cell": [], "post_run_cell": []}


@pytest.mark.parametrize(
    ("tty", "interact", "term", "pt_app", "expected"),
    [
        (True, True, "xterm", object(), FrontEnd.TERMINAL),
        (True, True, "xterm", None, FrontEnd.SIMPLE),
        (True, True, "dumb", object(), FrontEnd.SIMPLE),
        (True, False, "xterm", object(), FrontEnd.SCRIPT),
        (False, True, "xterm", None, FrontEnd.SCRIPT),
    ],
)
def test_kinds_of_terminal(
    monkeypatch: pytest.MonkeyPatch, tty: bool, interact: bool, term: str, pt_app: object, expected: FrontEnd
) -> None:
    """A toolbar where it can be redrawn; where nobody types the end is awaited."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: tty))
    shell = SimpleNamespace(simple_prompt=False, pt_app=pt_app, parent=SimpleNamespace(interact=interact))
    assert front_end_of(shell) is expected
    assert expected.blocks is (expected is FrontEnd.SCRIPT)


def test_explore_without_a_front_end_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    """A run of 119 calls is about a screenful of lines, and the last one says how to see everything."""
    Run.from_dict({"runId": "run_long", "status": "completed", **load_transcript("run_long")}).explore()
    lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert lines[0] == "✓ completed · run_long"
    assert lines[-1] == "All of it: print(run.to_text())"
    assert len(lines) <= 60
