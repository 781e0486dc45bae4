"""`TranscriptWidget`: what a run said, with expand all, collapse all and find."""

from __future__ import annotations

from typing import Any

import ipywidgets

from ..api.run import Run
from . import html, style, text
from .closing import close_with_layout, own_layout
from .find import AS_IT_IS, COLLAPSED, EXPANDED, Arrangement, Finder
from .output import NotebookOutput, widget_view_of


class TranscriptWidget(ipywidgets.VBox):  # type: ignore[misc]
    """A run's answer and transcript under three controls: expand all, collapse all, find.

    Find shows the messages and calls that hold the text, in any case, marked, with the folds around it
    open; what does not hold it is left out until the field is emptied. `Run.grep` does the same in Python.

    Args:
        run: the run; None shows nothing until `show_run`.

    >>> VBox([TranscriptWidget(run)])                  # doctest: +SKIP
    """

    _parts: tuple[ipywidgets.Widget, ...] = ()

    def __init__(self, run: Run | None = None, **layout: Any) -> None:
        self._run: Run | None = None
        self._count = 0
        self._body = ipywidgets.HTML("")
        self._found = ipywidgets.HTML("")
        self._wanted = ipywidgets.Text(
            placeholder="Find in transcript, then Enter",
            continuous_update=False,
            layout=ipywidgets.Layout(width="260px"),
        )
        self._wanted.observe(lambda change: self._search(change["new"]), "value")
        self._controls = ipywidgets.HBox(
            [_button("Expand all", self.expand_all), _button("Collapse all", self.collapse_all)],
            layout=ipywidgets.Layout(display="none", align_items="center", flex_flow="row wrap"),
        )
        self._controls.children = (*self._controls.children, self._wanted, self._found)
        super().__init__([self._controls, self._body], **layout)
        self._parts = (self._body, self._controls, *own_layout(self, layout))
        if run is not None:
            self.show_run(run)

    def show_run(self, run: Run) -> None:
        """Show ``run`` from now on."""
        self._run = run
        self._controls.layout.display = ""
        self._arrange(AS_IT_IS)

    def show_words(self, shown: str) -> None:
        """Show ``shown``, html of our own, without the controls: there is no transcript yet, or none."""
        self._run = None
        self._controls.layout.display = "none"
        self._body.value = shown

    def close(self) -> None:
        """Close it and its parts, as every widget; may be called again."""
        super().close()
        parts, self._parts = self._parts, ()
        if parts:
            close_with_layout(*self._controls.children, *parts)

    def add_control(self, control: ipywidgets.Widget) -> None:
        """Put one more control beside the others."""
        self._controls.children = (*self._controls.children[:-1], control, self._found)

    def expand_all(self) -> None:
        """Open every fold but that of the raw JSON."""
        self._arrange(EXPANDED)

    def collapse_all(self) -> None:
        """Close every fold."""
        self._arrange(COLLAPSED)

    def find(self, wanted: str) -> int:
        """Show what holds ``wanted``; "" shows everything again.

        Returns:
            How many times it stands in what is shown.
        """
        if wanted == self._wanted.value:
            self._search(wanted)
        else:
            self._wanted.value = wanted  # whose observer searches
        return self._count

    def _search(self, wanted: str) -> None:
        finder = Finder(wanted.strip())
        self._arrange(finder.arrangement if finder.wanted else AS_IT_IS)
        self._count = finder.count
        self._found.value = f'<span role="status" style="{style.SMALL}">{_found_words(finder)}</span>'

    def _arrange(self, arrangement: Arrangement) -> None:
        self._found.value = ""
        if self._run is not None:
            self._body.value = style.in_widget(html.arranged_body(self._run, arrangement))


def _found_words(finder: Finder) -> str:
    if not finder.wanted:
        return ""
    if not finder.count:
        return "no match"
    times = "1 match" if finder.count == 1 else f"{finder.count:,} matches"
    left = finder.searched - finder.holding
    return f"{times}; {left:,} without a match left out" if left else times


def explore(run: Run) -> None:
    """Display ``run`` with a `TranscriptWidget`; its button *Done* leaves plain html in its place.

    A notebook saved before that needs its kernel to show the widget.
    """
    output = NotebookOutput()
    widget = TranscriptWidget(run)

    def close() -> None:
        output.replace("closed", lambda: (html.run_fragment(run), text.run_output(run)))
        widget.close()

    # On top, with the others: below, what is left after it would have scrolled out of sight.
    widget.add_control(_button("Done", close))
    output.show("open", (html.run_fragment(run), text.run_output(run)), widget_view_of(widget))


def _button(description: str, action: Any) -> ipywidgets.Button:
    button = ipywidgets.Button(description=description, layout=ipywidgets.Layout(width="auto", height="28px"))
    button.on_click(lambda _: action())
    return button
