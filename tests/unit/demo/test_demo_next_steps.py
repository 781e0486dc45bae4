"""What the demo says to type next works where it is typed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from puffle_jupyter.demo.__main__ import next_steps


def test_the_next_command_names_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is not activated is not on the path: as README writes it, below the folder."""
    monkeypatch.chdir(tmp_path)
    below = tmp_path / ".venv" / "bin" / "python"
    shown = str(below.relative_to(tmp_path))
    assert f"  {shown} -m puffle_jupyter.demo --lab\n" in next_steps(str(below))
    assert f"{sys.executable} -m puffle_jupyter.demo --lab" in next_steps(sys.executable)
