"""A Parquet file of runs: written a piece at a time beside its place, and put there when it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ..board.frames import passing_runs_frame, runs_frame
from ..run import Run
from .answers import RunAnswer
from .extras import import_pyarrow
from .partitions import Part, Partition

PROBLEM, BODY = "problem", "body"
"""The columns behind those of `runs_frame`: why there is no answer, and the answer as sent, as JSON."""

_MARK, _UNFINISHED, _PROBLEMS = b"puffle_partition", b"puffle_unfinished", b"puffle_problems"
_LEFTOVER_SECONDS = 3600.0
_WRITER = re.compile(r"\.(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{16}\.part$")
_GROUP_ROWS = 500
_GROUP_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A run as `runs_frame` takes it, with or without an answer."""

    run_id: str
    run: Run | None


class RunsFile:
    """Writes the file of ``partition``. No more than one group of rows is held.

    >>> with RunsFile(partition) as file:              # doctest: +SKIP
    ...     file.add(answers)
    """

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self._beside = _beside(partition.path, _new_writer())
        self._arrow = import_pyarrow()
        self._schema = _schema(self._arrow)
        self._waiting: list[RunAnswer] = []
        self._waiting_bytes = 0
        self._rows = self._unfinished = self._problems = 0

    def __enter__(self) -> RunsFile:
        self._writer = self._arrow.parquet.ParquetWriter(
            self._beside, self._schema, compression="zstd", use_dictionary=["status"]
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._write()
                self._writer.add_key_value_metadata(
                    {
                        _MARK: self._partition.mark,
                        _UNFINISHED: str(self._unfinished),
                        _PROBLEMS: str(self._problems),
                    }
                )
            self._writer.close()
            if error is None:
                _put(self._beside, self._partition.path)
        finally:
            self._beside.unlink(missing_ok=True)

    def add(self, answers: Sequence[RunAnswer]) -> None:
        """Add rows; they are written when there are enough of them."""
        for answer in answers:
            self._waiting.append(answer)
            self._waiting_bytes += 0 if answer.run is None else len(answer.run.body.encoded)
            if len(self._waiting) >= _GROUP_ROWS or self._waiting_bytes >= _GROUP_BYTES:
                self._write()

    @property
    def part(self) -> Part:
        """What the file holds, once it is there."""
        return Part(self._partition.path, self._rows, self._unfinished, True, self._problems)

    def _write(self) -> None:
        answers, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not answers:
            return
        frame = passing_runs_frame(_Known(answer.run_id, answer.run) for answer in answers)
        frame[PROBLEM] = [answer.problem for answer in answers]
        frame[BODY] = [None if answer.run is None else answer.run.body.encoded.decode() for answer in answers]
        table = self._arrow.Table.from_pandas(frame, schema=self._schema, preserve_index=False)
        self._writer.write_table(table)
        self._rows += len(answers)
        self._unfinished += sum(not answer.is_settled for answer in answers)
        self._problems += sum(answer.run is None for answer in answers)


def remove_leftovers(partitions: Sequence[Partition], now: float) -> None:
    """Remove what workers that died have left of the files of ``partitions``, which are all there.

    A process that fetches the same runs keeps what it is writing: one of this machine as long as it lives,
    one of another machine as long as it has written within the last hour.

    Args:
        partitions: whose.
        now: the time, in seconds of the epoch.
    """
    for partition in partitions:
        for beside in partition.folder.glob(_beside(partition.path, "*").name):
            with contextlib.suppress(OSError):
                if not _is_being_written(beside, now):
                    beside.unlink()


def _is_being_written(beside: Path, now: float) -> bool:
    import psutil  # with the extra, by way of dask

    writer = _WRITER.search(beside.name)
    if writer is None:
        return False
    if writer["machine"] == _this_machine():
        return bool(psutil.pid_exists(int(writer["process"])))
    return now - beside.stat().st_mtime < _LEFTOVER_SECONDS


def _new_writer() -> str:
    """A name of this process, for one file."""
    return f"{_this_machine()}-{os.getpid()}-{secrets.token_hex(8)}"


def _this_machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def whole_part(partition: Partition) -> Part | None:
    """The file of ``partition``, when it is there and asking again would add nothing; else None."""
    part = _part_at(partition)
    return part if part is not None and not part.unfinished else None


def _part_at(partition: Partition) -> Part | None:
    arrow = import_pyarrow()
    try:
        facts = arrow.parquet.read_metadata(partition.path)
        noted = facts.metadata or {}
        unfinished, problems = int(noted.get(_UNFINISHED, b"")), int(noted.get(_PROBLEMS, b""))
    except (arrow.ArrowException, OSError, ValueError):  # none, damaged, or not ours: it is written anew
        return None
    is_whole = noted.get(_MARK) == partition.mark.encode() and facts.num_rows == len(partition.run_ids)
    return Part(partition.path, facts.num_rows, unfinished, False, problems) if is_whole else None


def runs_in(path: Path) -> Iterator[Run]:
    """The runs of a file that have an answer, a few at a time."""
    file = import_pyarrow().parquet.ParquetFile(path)
    with contextlib.closing(file):
        for batch in file.iter_batches(batch_size=64, columns=[BODY]):
            for body in batch.column(0).to_pylist():
                if body is not None:
                    yield Run.from_json(body)


def frame_of(paths: Sequence[Path]) -> Any:
    """The rows of ``paths`` as a DataFrame, without the answers as sent."""
    arrow = import_pyarrow()
    columns = [name for name in _schema(arrow).names if name != BODY]
    tables = [arrow.parquet.read_table(path, columns=columns) for path in paths]
    import pandas

    if not tables:
        return _empty_frame()[columns]
    types = {arrow.int64(): pandas.Int64Dtype(), arrow.string(): pandas.StringDtype()}
    return arrow.concat_tables(tables).to_pandas(types_mapper=types.get, ignore_metadata=True)


def _empty_frame() -> Any:
    return (
        runs_frame([])
        .assign(**{name: [] for name in (PROBLEM, BODY)})
        .astype({PROBLEM: "string", BODY: "string"})
    )


def _schema(arrow: Any) -> Any:
    """The columns of `runs_frame` with their types, which pandas finds again in the file."""
    found = arrow.Schema.from_pandas(_empty_frame(), preserve_index=False)
    fields = [arrow.field(one.name, arrow.string()) if _is_text(arrow, one) else one for one in found]
    return arrow.schema(fields, metadata=found.metadata)


def _is_text(arrow: Any, field: Any) -> bool:
    return bool(arrow.types.is_large_string(field.type) or arrow.types.is_null(field.type))


def _beside(path: Path, token: str) -> Path:
    """Where a file is written before it is put to ``path``: a name that no pattern of Parquet files finds."""
    return path.with_name(f".{path.stem}.{token}.part")


def _put(beside: Path, path: Path) -> None:
    """Put the file in its place once it is on the disk."""
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(beside, path)
