"""The magics in terminal IPython, in a real pseudo-terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.terminal import Terminal, running_terminal

pytestmark = pytest.mark.kernel
HALF_TYPED = "leads = pick('half-typed"


@pytest.fixture
def settings() -> Iterator[dict[str, Any]]:
    with EmbeddedPuffle(time_scale=2) as server:
        yield {"PUFFLE_API_KEY": DEMO_KEY, "PUFFLE_BASE_URL": server.base_url}


@pytest.fixture
def terminal(tmp_path: Path, settings: dict[str, Any]) -> Iterator[Terminal]:
    with running_terminal(tmp_path, **settings) as terminal:
        terminal.run("%load_ext puffle_jupyter")
        yield terminal


@pytest.fixture
def simple(tmp_path: Path, settings: dict[str, Any]) -> Iterator[Terminal]:
    with running_terminal(tmp_path, "--simple-prompt", **settings) as terminal:
        terminal.run("%load_ext puffle_jupyter")
        yield terminal


def test_badge_stands_under_a_half_typed_line(terminal: Terminal) -> None:
    """The badge moves in the bottom toolbar; what the user is typing stays as it is."""
    terminal.run("run = %puffle_wait run_abc -i 0.2")
    terminal.type(HALF_TYPED)
    terminal.wait(lambda: "run_abc" in terminal.toolbar and "running" in terminal.toolbar, what="the badge")
    assert terminal.input_line.endswith(HALF_TYPED)
    terminal.wait_for("completed")
    terminal.wait(lambda: terminal.input_line.endswith(HALF_TYPED), what="the half-typed line again")
    lines = [line for line in terminal.lines if "completed" in line]
    assert len(lines) == 1
    assert "run_abc" in lines[0]
    assert terminal.lines.index(lines[0]) < terminal.lines.index(terminal.input_line)


def test_toolbar_is_given_back(terminal: Terminal) -> None:
    """Once no watch is live the bottom toolbar is what it was before."""
    terminal.run("get_ipython().pt_app.bottom_toolbar = lambda: 'my own toolbar'")
    terminal.wait_for("my own toolbar")
    terminal.run("run = %puffle_wait run_berlin -i 0.2")
    terminal.wait_for("completed")
    terminal.wait(lambda: terminal.toolbar == "my own toolbar", what="the user's own toolbar")


def test_the_run_is_printed_in_short_on_request(terminal: Terminal) -> None:
    """Blocking, or asking for a run that ended, prints the answer, the calls and how to see everything."""
    terminal.run("run = %puffle_wait run_berlin -b -i 0.2")
    for words in (
        "✓ completed · run_berlin",
        "• Opening: the three",
        "✓ web_search",
        "print(watch.to_text())",
    ):
        assert words in terminal.screen
    assert terminal.raw.count("completed · run_berlin") == 1
    terminal.run("print(run.result()[:20] in run.run.to_text())")
    assert "True" in terminal.screen


def test_the_answer_has_styles_where_they_can_be_read(tmp_path: Path, settings: dict[str, Any]) -> None:
    """In a terminal with colours bold is bold and a failed call is red; nothing is a hyperlink."""
    with running_terminal(tmp_path, rows=60, **settings) as coloured:
        coloured.run("get_ipython().colors = 'linux'")
        coloured.run("%load_ext puffle_jupyter")
        coloured.run("run = %puffle_wait run_abc -b -i 0.2")
        assert re.search(r"\x1b\[1m8 people\x1b\[0m", coloured.raw)
        assert re.search(r"\x1b\[1;31m✗\x1b\[0m", coloured.raw)
        assert "\x1b]8" not in coloured.raw


def test_interrupt_ends_a_blocking_wait(terminal: Terminal) -> None:
    """Ctrl-C gives the prompt back and says that the watch goes on."""
    terminal.type("run = %puffle_wait run_slow -b\r")
    terminal.wait_for("run_slow")
    terminal.wait(lambda: "queued" in terminal.screen or "running" in terminal.screen, what="the badge")
    terminal.type("\x03")
    terminal.wait_for("still watching run_slow", timeout=3)
    terminal.wait(lambda: "run_slow" in terminal.toolbar, what="the badge under the prompt")
    assert "Traceback" not in terminal.screen


def test_the_end_is_told_after_an_interrupted_wait(terminal: Terminal) -> None:
    """Whoever stops to wait is told once above the prompt, and what is typed meanwhile stays."""
    terminal.type("run = %puffle_wait run_abc -b -i 0.2\r")
    terminal.wait(lambda: "running · run_abc" in terminal.screen, what="the run")
    terminal.type("\x03")
    terminal.wait_for("still watching run_abc", timeout=3)
    terminal.type(HALF_TYPED)
    terminal.wait_for("%puffle_wait run_abc shows it")
    terminal.wait(lambda: terminal.input_line.endswith(HALF_TYPED), what="the half-typed line")
    assert terminal.screen.count("completed · run_abc") == 1


def test_simple_prompt_tells_between_two_inputs(simple: Terminal, tmp_path: Path) -> None:
    """Without prompt_toolkit the end is one plain line, once the half-typed input is entered."""
    simple.run("from pathlib import Path; from threading import Thread")
    simple.run("run = %puffle_wait run_berlin -i 0.2")
    simple.run("Thread(target=lambda: run.wait() and Path('ended').touch()).start()")
    written = len(simple.raw)
    simple.type(HALF_TYPED)
    simple.wait(lambda: simple.input_line.endswith(HALF_TYPED), what="the half-typed line")
    simple.wait((tmp_path / "ended").exists, what="the end of the run")
    assert "run_berlin" not in simple.raw[written:]
    simple.run("')")
    said = simple.raw[written:]
    assert said.count("completed · run_berlin") == 1
    assert "\x1b" not in said.replace("\x1b[?2004h", "").replace("\x1b[?2004l", "")


def test_bad_line_is_one_line(terminal: Terminal) -> None:
    """Bad input in a terminal is one clear line as well."""
    terminal.run("%puffle_wait abc")
    assert "Traceback" not in terminal.screen
    assert "'abc' is not a run id" in terminal.screen


def test_leaving_does_not_wait_for_a_watch(terminal: Terminal) -> None:
    """IPython ends at once although a run is being watched."""
    import pexpect

    terminal.run("run = %puffle_wait run_slow")
    terminal.type("exit\r")
    terminal.process.expect(pexpect.EOF, timeout=3)


def told(terminal: Terminal) -> str:
    """The four lines that begin with the first refusal on the screen, as one."""
    lines = terminal.lines
    start = next((at for at, line in enumerate(lines) if "✗ refused" in line), len(lines))
    return " ".join(line.strip() for line in lines[start : start + 4])


def test_a_refusal_is_whole_in_80_columns(tmp_path: Path, settings: dict[str, Any]) -> None:
    """What Puffle refused, and what to do, stands above the prompt, wrapped between words."""
    wrong = {**settings, "PUFFLE_API_KEY": "pk_live_0123456789abcdef0123"}
    with running_terminal(tmp_path, columns=80, **wrong) as narrow:
        narrow.run("%load_ext puffle_jupyter")
        narrow.run("run = %puffle_wait run_abc")
        # For a moment the toolbar has the beginning of it in one line.
        narrow.wait(
            lambda: "Run %puffle_login with a new one. Puffle says:" in told(narrow), what="all of it"
        )


def test_asking_in_a_terminal(terminal: Terminal) -> None:
    """The conversation in one line with its whole id, the badge in the toolbar, the end above the prompt."""
    terminal.run("watch = %puffle_chat Who are founders in Rome?")
    terminal.wait_for("◇ Who are founders in Rome?")
    terminal.wait(lambda: any(line.endswith(", turn 1") for line in terminal.lines), what="the turn")
    terminal.wait_for("completed")
    terminal.run("%puffle_chat -b -q -i 0.2 And in Turin?")
    terminal.wait(lambda: any(line.endswith(", turn 2") for line in terminal.lines), what="the next turn")
