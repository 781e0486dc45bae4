"""``python -m puffle_jupyter.demo``: real processes, as a newcomer starts them."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from puffle_jupyter.demo import DEMO_KEY, RUNS, lab
from puffle_jupyter.demo.status_line import StatusLine
from tests.support.paths import ROOT

DEMO = [sys.executable, "-m", "puffle_jupyter.demo"]


def environment() -> dict[str, str]:
    """This process's environment, with the package found wherever the demo is started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PUFFLE")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def run_demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A demo process that is ended with its children, whatever the test does."""
    process = subprocess.Popen(
        [*DEMO, *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    overdue = threading.Timer(60, process.kill)
    overdue.start()
    try:
        yield process
    finally:
        overdue.cancel()
        with_children = getattr(os, "killpg", None)
        if process.poll() is None:
            with_children(process.pid, signal.SIGKILL) if with_children else process.kill()
        process.communicate()


def lines_until(process: subprocess.Popen[str], pattern: str) -> str:
    """What the process prints up to the line that matches."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"ended without {pattern!r}:\n{said}")


@pytest.fixture(scope="module")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("newcomer")
    return folder, run_demo(folder)


def test_main_job_ends_well(main_job: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Without arguments it exits 0, writes the transcript here, and says its path and what to type next."""
    folder, done = main_job
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in folder.iterdir()] == ["puffle-run_abc.html"]
    _, path, next_steps = done.stdout.partition(f"\nTranscript: {folder / 'puffle-run_abc.html'}\n")
    assert path
    typed = [line.strip() for line in next_steps.splitlines() if line.startswith("  ")]
    assert typed[0] == f"{shlex.quote(sys.executable)} -m puffle_jupyter.demo --lab"
    assert typed[1:] == ["%load_ext puffle_jupyter", "%puffle_demo", "%puffle_wait run_abc"]


def test_main_job_shows_each_status_once(main_job: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Piped, there is one plain line for each status, in order, and no control character."""
    _, done = main_job
    assert re.findall(r"\b(queued|running|completed)\b", done.stdout) == ["queued", "running", "completed"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)


def test_transcript_page_holds_the_run(main_job: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The page stands alone and holds answer, tool calls and the failed call's error; the key is nowhere."""
    folder, done = main_job
    page = (folder / "puffle-run_abc.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    for said in (
        "Berlin fintech founders added",
        "<table",
        "search_leads",
        "web_search timed out",
        "Zinszebra",
    ):
        assert said in page
    assert DEMO_KEY not in page + done.stdout


def test_failed_run_is_said(tmp_path: Path) -> None:
    """A run that fails still gets its page, at the path asked for, and exit code 1."""
    done = run_demo(tmp_path, "run_failed", "--output", "failed.html")
    assert (done.returncode, done.stderr) == (1, "")
    assert "lead database is being updated" in (tmp_path / "failed.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run_nobody"], "invalid choice: 'run_nobody'"),
        (["--port", "99999"], "'99999' is not a port"),
        (["--serve", "--lab"], "not allowed with"),
        (["--no-browser"], "unrecognized arguments: --no-browser"),
    ],
)
def test_bad_arguments_are_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A wrong argument is named, with exit code 2 and no traceback; nothing is written."""
    done = run_demo(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_taken_port_is_said(tmp_path: Path) -> None:
    """A port in use is named in one line, with exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_demo(tmp_path, "--serve", "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"puffle_jupyter.demo: cannot listen on port {port}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_until_it_is_ended(tmp_path: Path, ending: signal.Signals) -> None:
    """--serve prints address, key and runs, answers, and exits 0 on Ctrl-C or a termination signal."""
    with started(tmp_path, "--serve") as process:
        said = lines_until(process, list(RUNS)[-1])
        (base_url,) = re.findall(r"export PUFFLE_BASE_URL=(\S+)", said)
        assert f"export PUFFLE_API_KEY={DEMO_KEY}\n" in said
        assert all(run_id in said for run_id in RUNS)
        headers = {"Authorization": f"Bearer {DEMO_KEY}"}
        answer = httpx.get(f"{base_url}/api/agent/chat/run_abc", headers=headers)
        assert answer.json() == {"runId": "run_abc", "status": "queued"}
        process.send_signal(ending)
        assert process.wait(10) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send Ctrl-C to one process")
def test_interrupted_wait_ends_quietly(tmp_path: Path) -> None:
    """Ctrl-C during the wait exits 130 without a traceback and without a file."""
    with started(tmp_path, "run_slow") as process:
        said = lines_until(process, "queued")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stdout is not None
        said += process.stdout.read()
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="the stand-in browser is a shell script")
def test_lab_opens_the_quickstart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--lab starts a real JupyterLab that opens a browser on the quickstart; further options are its own."""
    pytest.importorskip("jupyterlab")
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\ncat "${1#file://}"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    options = ["--allow-root", "--ServerApp.port=0"]
    with started(tmp_path, "--lab", *options) as process:
        lines_until(process, r"http://localhost:\d+/lab/tree/quickstart\.ipynb")


def test_quickstart_of_a_checkout_is_opened_in_place(tmp_path: Path) -> None:
    """In a checkout, the notebook is the checkout's own, and nothing is copied."""
    assert lab.quickstart(tmp_path) == ROOT / "notebooks" / "quickstart.ipynb"
    assert list(tmp_path.iterdir()) == []


def test_quickstart_of_a_wheel_is_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed, the packaged notebook is copied here; a copy that is there already is kept."""
    package = tmp_path / "site-packages" / "puffle_jupyter" / "demo"
    package.mkdir(parents=True)
    monkeypatch.setattr(lab, "_HERE", package)
    with pytest.raises(FileNotFoundError, match="install puffle_jupyter again"):
        lab.quickstart(tmp_path)
    (package / lab.NAME).write_text("packaged")
    copy = lab.quickstart(tmp_path)
    assert (copy, copy.read_text()) == (tmp_path / lab.NAME, "packaged")
    copy.write_text("the user's work")
    assert lab.quickstart(tmp_path).read_text() == "the user's work"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_status_line_is_redrawn_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the line is overwritten whole, and never longer than the window is wide."""
    monkeypatch.setenv("COLUMNS", "12")
    stream = Terminal()
    line = StatusLine(stream)
    line.show("queued, a long line", "queued")
    line.show("done", "completed")
    line.close()
    line.close()
    assert stream.getvalue() == "\rqueued, a l\rdone       \n"


def test_status_line_is_plain_when_piped() -> None:
    """Piped, a line is printed when the state changes, not when the clock does."""
    stream = io.StringIO()
    line = StatusLine(stream)
    for text, state in (("queued 1 s", "queued"), ("queued 2 s", "queued"), ("running 3 s", "running")):
        line.show(text, state)
    line.close()
    assert stream.getvalue() == "queued 1 s\nrunning 3 s\n"
