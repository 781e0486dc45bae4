"""`TranscriptWidget`: what a run said, with expand all, collapse all and find."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets

from ...render import text_output
from ...render.arrangement import AS_IT_IS, COLLAPSED, EXPANDED, Arrangement, Search
from ...render.html import run as html
from ...render.html import style
from ...render.html.found import Found, SearchedRun, search_run
from ...run import Run
from ...transcript.kinds import OnlyWord, check_only
from ..front_end import current_shell, front_end_of
from ..rendering import body_html
from .button import button
from .close_widgets import LateHTML, close_with_layout, leave_html, optional, own_layout
from .files_panel import FilesButton
from .find_bar import FindBar
from .output import NotebookOutput, forgotten_html, widget_view_of
from .shrinking import column_layout


class TranscriptWidget(ipywidgets.VBox):  # type: ignore[misc]
    """A run's answer and transcript under three controls: expand all, collapse all, find.

    Find shows the messages and calls that hold the text, in any case, marked, with the folds around it
    open; Enter, once more, goes to the next. It may be narrowed to texts, calls, failed calls or reasoning.
    What does not hold it is left out until the search is cleared. `code` does the same in Python.

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
        self._searched: tuple[Search, SearchedRun] | None = None
        self._at_rest = AS_IT_IS
        self._body = LateHTML("")
        self._find_bar = FindBar(self._search, self._show_at_rest, self._place_controls)
        self._collapse = button("Collapse all", self.collapse_all)
        self._buttons = [button("Expand all", self.expand_all), self._collapse]
        self._more: list[ipywidgets.Widget] = []
        self._controls = ipywidgets.HBox(
            layout=ipywidgets.Layout(display="none", align_items="center", flex_flow="row wrap")
        )
        self._files = FilesButton(self, front_end_of(current_shell()))
        self._place_controls()
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
        self._find_bar.show_kinds(at_once=not arrangement.is_brief)
        self._collapse.layout.display = "none" if arrangement.is_brief else ""
        self._controls.layout.display = ""
        self._show(arrangement)

    def show_words(self, shown: str) -> None:
        """Show ``shown``, html of our own, without the controls: there is no transcript yet, or none."""
        self._run = self._searched = None
        self._files.show_run(None)
        self._controls.layout.display = "none"
        self._body.value = shown

    def close(self) -> None:
        """Close it and its parts, as every widget; may be called again."""
        super().close()
        self._find_bar.close()
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
        self._find_bar.close()
        self._run = self._searched = None  # ipywidgets keeps what is left for ever: it must not keep the run
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
            self._buttons, self._more = [], []

    def add_control(self, control: ipywidgets.Widget) -> None:
        """Put one more control next to the others."""
        self._more.append(control)
        self._place_controls()

    @property
    def code(self) -> str:
        """A line of Python that finds what is searched for, as ``run.grep('acme')``; "" without a search."""
        return self._find_bar.code

    def expand_all(self) -> None:
        """Open every fold but that of the raw JSON."""
        self._collapse.layout.display = ""
        self._show(EXPANDED)

    def collapse_all(self) -> None:
        """Close every fold."""
        self._show(COLLAPSED)

    def find(self, wanted: str, only: OnlyWord = "everything") -> int:
        """Show what holds ``wanted``; "" shows everything again.

        Args:
            wanted: a text, in any case.
            only: what is shown and searched: ``"texts"``, ``"calls"``, ``"failed calls"`` or ``"reasoning"``.

        Returns:
            How many matches there are; one that is shown in a table and in its JSON is one.

        Raises:
            InvalidSearch: there is no such kind.
        """
        return self._find_bar.find(wanted, check_only(only))

    def find_next(self) -> None:
        """Go to the next place that holds what is searched for; after the last comes the first."""
        self._find_bar.step(1)

    def find_previous(self) -> None:
        """Go to the place before."""
        self._find_bar.step(-1)

    def _search(self, search: Search, current: int) -> Found:
        if self._run is None:
            return Found("", 0, 0, 0)
        if self._searched is None or self._searched[0] != search:
            self._searched = (search, search_run(self._run, search))
        found = self._searched[1].page(current)
        self._body.value = style.in_widget(found.html)
        return found

    def _show_at_rest(self) -> None:
        self._show(self._at_rest)

    def _show(self, arrangement: Arrangement) -> None:
        self._find_bar.say_nothing()
        self._searched = None
        if self._run is not None:
            self._body.value = style.in_widget(html.wrapped(body_html(self._run, arrangement)))

    def _place_controls(self) -> None:
        *find, said = self._find_bar.controls
        self._controls.children = (*self._buttons, self._files, *find, *self._more, said)


def explore(run: Run) -> None:
    """Display ``run`` with a `TranscriptWidget`; its button *Done* leaves plain html in its place.

    A notebook saved before that needs its kernel to show the widget.
    """
    output = NotebookOutput()
    widget = TranscriptWidget(run)

    def done() -> None:
        _explored.discard(done)
        output.replace("done", lambda: (html.run_fragment(run), text_output.run_output(run)))
        widget.leave_html(functools.partial(_plain, weakref.ref(run), run.run_id))
        widget.close_rest()

    # On top, with the others: below, what is left after it would have scrolled out of sight.
    widget.add_control(button("Done", done))
    output.show("open", (html.run_fragment(run), text_output.run_output(run)), widget_view_of(widget))
    _explored.add(done)


def end_exploring() -> None:
    """Press *Done* everywhere."""
    for done in list(_explored):
        done()


def _plain(run: Callable[[], Run | None], run_id: str) -> str:
    known = run()
    return style.in_widget(forgotten_html(run_id) if known is None else html.run_fragment(known))


_explored: set[Callable[[], None]] = set()
