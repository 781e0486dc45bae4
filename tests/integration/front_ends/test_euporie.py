"""euporie, which shows nothing more after one display update, in a real pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.terminal import running_terminal

pytestmark = pytest.mark.kernel
EUPORIE = ("euporie.console", "--kernel-name=python3", "--graphics=none")


def test_the_end_appears_in_euporie_and_so_does_what_follows(tmp_path: Path) -> None:
    """The cell waits, its transcript is drawn, and later cells still show their outputs."""
    with EmbeddedPuffle(time_scale=2) as server:
        settings: dict[str, Any] = {"PUFFLE_API_KEY": DEMO_KEY, "PUFFLE_BASE_URL": server.base_url}
        with running_terminal(tmp_path, program=EUPORIE, rows=60, **settings) as terminal:
            terminal.run("%load_ext puffle_jupyter")
            terminal.run("watch = %puffle_wait run_abc -i 0.2", timeout=40)
            terminal.wait_for("Transcript 6 messages")
            terminal.type("print('status:', watch.status)\r")
            terminal.wait_for("status: completed")
