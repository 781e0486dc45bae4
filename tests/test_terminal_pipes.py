"""IPython that nobody types into: with ``-c``, with a file, and with its input from a pipe."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.environment import clean_environment

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle

pytestmark = pytest.mark.kernel
TWO_RUNS = "%load_ext puffle_jupyter\n%puffle_wait run_abc -i 0.2\nrun = %puffle_wait run_berlin -i 0.2\n"
LAST_WORDS = "parts: "
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


def output_of(settings: dict[str, str], folder: Path, *arguments: str, script: str = "") -> str:
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
            check=True,
        )
    return (folder / "output.txt").read_bytes().decode()


@pytest.mark.parametrize("how", ["-c", "file", "stdin"])
def test_a_pipe_gets_whole_transcripts_and_no_controls(
    settings: dict[str, str], tmp_path: Path, how: str
) -> None:
    """IPython ends when its runs ended; their transcripts are whole, in plain lines."""
    (tmp_path / "script.ipy").write_text(TWO_RUNS, encoding="utf-8")
    arguments = {"-c": ("-c", TWO_RUNS), "file": ("script.ipy",), "stdin": ()}[how]
    said = output_of(settings, tmp_path, *arguments, script=TWO_RUNS if how == "stdin" else "")
    assert CONTROL.search(said) is None
    assert said.count(LAST_WORDS) == 2
    assert "Traceback" not in said
    ends = [said.index(f"completed · {run_id}") for run_id in ("run_abc", "run_berlin")]
    assert max(ends) < said.rindex(LAST_WORDS)


def test_no_block_is_heard_in_a_pipe(settings: dict[str, str], tmp_path: Path) -> None:
    """``--no-block`` returns at once there too: IPython ends before the run does."""
    said = output_of(settings, tmp_path, "-c", "%load_ext puffle_jupyter\n%puffle_wait run_slow --no-block")
    assert "run_slow" in said
    assert LAST_WORDS not in said
