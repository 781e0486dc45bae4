"""A notebook output without widgets, for headless runs, Colab and captures: replaced as a run goes on."""

from __future__ import annotations

from ...render.html import style
from ...render.html.escape import escaped
from ...watching.snapshot import WatchSnapshot
from ...watching.watch import RunWatch
from ..subscription import subscribe
from ..unfolding import arrangement_of_ended
from .output import Content, NotebookOutput, key_of, static_content


class StaticView:
    """Shows a watch as html and text alone.

    Args:
        watch: the watch to show.
        quiet: the badge only.
        end_only: replace the output once, by the end. Runners on a server append what should replace an
            output (seen in jupyter-server-documents): there every state would be an output of its own.
    """

    def __init__(self, watch: RunWatch, *, quiet: bool = False, end_only: bool = False) -> None:
        self._watch = watch
        self._quiet = quiet
        self._end_only = end_only
        self._output = NotebookOutput()

    def show(self) -> None:
        """Display it here, on the main thread."""
        snapshot = self._watch.snapshot
        self._output.show(key_of(snapshot), self._content(snapshot))
        subscribe(self._watch, self).wait_until_caught_up()

    def update(self, snapshot: WatchSnapshot) -> None:
        """Replace the output when more than the clock changed."""
        if self._end_only and not snapshot.phase.is_final:
            return
        self._output.replace(key_of(snapshot), lambda: self._content(snapshot))

    def _content(self, snapshot: WatchSnapshot) -> Content:
        arrangement = arrangement_of_ended(person_is_elsewhere=False)
        return static_content(snapshot, quiet=self._quiet, arrangement=arrangement)


class CapturedView(StaticView):
    """Shows a watch to ``%%capture`` or `capture_output()`: as it is now, and how it ended once it did.

    What is captured may be displayed much later, so it holds no widget, which might be closed by then.
    """

    def __init__(self, watch: RunWatch, *, quiet: bool = False) -> None:
        super().__init__(watch, quiet=quiet, end_only=True)

    def _content(self, snapshot: WatchSnapshot) -> Content:
        as_html, as_text = super()._content(snapshot)
        if snapshot.phase.is_final:
            return as_html, as_text
        said = f"Captured before the run ended. watch.show() or %puffle_wait {snapshot.run_id} shows it live."
        return f'{as_html}<p style="{style.PARAGRAPH}">{escaped(said)}</p>', f"{as_text}\n{said}"
