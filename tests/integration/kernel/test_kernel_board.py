"""A board in a real kernel: it is resumed after a restart, and unloading ends it as html."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.kernel import WIDGET_VIEW, running_kernel

pytestmark = pytest.mark.kernel


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def test_a_board_survives_a_restart_and_unloading_ends_it(tmp_path: Path) -> None:
    """Of this notebook's runs the unfinished ones, in one board; what is left of it is html without comms."""
    environment = {
        "PUFFLE_API_KEY": DEMO_KEY,
        "JPY_SESSION_NAME": "leads.ipynb",
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    with EmbeddedPuffle() as puffle:
        environment["PUFFLE_BASE_URL"] = puffle.base_url
        with running_kernel(tmp_path / "first", **environment) as kernel:
            kernel.run("%load_ext puffle_jupyter\n%config PuffleMagics.interval = 0.2")
            cell = kernel.run("board = %puffle_wait run_slow run_abc run_flaky run_berlin")
            assert 6 < len(cell.of_kind("comm_open")) <= 12
            wait_until(lambda: kernel.evaluate("board['run_abc'].done and board['run_berlin'].done"))
            kernel.run("%puffle_runs")  # which has the notes written
        asked = dict(puffle.requests)
        with running_kernel(tmp_path / "second", **environment) as kernel:
            kernel.run("%load_ext puffle_jupyter")
            start = len(kernel.messages)
            kernel.run("again = %puffle_wait --resume")
            resumed = kernel.evaluate("[watch.run_id for watch in again]")
            assert "run_slow" in resumed
            assert {"run_abc", "run_berlin"}.isdisjoint(resumed)
            assert puffle.requests.keys() == asked.keys()

            kernel.run("%unload_ext puffle_jupyter")
            kernel.drain(1.0)
            opened = {one.content["comm_id"] for one in kernel.seen("comm_open", start)}
            closed = {one.content["comm_id"] for one in kernel.seen("comm_close", start)}
            assert opened == closed
            bundles = [one.bundle for one in kernel.messages[start:] if one.bundle]
            assert WIDGET_VIEW in bundles[0]
            assert WIDGET_VIEW not in bundles[-1]
            assert "not watched any more" in bundles[-1]["text/plain"]
            threads = "[t.name for t in __import__('threading').enumerate() if t.name.startswith('puffle')]"
            assert kernel.evaluate(threads) == []
