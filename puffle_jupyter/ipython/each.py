"""``%%puffle_each``: one run for each row of a DataFrame, from a cell."""

from __future__ import annotations

import argparse
import keyword
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from .errors import in_one_line
from .line import complete_options, parsed, refuse_line_break, show_board_here, watching_options

if TYPE_CHECKING:
    from ..display.each_board import EachBoard


@magics_class
class EachMagics(Magics):
    """Ask Puffle one question for each row: %%puffle_each."""

    def __init__(self, shell: Any, settings: Any) -> None:
        super().__init__(shell)
        self._shell = shell
        self._settings = settings

    @magic_arguments()
    @argument("rows", metavar="ROWS", nargs="?", help="the variable with the DataFrame or the list of dicts")
    @argument("name", metavar="NAME", nargs="?", help="the variable for the EachBoard, and the list's name")
    @argument(
        "-k", "--key", metavar="COLUMN", help="the column by which a row is known (default: its message)"
    )
    @argument("--dry-run", action="store_true", help="print the first three messages, and send nothing")
    @argument("--confirm", action="store_true", help="start more than 20 runs")
    @argument("--at-once", metavar="N", default="10", help="runs under way at the same time (default: 10)")
    @argument("--per-minute", metavar="N", default="30", help="starts a minute (default: 30)")
    @watching_options
    @cell_magic
    @no_var_expand
    @in_one_line
    def puffle_each(self, line: str, cell: str) -> EachBoard | None:
        """Ask Puffle one question for each row of a DataFrame. The cell is the message, with {column}.

        Each message is noted before it is sent: run again, also after a restart, the cell goes on where it
        was, and sends no row twice. Returns the EachBoard at once; board.to_frame() joins the answers.

        Examples:
            %%puffle_each companies heads --dry-run
            Find the head of sales at {company}, {city}.

            %%puffle_each companies heads --confirm     # then: heads.to_frame()
            Find the head of sales at {company}, {city}.
        """
        from ..display.each import each

        refuse_line_break(line, "Options have none.")
        options = parsed(self.puffle_each, line, "%%puffle_each")
        rows = self._rows(options)
        complete_options(options, self._settings)
        board: EachBoard | None = each(
            rows,
            cell.strip("\n").rstrip(),
            name=options.name or "",
            key=options.key,
            dry_run=options.dry_run,
            confirm=options.confirm,
            at_once=_number(options.at_once, int, "--at-once"),
            per_minute=_number(options.per_minute, float, "--per-minute"),
            interval=options.interval,
            timeout=options.timeout,
        )
        if board is None:
            return None
        if options.name is not None:
            self._shell.user_ns[options.name] = board
        show_board_here(self._shell, board, options)
        return board

    def _rows(self, options: argparse.Namespace) -> Any:
        """The value of the variable that the line names."""
        if options.rows is None:
            raise UsageError("%%puffle_each needs the rows, such as: %%puffle_each companies heads")
        if options.name is not None and (not options.name.isidentifier() or keyword.iskeyword(options.name)):
            raise UsageError(
                f"%%puffle_each takes the name of a variable for its board, not {ascii(options.name)[:60]}: "
                "the message is in the lines below."
            )
        if options.rows not in self._shell.user_ns:
            raise UsageError(f"There is no variable {ascii(options.rows)[:60]}. Nothing was sent.")
        if options.name == options.rows:
            raise UsageError("The board would take the place of the rows: give it another name.")
        return self._shell.user_ns[options.rows]


def _number(text: str, kind: type, option: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{option} takes a number, not {ascii(text)[:60]}.") from None
