"""What a terminal prints of a watch that is done: in short, or with ``verbose`` all of it."""

from __future__ import annotations

import shutil
from typing import Any

from ...printing import is_terminal
from ...render import text
from ...run_data import RunData
from ...untrusted import plain_label
from ...watching.snapshot import WatchSnapshot
from ..front_end import FrontEnd, front_end_of
from ..snapshot import badge_line, text_without_end
from ..watch_words import WHOLE_REASON, again_words, waiting_sentence
from .columns import wrapped

_FILE_COLUMNS = 100
"""Of the lines in a pipe or a file, which have no width of their own."""


def fitted(line: str) -> str:
    """``line`` as it is printed: wrapped between words in a terminal, as it is in a pipe or a file."""
    return wrapped(line, shutil.get_terminal_size().columns) if is_terminal() else line


def end_text(
    snapshot: WatchSnapshot, now: float, shell: Any, *, quiet: bool = False, verbose: bool = False
) -> str:
    """How a watch ended.

    Args:
        snapshot: the watch.
        now: seconds of its clock.
        shell: the InteractiveShell that prints it; None without IPython.
        quiet: its badge line only.
        verbose: the whole run.
    """
    badge = badge_line(snapshot, now, WHOLE_REASON)
    run = snapshot.run
    if quiet:
        return fitted(badge)
    run_id = plain_label(snapshot.run_id)
    if snapshot.is_stream and (run is None or not run.status.is_terminal):
        return text_without_end(snapshot, fitted(badge), waiting_sentence(snapshot))
    if run is None or not run.status.is_terminal:
        command = f"%puffle_wait {run_id}" if _has_magics(shell) else f'watch("{run_id}")'
        return f"{fitted(badge)}\n{again_words(snapshot, command)}"
    if verbose:
        return text.run_text(run, badge)
    can_look_again = _has_magics(shell) and not snapshot.is_stream
    option = f"%puffle_wait {run_id} -v, or " if can_look_again else ""
    return run_in_short(run, badge, shell, f"{option}print(watch.to_text())")


def run_in_short(run: RunData, head: str, shell: Any, how_to_see_all: str) -> str:
    """The short form of ``run``, as wide as the terminal.

    Args:
        run: the run.
        head: the first line.
        shell: the InteractiveShell that prints it; None without IPython.
        how_to_see_all: what is typed to see all of it.
    """
    from ...render.terminal.layout import Layout
    from ...render.terminal.short_form import short_text

    columns = shutil.get_terminal_size().columns if is_terminal() else _FILE_COLUMNS
    return short_text(run, head, Layout(columns, _is_styled(shell)), f"All of it: {how_to_see_all}")


def _has_magics(shell: Any) -> bool:
    return shell is not None and shell.find_line_magic("puffle_wait") is not None


def _is_styled(shell: Any) -> bool:
    """Whether bold and colours can be read there, and are wanted."""
    wanted = str(getattr(shell, "colors", "")).lower() != "nocolor"
    return wanted and is_terminal() and front_end_of(shell) is FrontEnd.TERMINAL
