"""A hundred watches for a while: the size that fits; ``python -m tests.soak`` is the hour."""

from __future__ import annotations

import os

import pytest

from tests.soak import soak

SECONDS = 55.0 if os.environ.get("CI") else 12.0


@pytest.mark.usefixtures("background")
def test_memory_and_descriptors_stay_flat() -> None:
    """No watch is lost, no task left, and the second half takes no more than the first."""
    seen = soak(SECONDS, 100)
    print(seen)
    assert seen.lost == seen.tasks_left == 0
    assert seen.ended >= 20
    assert seen.stopped > 0
    assert seen.flat, str(seen)
