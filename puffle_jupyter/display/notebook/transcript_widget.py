"""`TranscriptWidget`: what a run said, with expand all, collapse all and find."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets

from ...render import text
from ...render.html import run as html
from ...render.html import style
from ...render.html.find import AS_IT_IS, COLLAPSED, EXPANDED, Arrangement, Finder
from ...run import Run
from ..front_end import current_shell, front_end_of
from ..rendering import body_html
from .close_widgets import LateHTML, close_with_layout, leave_html, optional, own_layout
from .files_panel import FilesButton
from .output import NotebookOutput, forgotten_html, widget_view_of
from .shrinking import column_layout


class TranscriptWidget(ipywidgets.VBox):  # type: ignore[misc]
    """A run's answer and transcript under three controls: expand all, collapse all, find.

    Find shows the messages and calls that hold the text, in any case, marked, with the folds around it
    open; what does not hold it is left out until the field is emptied. `Run.grep` does the same in Python.

    Args:
        run: the run; None shows nothing until `show_run`.

    >>> VBox([TranscriptWidget(run)])                  # doctest: +SKIP
    """

    layout = optional(ipywidgets.VBox.layout)
    _parts: tuple[ipywidgets.Widget, ...] = ()
    _left: LateHTML | None = None
    _rest: tuple[ipywidgets.Widget, ...] = ()

    def __init__(self, run: Run | None = None, **layout: Any) -> None:
        self._run: Run | None = None
        self._at_rest = AS_IT_IS
        self._count = 0
        self._body = LateHTML("")
        self._found = ipywidgets.HTML("")
        self._wanted = ipywidgets.Text(
            placeholder="Find in transcript, then Enter",
            continuous_update=False,
            layout=ipywidgets.Layout(width="auto", flex="1 1 9em", min_width="0", max_width="260px"),
        )
        self._wanted.observe(lambda change: self._search(change["new"]), "value")
        self._controls = ipywidgets.HBox(
            [_button("Expand all", self.expand_all), _button("Collapse all", self.collapse_all)],
            layout=ipywidgets.Layout(display="none", align_items="center", flex_flow="row wrap"),
        )
        self._files = FilesButton(self, front_end_of(current_shell()))
        self._controls.children = (*self._controls.children, self._files, self._wanted, self._found)
        super().__init__([self._controls, self._body], **column_layout(layout))
        self._parts = (self._body, self._controls, *own_layout(self, layout))
        if run is not None:
            self.show_run(run)

    @property
    def body(self) -> LateHTML:
        """What holds the transcript."""
        return self._body

    def show_run(self, run: Run, arrangement: Arrangement = AS_IT_IS) -> None:
        """Show ``run`` from now on; ``arrangement`` is how while nothing is searched for."""
        self._run = run
        self._at_rest = arrangement
        self._files.show_run(run)
        self._controls.layout.display = ""
        self._arrange(arrangement)

    def show_words(self, shown: str) -> None:
        """Show ``shown``, html of our own, without the controls: there is no transcript yet, or none."""
        self._run = None
        self._files.show_run(None)
        self._controls.layout.display = "none"
        self._body.value = shown

    def close(self) -> None:
        """Close it and its parts, as every widget; may be called again."""
        super().close()
        self.close_rest()
        left, self._left = self._left, None
        if left is not None:
            left.close()
        parts, self._parts = self._parts, ()
        if parts:
            close_with_layout(*self._controls.children, *parts)

    def leave_html(self, make: Callable[[], str], box: ipywidgets.Box | None = None) -> None:
        """Show what ``make`` returns alone, see `closing.leave_html`. `close_rest` closes all else.

        Args:
            make: returns the html; called whenever a page asks for it.
            box: a box that shows it in place of this widget, which belongs to the rest then.
        """
        parts, self._parts = self._parts, ()
        if not parts:
            return
        self._run = None  # ipywidgets keeps what is left for ever: it must not keep the run
        others = (part for part in parts if part is not self._body)
        self._rest = (*self._controls.children, *others, self._body.layout, self._body.style)
        leave_html(self if box is None else box, self._body, make)
        if box is None:
            self._left = self._body
        else:
            self._rest = (self, *self._rest)

    def close_rest(self) -> None:
        """Close what `leave_html` leaves without use; may be called again."""
        rest, self._rest = self._rest, ()
        if rest:
            close_with_layout(*rest)
            self._controls.children = ()  # whose buttons know what to do with the run

    def add_control(self, control: ipywidgets.Widget) -> None:
        """Put one more control next to the others."""
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
            How many times it is in what is shown.
        """
        if wanted == self._wanted.value:
            self._search(wanted)
        else:
            self._wanted.value = wanted  # whose observer searches
        return self._count

    def _search(self, wanted: str) -> None:
        finder = Finder(wanted.strip())
        self._arrange(finder.arrangement if finder.wanted else self._at_rest)
        self._count = finder.count
        self._found.value = f'<span role="status" style="{style.SMALL}">{_found_words(finder)}</span>'

    def _arrange(self, arrangement: Arrangement) -> None:
        self._found.value = ""
        if self._run is not None:
            self._body.value = style.in_widget(html.wrapped(body_html(self._run, arrangement)))


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

    def done() -> None:
        _explored.discard(done)
        output.replace("done", lambda: (html.run_fragment(run), text.run_output(run)))
        widget.leave_html(functools.partial(_plain, weakref.ref(run), run.run_id))
        widget.close_rest()

    # On top, with the others: below, what is left after it would have scrolled out of sight.
    widget.add_control(_button("Done", done))
    output.show("open", (html.run_fragment(run), text.run_output(run)), widget_view_of(widget))
    _explored.add(done)


def end_exploring() -> None:
    """Press *Done* everywhere."""
    for done in list(_explored):
        done()


def _plain(run: Callable[[], Run | None], run_id: str) -> str:
    known = run()
    return style.in_widget(forgotten_html(run_id) if known is None else html.run_fragment(known))


def _button(description: str, action: Any) -> ipywidgets.Button:
    # The tooltip says it where a narrow column cuts the words.
    layout = ipywidgets.Layout(width="auto", height="28px")
    button = ipywidgets.Button(description=description, tooltip=description, layout=layout)
    button.on_click(lambda _: action())
    return button


_explored: set[Callable[[], None]] = set()
