"""`diff` and `RunDiff`: two runs compared, and many beside one."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, overload

from .comparing.calls import CallDiff
from .comparing.compare import Comparison, compare
from .comparing.rows import NamedRows, RowsDiff
from .comparing.texts import TextDiff
from .errors import InvalidRun, InvalidSetting, RunNotEnded
from .render import diff_frame, diff_many_frame, diff_text
from .render.diff_blocks import DiffOutline
from .render.diff_many import DiffTable, table_of_diffs
from .render.diff_outline import outline_of_diff
from .render.diff_words import divergence_sentence
from .render.html import diff as html
from .render.html import diff_many as html_of_many
from .render.limits import text_within_output
from .render.markdown import diff as markdown
from .run import Run
from .tables.of_run import answer_tables
from .untrusted import untrusted_words


class HasRun(Protocol):
    """What has a run, such as a `RunWatch`."""

    @property
    def run(self) -> Run | None:
        """The run, as it is known now."""


Comparable: TypeAlias = Run | HasRun


@dataclass(frozen=True, repr=False)
class RunDiff:
    """Two runs compared. As the value of a cell it is shown; `sentence` says where they part.

    Attributes:
        before: the first run.
        after: the second run.
        comparison: all facts of the difference.
    """

    before: Run
    after: Run
    comparison: Comparison

    @property
    def sentence(self) -> str:
        """Where the runs first differ, in one harmless sentence."""
        return divergence_sentence(self.comparison)

    @property
    def calls(self) -> tuple[CallDiff, ...]:
        """All calls of both runs, aligned; ``kind`` says what became of each."""
        return self.comparison.calls

    @property
    def rows(self) -> tuple[RowsDiff, ...]:
        """The rows of each tool and of the tables in the answer: ``gained``, ``lost``, ``changed``."""
        return self.comparison.rows

    @property
    def text(self) -> tuple[TextDiff, ...]:
        """The texts that differ, the answer among them; ``pieces`` has them word by word."""
        return self.comparison.texts

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return self.comparison.divergence is None

    @functools.cached_property
    def _outline(self) -> DiffOutline:  # of a long text it takes a while, and a cell shows it twice
        return outline_of_diff(self.comparison)

    def to_frame(self) -> Any:
        """A pandas DataFrame with one row for each thing that differs.

        ``part`` is ``status``, ``call``, ``row`` or ``text``; ``change`` says what became of it; ``name`` is
        the tool, the table or the text; ``before_call`` and ``after_call`` are places in `Run.calls`. Values
        are JSON as sent.

        Raises:
            MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        return diff_frame.diff_frame(self.comparison)

    def to_html(self) -> str:
        """A standalone HTML page, light and dark."""
        return html.diff_page(self._outline)

    def to_markdown(self) -> str:
        """The difference as Markdown."""
        return markdown.diff_markdown(self._outline)

    def to_text(self) -> str:
        """The difference as plain text, safe to print in a terminal."""
        return diff_text.diff_text(self._outline)

    def _repr_html_(self) -> str:
        return html.diff_fragment(self._outline)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(text_within_output(self.to_text().rstrip("\n"), "diff.to_text()"))

    def __repr__(self) -> str:
        return f"<RunDiff {self.sentence}>"


class RunDiffs(tuple[RunDiff, ...]):
    """Many runs beside one, in the order they were given. As the value of a cell it is a table."""

    __slots__ = ()

    @overload  # type: ignore[override]
    def __getitem__(self, key: int) -> RunDiff: ...
    @overload
    def __getitem__(self, key: slice) -> RunDiffs: ...
    def __getitem__(self, key: int | slice) -> RunDiff | RunDiffs:
        found = super().__getitem__(key)
        return RunDiffs(found) if isinstance(key, slice) else found  # type: ignore[return-value, arg-type]

    def to_frame(self) -> Any:
        """A pandas DataFrame with one row for each run: how much differs, and where it parts.

        Raises:
            MissingExtra: pandas is not installed (extra ``puffle_jupyter[pandas]``).
        """
        return diff_many_frame.diff_many_frame([one.comparison for one in self])

    def to_html(self) -> str:
        """A standalone HTML page, light and dark: the table, and each difference in a fold."""
        return html_of_many.many_page(self._table()) if self else ""

    def to_markdown(self) -> str:
        """The table as Markdown, and each difference."""
        return markdown.many_markdown(self._table()) if self else ""

    def to_text(self) -> str:
        """One line for each run, as plain text."""
        return diff_text.many_text(self._table()) if self else ""

    def _table(self) -> DiffTable:
        return table_of_diffs([one.comparison for one in self])

    def _repr_html_(self) -> str:
        return html_of_many.many_fragment(self._table()) if self else ""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(text_within_output(self.to_text().rstrip("\n"), "diff.to_text()"))

    def __repr__(self) -> str:
        return f"<RunDiffs of {len(self):,}>"


def diff(before: Comparable, after: Comparable, *, key: str | None = None) -> RunDiff:
    """Compare two runs: calls, rows, texts.

    >>> difference = diff(watch_a, watch_b)            # doctest: +SKIP
    >>> difference.sentence                            # doctest: +SKIP
    'run_a and run_b first differ at the 2nd call: search_leads is called with limit 20 in run_a …'

    Args:
        before: the first run, or a watch of it.
        after: the second run, or a watch of it.
        key: the column by which a row is known, such as ``"leadId"``; None finds it: an id that is different
            in each row, or else another such text.

    Returns:
        The difference; `RunDiff.is_empty` where there is none.

    Raises:
        InvalidRun: it is neither a run nor a watch.
        RunNotEnded: a watch that has seen nothing of its run yet.
        InvalidSetting: no table of the two has a column ``key``.
    """
    found = _diff(before, after, key)
    _check_key(key, [found])
    return found


def diff_many(baseline: Comparable, others: Iterable[Comparable], *, key: str | None = None) -> RunDiffs:
    """Compare many runs with one, each by itself.

    A function of its own, so that what it returns does not depend on how many runs a list happens to hold.

    >>> diff_many(baseline, [run_b, run_c])            # doctest: +SKIP

    Args:
        baseline: the run, or the watch, that the others are compared with.
        others: runs or watches.
        key: as for `diff`.

    Returns:
        The differences, in the order of ``others``.

    Raises:
        InvalidRun, RunNotEnded, InvalidSetting: as for `diff`.
    """
    found = RunDiffs(_diff(baseline, one, key) for one in others)
    _check_key(key, found)
    return found


def _diff(before: Comparable, after: Comparable, key: str | None) -> RunDiff:
    first, second = _run_of(before), _run_of(after)
    tables = _answer_rows(first), _answer_rows(second)
    return RunDiff(first, second, compare(first, second, tables, key))


def _check_key(key: str | None, found: Iterable[RunDiff]) -> None:
    """Refuse a ``key`` that no table has; where there are no tables it does no harm."""
    columns = dict.fromkeys(column for one in found for rows in one.rows for column in rows.columns)
    if key is not None and columns and key not in columns:
        known = ", ".join(untrusted_words(column, 40) for column in list(columns)[:30])
        raise InvalidSetting(
            f"key: no table of these runs has a column {ascii(key)[:60]}; there are {known}."
        )


def _run_of(value: object) -> Run:
    if isinstance(value, Run):
        return value
    run = getattr(value, "run", None)
    if isinstance(run, Run):
        return run
    if hasattr(type(value), "run") and isinstance(run_id := getattr(value, "run_id", None), str):
        raise RunNotEnded(
            f"nothing is known of {untrusted_words(run_id, 80)} yet: wait for it, then compare."
        )
    raise InvalidRun(f"not a run: a Run or a RunWatch is needed, not {type(value).__name__}")


def _answer_rows(run: Run) -> list[NamedRows]:
    return [NamedRows(table.name, table.sent) for table in answer_tables(run)]
