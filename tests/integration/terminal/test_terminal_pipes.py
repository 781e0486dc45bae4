"""IPython that nobody types into: with ``-c``, with a file, and with its input from a pipe."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.environment import clean_environment
from tests.support.one_answer import answering

pytestmark = pytest.mark.kernel
TWO_RUNS = "%load_ext puffle_jupyter\n%puffle_wait run_abc -i 0.2\nrun = %puffle_wait run_berlin -i 0.2\n"
LAST_WORDS = "All of it: "
WHOLE = "Nothing left out: "
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("pipes")
    with EmbeddedPuffle(time_scale=5) as server:
        yield clean_environment(
            folder,
            PUFFLE_API_KEY=DEMO_KEY,
            PUFFLE_BASE_URL=server.base_url,
            PYTHONIOENCODING="utf-8",
            TERM="xterm-256color",
        )


def output_of(
    settings: dict[str, str], folder: Path, *arguments: str, script: str = "", succeeds: bool = True
) -> str:
    """What IPython writes into a file, its end awaited."""
    with open(folder / "output.txt", "w+b") as output:
        subprocess.run(
            [sys.executable, "-m", "IPython", "--no-banner", "--no-confirm-exit", *arguments],
            input=script.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=settings,
            cwd=folder,
            timeout=60,
            check=succeeds,
        )
    return (folder / "output.txt").read_bytes().decode(settings["PYTHONIOENCODING"])


@pytest.mark.parametrize("how", ["-c", "file", "stdin"])
def test_a_pipe_gets_the_runs_in_short_and_no_controls(
    settings: dict[str, str], tmp_path: Path, how: str
) -> None:
    """IPython ends when its runs ended; each has its answer and its calls, in plain lines."""
    (tmp_path / "script.ipy").write_text(TWO_RUNS, encoding="utf-8")
    arguments = {"-c": ("-c", TWO_RUNS), "file": ("script.ipy",), "stdin": ()}[how]
    said = output_of(settings, tmp_path, *arguments, script=TWO_RUNS if how == "stdin" else "")
    assert CONTROL.search(said) is None
    assert said.count(LAST_WORDS) == 2
    assert "Traceback" not in said
    ends = [said.index(f"completed · {run_id}") for run_id in ("run_abc", "run_berlin")]
    assert max(ends) < said.rindex(LAST_WORDS)
    assert said.count("✓ completed · ") == 2
    assert "Mara Muster       Kontovogel   Cash-flow forecasts" in said
    assert len(said.splitlines()) < 80


def test_verbose_prints_everything(settings: dict[str, str], tmp_path: Path) -> None:
    """``-v`` is the whole transcript: every message, every call with its result, and the count."""
    said = output_of(settings, tmp_path, "-c", "%load_ext puffle_jupyter\n%puffle_wait run_long -v -i 0.2")
    assert CONTROL.search(said) is None
    assert said.count(WHOLE) == 1
    assert said.count(" · web_search · ") > 100
    assert LAST_WORDS not in said


def test_what_is_not_shown_is_no_cell(settings: dict[str, str], tmp_path: Path) -> None:
    """Nobody is told to run a cell again where there is none: the line says what to type."""
    wrong = {**settings, "PUFFLE_API_KEY": "pk_live_0123456789abcdef0123"}
    said = output_of(wrong, tmp_path, "-c", "%load_ext puffle_jupyter\n%puffle_wait run_abc -i 0.2")
    assert said.splitlines()[-1] == "Put that right, then: %puffle_wait run_abc"
    assert "cell" not in said


def test_no_block_is_heard_in_a_pipe(settings: dict[str, str], tmp_path: Path) -> None:
    """``--no-block`` returns at once there too: IPython ends before the run does."""
    said = output_of(settings, tmp_path, "-c", "%load_ext puffle_jupyter\n%puffle_wait run_slow --no-block")
    assert "run_slow" in said
    assert LAST_WORDS not in said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("how", ["-c", "stdin"])
def test_a_pipe_that_is_not_utf_8_gets_what_it_can_hold(
    settings: dict[str, str], tmp_path: Path, encoding: str, how: str
) -> None:
    """A container's ASCII, a Windows pipe's cp1252: both runs, and no error of the encoding."""
    arguments = {"-c": ("-c", TWO_RUNS), "stdin": ()}[how]
    encoded = {**settings, "PYTHONIOENCODING": encoding}
    said = output_of(encoded, tmp_path, *arguments, script=TWO_RUNS if how == "stdin" else "")
    assert said.count(LAST_WORDS) == 2
    assert "Error" not in said
    separator = "-" if encoding == "ascii" else "·"
    assert f"* completed {separator} run_abc" in said


def test_the_error_of_check_is_one_line_in_an_ascii_pipe(tmp_path: Path) -> None:
    """Also when the run's own words are not ASCII: the class can be read, and where the words were."""
    script = "%load_ext puffle_jupyter\n%puffle_wait run_a --check -q -i 0.1"
    with answering({"runId": "run_a", "status": "failed", "error": "größte Grenze → 第一"}) as server:
        settings = clean_environment(
            tmp_path,
            PUFFLE_API_KEY="pk_live_0123456789abcdef",
            PUFFLE_BASE_URL=server.base_url,
            PYTHONIOENCODING="ascii",
        )
        said = output_of(settings, tmp_path, "-c", script, succeeds=False)
    assert said.splitlines()[-1] == "RunFailed: run_a failed: gr??te Grenze -> ??"
    assert "Traceback" not in said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_script_that_nobody_types_into_waits_in_any_encoding(
    settings: dict[str, str], tmp_path: Path, encoding: str
) -> None:
    """`show` in a plain script, without IPython, prints on another thread what the output can hold."""
    script = "import puffle_jupyter\nw = puffle_jupyter.watch('run_abc', interval=0.2)\nw.show()\nw.wait()\n"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**settings, "PYTHONIOENCODING": encoding},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"completed" in done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_the_program_of_the_demo_runs_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    """Its badge, its address and its help."""
    environment = clean_environment(tmp_path, PYTHONIOENCODING=encoding)
    for arguments, words in ((["run_berlin"], "* completed"), (["--help"], "run_shape_mixture")):
        command = [sys.executable, "-m", "puffle_jupyter.demo", *arguments]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, timeout=60)
        assert done.returncode == 0
        assert done.stderr == b""
        assert words in done.stdout.decode(encoding)
