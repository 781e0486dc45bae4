"""`jupyter console`, which ignores display updates, in a real pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pexpect
import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.terminal import CONSOLE, running_terminal

pytestmark = pytest.mark.kernel


def test_the_end_appears_in_jupyter_console(tmp_path: Path) -> None:
    """The cell waits, and the transcript is there before the next prompt; then the run is known."""
    with EmbeddedPuffle(time_scale=2) as server:
        settings: dict[str, Any] = {"PUFFLE_API_KEY": DEMO_KEY, "PUFFLE_BASE_URL": server.base_url}
        with running_terminal(tmp_path, program=CONSOLE, **settings) as terminal:
            terminal.run("%load_ext puffle_jupyter")
            terminal.run("watch = %puffle_wait run_abc -i 0.2", timeout=40)
            shown = terminal.raw
            assert shown.index("This cell waits for the end of the run") < shown.index("completed · run_abc")
            assert "search_leads" in shown
            terminal.run("print('status:', watch.status)")
            terminal.wait_for("status: completed")
            terminal.type("exit\r")  # with its kernel
            terminal.process.expect(pexpect.EOF)
