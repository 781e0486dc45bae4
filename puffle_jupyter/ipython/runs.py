"""``%puffle_runs``: the runs that were watched or started, from the notes and from this kernel."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from .errors import in_one_line
from .line import without_comment


@magics_class
class RunsMagics(Magics):
    """Which runs there were: %puffle_runs."""

    @line_magic
    @in_one_line
    def puffle_runs(self, line: str) -> Any:
        """Show the runs that this notebook has watched or started, newest first. Sends nothing.

        Usage: %puffle_runs [--all]

        ``--all`` shows those of your other notebooks, too. ``%puffle_wait --resume`` watches the unfinished
        ones of this notebook again.
        """
        from ..asking.known_runs import known_runs
        from ..client.credentials import current_base_url
        from ..display.known_runs import KnownRuns

        words = without_comment(line)
        if words not in ("", "--all"):
            raise UsageError(f"%puffle_runs takes --all or nothing, not {ascii(words)[:60]}.")
        return KnownRuns(known_runs(current_base_url(), everywhere=bool(words)))


def note_watch(watch: Any) -> None:
    """Have the new ``watch`` noted; called on the thread that polls."""
    from ..asking.watch_notes import watch_notes

    watch_notes.hear(watch)
