"""Partitions: which runs go into which file, and what is known of a file that is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..asking.start_limits import check_count
from ..run_data import RunId

ROWS_PER_FILE = 1_000


@dataclass(frozen=True, slots=True)
class Partition:
    """Runs whose answers are one file.

    Attributes:
        number: its place.
        run_ids: which, in order.
        folder: where the file is.
        mark: of the address and the ids, a hash: another list has other files, and replaces none.
    """

    number: int
    run_ids: tuple[RunId, ...]
    folder: Path
    mark: str

    @property
    def path(self) -> Path:
        """Its file, which is there once it is whole."""
        return self.folder / f"runs-{self.number:05d}-{self.mark[:16]}.parquet"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a harvest.

    Attributes:
        path: where it is.
        runs: how many rows it has.
        unfinished: how many of them would say more if they were asked for again: the run had not ended, or
            there was no answer.
        is_new: whether it was written now; else it was whole before, and nothing was asked.
        problems: how many rows have no answer, but a ``problem`` that says why.
    """

    path: Path
    runs: int
    unfinished: int
    is_new: bool
    problems: int = 0


def partitions_of(
    run_ids: Sequence[RunId], folder: Path, base_url: str, rows_per_file: int = ROWS_PER_FILE
) -> list[Partition]:
    """``run_ids`` as partitions of so many runs.

    Raises:
        InvalidSetting: ``rows_per_file`` is no whole number above 0.
    """
    check_count("rows_per_file", rows_per_file)
    pieces = [
        tuple(run_ids[start : start + rows_per_file]) for start in range(0, len(run_ids), rows_per_file)
    ]
    return [Partition(number, piece, folder, _mark(base_url, piece)) for number, piece in enumerate(pieces)]


def _mark(base_url: str, run_ids: Sequence[RunId]) -> str:
    return hashlib.sha256(json.dumps([base_url, *run_ids]).encode()).hexdigest()
