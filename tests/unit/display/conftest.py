"""What tests of displays share."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is displayed and what it is replaced by, in order."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **_: found.append(bundle))
    monkeypatch.setattr("IPython.display.update_display", lambda bundle, **_: found.append(bundle))
    return found
