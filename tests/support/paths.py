"""Where the folders of this repository are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
PACKAGE = ROOT / "puffle_jupyter"
TESTS = ROOT / "tests"
RECORDINGS = TESTS / "recordings"
SUPPORT = TESTS / "support"
