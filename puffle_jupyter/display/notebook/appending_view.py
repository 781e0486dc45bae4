"""A watch in a client that never changes an output: its state, then its end as a new output."""

from __future__ import annotations

from ...render.html import style
from ...render.html.escape import escaped
from ...watching.watch import RunWatch
from ..unfolding import arrangement_of_ended
from .output import Content, NotebookOutput, static_content

WAITING = "This cell waits for the end of the run. Interrupt it to stop waiting; the watch continues."
NOT_WAITING = "This client cannot change an output. Run the cell again to see where the run is."


class AppendingView:
    """Shows a watch by two outputs at most, each html and text alone; sends no update and no widget.

    Args:
        watch: the watch to show.
        quiet: the badge only.
    """

    def __init__(self, watch: RunWatch, *, quiet: bool = False) -> None:
        self._watch = watch
        self._quiet = quiet
        self._shows_end = False

    def show(self, *, waits: bool) -> None:
        """Display the watch as it is now.

        Args:
            waits: the cell waits for the end of the run, and then calls `show_end`.
        """
        snapshot = self._watch.snapshot
        self._shows_end = snapshot.phase.is_final
        as_html, as_text = self._content()
        if not self._shows_end:
            said = WAITING if waits else NOT_WAITING
            as_html += f'<p style="{style.PARAGRAPH}">{escaped(said)}</p>'
            as_text += f"\n{said}"
        NotebookOutput().show(None, (as_html, as_text))

    def show_end(self) -> None:
        """Display how the watch ended, once."""
        if not self._shows_end:
            self._shows_end = True
            NotebookOutput().show(None, self._content())

    def _content(self) -> Content:
        arrangement = arrangement_of_ended(person_is_elsewhere=False)
        return static_content(self._watch.snapshot, quiet=self._quiet, arrangement=arrangement)
