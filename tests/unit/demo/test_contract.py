"""The embedded Puffle is held to its OpenAPI description by schemathesis, over a real socket."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import puffle_jupyter.demo
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle, app

DESCRIPTION = Path(puffle_jupyter.demo.__file__).with_name("openapi.json")
SECONDS_A_REQUEST = 10
"""How far the clock moves between two looks at it: runs end, and starts are limited now and then."""


def schemathesis(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Let schemathesis loose on a new embedded Puffle, the same way every time."""
    clock = itertools.count(0, SECONDS_A_REQUEST)
    with EmbeddedPuffle(clock=lambda: float(next(clock))) as puffle:
        header = f"Authorization: Bearer {DEMO_KEY}"
        where = [str(DESCRIPTION), "--url", puffle.base_url, "--header", header, "--seed", "1", "--no-color"]
        return subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", *where, *options],
            cwd=folder,  # it keeps files of its own
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )


def test_every_answer_is_as_described(tmp_path: Path) -> None:
    """Examples, edge cases, random and chained requests, good and bad: every answer is a documented one."""
    done = schemathesis(tmp_path, "--max-examples", "40")
    assert done.returncode == 0, done.stdout
    assert "Tested: 3" in done.stdout
    assert "No issues found" in done.stdout


@pytest.mark.parametrize(
    ("name", "fault", "check"),
    [
        (
            "run_body",
            lambda run, status: {"runId": run.run_id, "status": "done"},
            "response_schema_conformance",
        ),
        ("bearer_key", lambda request: DEMO_KEY, "ignored_auth"),
        ("read_start", lambda body: ("x", None), "negative_data_rejection"),
        ("read_stream", lambda body, is_conversation: ("x", None, None), "negative_data_rejection"),
    ],
    ids=["an undocumented status", "no key needed", "anything starts a run", "anything starts a stream"],
)
def test_an_answer_that_is_not_as_described_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, fault: Any, check: str
) -> None:
    """Were the embedded Puffle wrong, schemathesis would say so."""
    monkeypatch.setattr(app, name, fault)
    done = schemathesis(tmp_path, "--phases", "coverage", "--checks", check, "--max-failures", "1")
    assert done.returncode == 1, done.stdout
    assert "FAILURES" in done.stdout
