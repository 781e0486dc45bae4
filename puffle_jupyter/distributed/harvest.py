"""`Harvest`: what `fetch_runs` wrote, to be read a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..render.words import count_words
from ..run import Run
from .partitions import Part
from .runs_file import frame_of, runs_in


class Harvest:
    """The answers about many runs, in Parquet files. Made by `fetch_runs`.

    Attributes:
        parts: the files, in the order of the runs.
        remarks: what is to be said of the ids that were given, each a sentence.

    >>> harvest = fetch_runs(ids, folder="harvest")    # doctest: +SKIP
    >>> harvest.to_frame().groupby("status").size()
    """

    def __init__(self, parts: Sequence[Part], remarks: Sequence[str] = ()) -> None:
        self.parts = tuple(parts)
        self.remarks = tuple(remarks)

    @property
    def paths(self) -> list[Path]:
        """The files: ``pandas.read_parquet(harvest.paths)``, ``polars.scan_parquet(harvest.paths)``."""
        return [part.path for part in self.parts]

    @property
    def unfinished(self) -> int:
        """How many runs had not ended, or may be answered later: the same call asks for their files again."""
        return sum(part.unfinished for part in self.parts)

    @property
    def problems(self) -> int:
        """Runs without an answer, such as those that Puffle does not know; ``problem`` says why."""
        return sum(part.problems for part in self.parts)

    def __len__(self) -> int:
        return sum(part.runs for part in self.parts)

    def runs(self) -> Iterator[Run]:
        """Every run that was answered, read from the files a few at a time.

        >>> calls = calls_frame(harvest.runs())        # doctest: +SKIP
        """
        for path in self.paths:
            yield from runs_in(path)

    def to_frame(self) -> Any:
        """A pandas DataFrame with a row for each run: the columns of `runs_frame`, and ``problem``.

        ``problem`` says why there is no answer. The answers as sent are in the files alone, in the column
        ``body``: see `runs`.
        """
        return frame_of(self.paths)

    def __repr__(self) -> str:
        kept = sum(part.runs for part in self.parts if not part.is_new)
        said = [count_words(len(self), "run"), f"in {count_words(len(self.parts), 'file')}"]
        said += [f"{kept:,} from before"] if kept else []
        said += [f"{self.problems:,} without an answer"] if self.problems else []
        said += [f"{self.unfinished:,} unfinished"] if self.unfinished else []
        return f"<{type(self).__name__} {', '.join(said)}>"
