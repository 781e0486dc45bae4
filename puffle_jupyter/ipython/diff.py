"""``%puffle_diff``: two runs compared, or many with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments

from .errors import in_one_line
from .line import parsed, refuse_line_break

if TYPE_CHECKING:
    from ..run import Run


@magics_class
class DiffMagics(Magics):
    """Compare runs: %puffle_diff."""

    @magic_arguments()
    @argument("runs", metavar="RUN", nargs="*", help="run ids, run_…, or names of watches and runs")
    @argument("-k", "--key", metavar="COLUMN", help="the column by which a row is known (default: found)")
    @argument("-h", "--help", action="store_true", help="print this help, and do nothing else")
    @line_magic
    @in_one_line
    def puffle_diff(self, line: str) -> Any:
        """Compare two runs that have ended: where they first differ, calls, rows by key, texts by words.

        Returns a RunDiff, which is shown; a RunDiffs, a table, for more than two: the first is what the
        others are compared with. Starts nothing, and watches nothing.

        Examples:
            %puffle_diff run_abc run_def
            difference = %puffle_diff before after      # names of watches or runs
            %puffle_diff run_abc run_def --key leadId
        """
        from ..run_diff import diff, diff_many

        refuse_line_break(line, "Names and run ids have none: strip the variable.")
        options = parsed(self.puffle_diff, line, "%puffle_diff")
        runs = self._runs(options.runs)
        if len(runs) == 2:
            return diff(*runs, key=options.key)
        return diff_many(runs[0], runs[1:], key=options.key)

    def _runs(self, words: list[str]) -> list[Run]:
        """The runs that the words are: all of them ended, each once."""
        from ..watching.fetch import fetch_runs

        if len(words) < 2:
            raise UsageError("%puffle_diff needs two runs, such as: %puffle_diff run_abc run_def")
        named = {word: self._named(word) for word in words}
        ids = {word: word if run is None else run.run_id for word, run in named.items()}
        _refuse_twice([ids[word] for word in words])
        asked = [word for word, run in named.items() if run is None]
        named |= dict(zip(asked, fetch_runs(asked), strict=True))
        runs = [run for word in words if (run := named[word]) is not None]
        for run in runs:
            _refuse_unended(run)
        return runs

    def _named(self, word: str) -> Run | None:
        """The run of the variable of this name; None where it is no variable, and must be an id."""
        from ..errors import RunNotEnded
        from ..run import Run
        from ..watching.watch import RunWatch

        shell: Any = self.shell
        value = shell.user_ns.get(word)
        if not isinstance(value, RunWatch):
            return value if isinstance(value, Run) else None
        if value.run is None:
            raise RunNotEnded(
                f"{value.run_id} has not ended, as far as its watch knows: {_wait(value.run_id)}"
            )
        return value.run


def _refuse_twice(run_ids: list[str]) -> None:
    twice = next((run_id for run_id in run_ids if run_ids.count(run_id) > 1), None)
    if twice is not None:
        raise UsageError(f"{ascii(twice)[1:-1][:80]} is there twice: a run does not differ from itself.")


def _refuse_unended(run: Run) -> None:
    from ..errors import RunNotEnded

    if not run.status.is_terminal:
        said = f"{run.run_id} is {run.status_text}: a run says what it did when it has ended."
        raise RunNotEnded(f"{said} {_wait(run.run_id)}")


def _wait(run_id: str) -> str:
    return f"First %puffle_wait -b {run_id}, then compare."
