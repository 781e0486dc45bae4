"""The line behind a magic: its options, which two magics share, and what is read of it."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import argument, parse_argstring

from .errors import HelpAsked

if TYPE_CHECKING:
    from ..display.run_board import RunBoard
    from ..watching.watch import RunWatch

_WATCHING = (
    argument("-i", "--interval", metavar="S", help="seconds between polls (default: 1.5)"),
    argument(
        "-t",
        "--timeout",
        metavar="S",
        help="stop watching after S seconds; the run continues (default: never)",
    ),
    argument("-b", "--block", action="store_true", default=None, help="wait here until the runs ended"),
    argument("--no-block", dest="block", action="store_false", help="return at once, everywhere"),
    argument("--check", action="store_true", help="wait, and raise if a run did not complete"),
    argument(
        "--nested",
        action="store_true",
        help="wait while this kernel's other asyncio tasks go on (nest_asyncio)",
    ),
    argument("-q", "--quiet", action="store_true", help="show the badge only, no transcript"),
    argument("-v", "--verbose", action="store_true", help="in a terminal: print everything, not in short"),
    argument("-h", "--help", action="store_true", help="print this help, and do nothing else"),
)


def watching_options(magic: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``magic`` the options of every magic that watches runs."""
    for option in reversed(_WATCHING):
        magic = option(magic)
    return magic


def parsed(magic: Any, line: str, what: str) -> argparse.Namespace:
    """The options of ``line``; a comment and a trailing ``;`` are dropped.

    Args:
        magic: the magic, which has a parser.
        line: what is behind its name.
        what: the magic's name, for errors.

    Raises:
        UsageError: an unknown option, an open quote.
        HelpAsked: with the option ``--help``.
    """
    text = without_comment(line)
    try:
        options: argparse.Namespace = parse_argstring(magic, text)
    except ValueError as error:
        raise UsageError(f"{what} cannot read {ascii(text)[:80]}: {error}.") from None
    except UsageError as error:
        raise UsageError(f"{error}{_meant_option(magic.parser, str(error))}") from None
    if options.help:
        # IPython begins a help text as reStructuredText, for its own documentation.
        raise HelpAsked(magic.parser.format_help().removeprefix("::").strip())
    return options


def _meant_option(parser: Any, message: str) -> str:
    """What to add to the error of an unknown option: the known one that is most like it, if any is."""
    if not message.startswith("unrecognized arguments: "):
        return ""
    known = [name for name in parser._option_string_actions if name.startswith("--")]
    for word in message.split():
        near = difflib.get_close_matches(word.partition("=")[0], known, n=1) if word.startswith("--") else []
        if near:
            return f"; did you mean {near[0]}?"
    return ""


def refuse_run_id_as_seconds(options: argparse.Namespace) -> None:
    """Refuse a line whose run id was read as the seconds of an option: ``%puffle_wait -i run_abc``.

    Raises:
        UsageError: with the line that was meant.
    """
    for option, value in (("-i", options.interval), ("-t", options.timeout)):
        if str(value).startswith("run_"):
            shown = ascii(value)[1:-1][:80]
            raise UsageError(f"{option} needs seconds before the run id: %puffle_wait {option} 5 {shown}")


def refuse_line_break(line: str, words: str) -> None:
    """Refuse a line that an expanded variable gave a line break.

    Raises:
        UsageError: with ``words`` behind it.
    """
    if any(character in line for character in "\n\r\0"):
        raise UsageError(f"The line holds a line break: {ascii(line)[:80]}. {words}")


def without_comment(line: str) -> str:
    """``line`` without a comment at its end and a trailing ``;``: IPython passes both on to a line magic."""
    return re.sub(r"(^|\s)#.*$", "", line).strip().removesuffix(";").strip()


def complete_options(options: argparse.Namespace, settings: Any) -> None:
    """Take from ``settings`` what the line does not say, and decide whether the cell waits.

    Before anything is sent: PUFFLE_BLOCK may be refused.

    Args:
        options: of a magic with `watching_options`.
        settings: what ``%config PuffleMagics`` says.

    Raises:
        InvalidSetting: see `must_block`.
        UsageError: options that exclude each other.
    """
    if options.quiet and options.verbose:
        raise UsageError("--quiet prints the badge only and --verbose everything: choose one.")
    from ..display.blocking import must_block

    options.interval = settings.interval if options.interval is None else options.interval
    options.timeout = settings.timeout if options.timeout is None else options.timeout
    options.block = must_block(options.block)
    options.waits = options.check or options.nested or bool(options.block)


def show_here(shell: Any, watches: list[RunWatch], options: argparse.Namespace) -> None:
    """Show each of ``watches`` once; where the cell waits, wait, and print the ends where nothing is redrawn.

    Args:
        shell: the InteractiveShell that runs the cell.
        watches: one or more; the same may come again.
        options: after `complete_options`.

    Raises:
        KeyboardInterrupt, PuffleError: see `wait_for_all`; with ``--check`` see `check_all`.
    """
    from ..display.front_end import front_end_of
    from ..display.show import print_ends, show, show_further
    from ..display.waiting import check_all, wait_for_all

    watches = list(dict.fromkeys(watches))
    for watch in watches:
        show(
            watch,
            quiet=options.quiet,
            verbose=options.verbose,
            waiting=options.waits,
            block=options.block,
        )
    if not options.waits:
        return
    try:
        failures = wait_for_all(watches, nested=options.nested)
    except KeyboardInterrupt:
        show_further(watches)
        raise
    if not front_end_of(shell).is_notebook:
        print_ends(watches, quiet=options.quiet, verbose=options.verbose)
    if options.check:
        check_all(watches, failures)


def show_board_here(shell: Any, board: RunBoard, options: argparse.Namespace) -> None:
    """`show_here` for a board."""
    from ..display.front_end import front_end_of
    from ..display.show_board import print_board, show_board
    from ..display.waiting import check_all, wait_for_all

    if not len(board):
        return
    looks = {"quiet": options.quiet, "verbose": options.verbose}
    show_board(board, waiting=options.waits, block=options.block, **looks)
    if not options.waits:
        return
    is_notebook = front_end_of(shell).is_notebook
    try:
        failures = wait_for_all(list(board), nested=options.nested)
    except KeyboardInterrupt:
        if not is_notebook:  # its end must be told
            show_board(board, block=False, **looks)
        raise
    if not is_notebook:
        print_board(board, **looks)
    if options.check:
        check_all(list(board), failures)
