"""A long fetch says how far it is: on one line, now and then, and only where a line can change."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

import httpx
import pytest

from puffle_jupyter.distributed import fetch as fetch_module
from puffle_jupyter.distributed import fetch_runs
from puffle_jupyter.distributed.progress import Progress, progress_view
from tests.support.scripted import client_for, told


class View:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.is_closed = False

    def show(self, done: int, words: str) -> None:
        self.shown.append(words)

    def close(self) -> None:
        self.is_closed = True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_says_how_far_it_is_and_how_long_it_takes() -> None:
    """Every half second at most, from the first second on; what was there before counts for no speed."""
    clock, view = Clock(), View()
    with Progress(1_000, view, clock) as progress:
        progress.keep(500)
        for clock.now in (0.5, 1.0, 1.2, 1.6, 2.0):
            progress.add(100)
    assert view.shown == [
        "700 of 1,000 runs fetched · 1 s left",
        "900 of 1,000 runs fetched · 0 s left",
        "1,000 of 1,000 runs fetched in 2 s",
    ]
    assert view.is_closed


def test_nothing_is_shown_of_a_short_one() -> None:
    """A line that comes and goes within a second only disturbs."""
    clock, view = Clock(), View()
    with Progress(10, view, clock) as progress:
        clock.now = 0.9
        progress.add(10)
    assert (view.shown, view.is_closed) == ([], False)


def test_what_was_fetched_is_said_when_it_breaks_off() -> None:
    """The last line is true."""
    clock, view = Clock(), View()
    with contextlib.suppress(KeyboardInterrupt), Progress(10, view, clock) as progress:
        clock.now = 1.0
        progress.add(2)
        progress.add(3)
        raise KeyboardInterrupt
    assert view.shown[-1].startswith("5 of 10 runs fetched")
    assert view.is_closed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_bar_and_a_pipe_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another program reads stays as it is."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress_view(10) is None
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    view = progress_view(10)
    assert view is not None
    view.show(3, "3 of 10 runs fetched")
    view.close()
    assert "3 of 10 runs fetched" in terminal.getvalue()


def completed(request: httpx.Request) -> httpx.Response:
    code, body = told("completed", request.url.path.rpartition("/")[2])
    return httpx.Response(code, stream=httpx.ByteStream(json.dumps(body).encode()))


@pytest.mark.usefixtures("background")
def test_fetch_runs_counts_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of files from before as well."""
    made: list[tuple[int, object]] = []
    kept: list[int] = []

    class Counted(Progress):
        def keep(self, runs: int) -> None:
            kept.append(runs)

        def add(self, runs: int) -> None:
            kept.append(runs)

    monkeypatch.setattr(fetch_module, "Progress", Counted)
    monkeypatch.setattr(fetch_module, "progress_view", lambda runs: made.append((runs, None)))
    client = client_for(completed)
    ids = [f"run_{number}" for number in range(25)]
    fetch_runs(ids[:20], client, folder=tmp_path, rows_per_file=10, progress=False)
    assert (sum(kept), made) == (20, [])
    kept.clear()
    fetch_runs(ids, client, folder=tmp_path, rows_per_file=10)
    assert (kept[0], sum(kept), made) == (20, 25, [(25, None)])
