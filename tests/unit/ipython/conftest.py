"""A shell without a kernel, for the magics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """One with the extension loaded, and no Puffle in its environment."""
    monkeypatch.delenv("PUFFLE_API_KEY", raising=False)
    monkeypatch.delenv("PUFFLE_BASE_URL", raising=False)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    assert shell.history_manager is not None
    shell.history_manager.enabled = False
    shell.run_cell("%load_ext puffle_jupyter")
    yield shell
    shell.run_cell("%unload_ext puffle_jupyter")
    InteractiveShell.clear_instance()
