"""The find bar of a transcript: a text, a kind of parts, and the way from one match to the next."""

from __future__ import annotations

import functools
import html
import threading
from collections.abc import Callable
from typing import Any

import ipywidgets

from ...render.arrangement import Search
from ...render.html import style
from ...render.html.found import Found
from ...render.words import count_words
from ...transcript.kinds import Only
from .button import button

_OPTIONS = [(kind.label, kind) for kind in Only]


class FindBar:
    """Its widgets, in order, are `controls`; those for going on appear with the first search.

    Args:
        search: shows what holds a search, from a place on.
        rest: shows the run as it is while nothing is searched for.
        grown: called when `controls` has more widgets.
    """

    def __init__(
        self,
        search: Callable[[Search, int], Found],
        rest: Callable[[], None],
        grown: Callable[[], None],
    ) -> None:
        self._show, self._rest, self._grown = search, rest, grown
        self._found: Found | None = None
        self._current = 0
        self._is_being_set = False
        self._lock = threading.RLock()
        self._is_closed = False
        self._text = ipywidgets.Text(
            placeholder="Find in transcript, then Enter",
            continuous_update=False,
            layout=ipywidgets.Layout(width="auto", flex="1 1 9em", min_width="0", max_width="260px"),
        )
        self._only = ipywidgets.Dropdown(
            options=_OPTIONS,
            value=Only.EVERYTHING,
            description="Show",
            tooltip="What is shown and searched",
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="auto", min_width="0", max_width="min(170px, 100%)"),
        )
        self._said = ipywidgets.HTML("")
        self._steps: tuple[ipywidgets.Widget, ...] = ()
        self._text.observe(self._on_change, "value")
        self._only.observe(self._on_change, "value")
        self._text.on_msg(self._on_key)

    @property
    def controls(self) -> tuple[ipywidgets.Widget, ...]:
        """All its widgets."""
        return (self._text, self._only, *self._steps, self._said)

    def show_kinds(self, *, at_once: bool) -> None:
        """Offer the kinds of parts now, or from the first search on: a narrow column has one row."""
        self._only.layout.display = "" if at_once or self.search != Search("") else "none"

    @property
    def search(self) -> Search:
        """What is searched for."""
        return Search(self._text.value.strip(), self._only.value)

    @property
    def code(self) -> str:
        """A line of Python that finds the same; "" while nothing is searched for."""
        search = self.search
        if not search.wanted:
            known = {Only.CALLS: "run.calls", Only.FAILED_CALLS: "run.calls.failed"}
            if search.only is Only.EVERYTHING or search.only in known:
                return known.get(search.only, "")
        only = "" if search.only is Only.EVERYTHING else f", only={search.only.value!r}"
        return f"run.grep({search.wanted!r}{only})"

    def find(self, wanted: str, only: Only) -> int:
        """Search for it, as if it were typed; how many matches there are."""
        self._is_being_set = True
        try:
            self._text.value, self._only.value = wanted, only
        finally:
            self._is_being_set = False
        self._search()
        return self._found.matches if self._found is not None else 0

    def step(self, by: int) -> None:
        """Go to the next place that holds it, or to one before; after the last comes the first."""
        if self._found is not None and self._found.places:
            self._current = (self._current + by) % self._found.places
            self._say(self._show(self.search, self._current))

    def clear(self) -> None:
        """Show everything again."""
        self.find("", Only.EVERYTHING)

    def close(self) -> None:
        """Make no further widget: whoever has placed `controls` closes them."""
        with self._lock:
            self._is_closed = True

    def say_nothing(self) -> None:
        """Forget what was found: another arrangement is shown."""
        self._found, self._said.value = None, ""

    def _on_change(self, _: Any) -> None:
        if not self._is_being_set:
            self._search()

    def _on_key(self, _: Any, content: Any, __: Any) -> None:
        # Sent with every Enter; a new text comes after it, and is searched for then.
        if isinstance(content, dict) and content.get("event") == "submit":
            if self._found is None and self.search != Search(""):  # another arrangement was shown since
                self._search()
            else:
                self.step(1)

    def _search(self) -> None:
        self._current = 0
        if self.search == Search(""):
            self.say_nothing()
            self._rest()
            return
        self._say(self._show(self.search, 0))
        with self._lock:  # its owner may be closed meanwhile, on another thread: no button comes after that
            if not self._steps and not self._is_closed:
                self._add_steps()

    def _add_steps(self) -> None:
        previous = button("‹", functools.partial(self.step, -1), "Previous place")
        following = button("›", functools.partial(self.step, 1), "Next place (or Enter)")
        self._steps = (previous, following, button("Clear", self.clear))
        self._grown()

    def _say(self, found: Found) -> None:
        self._found = found
        self.show_kinds(at_once=True)
        words = html.escape(found_words(found, self.search, self._current))
        code = f'<code style="{style.CODE}">{html.escape(self.code)}</code>'
        self._said.value = f'<span role="status" style="{style.SMALL}">{words} · in Python: {code}</span>'


def found_words(found: Found, search: Search, current: int) -> str:
    """``4 matches, place 2 of 3; 18 messages hidden``."""
    said = count_words(found.matches, "match", "matches") if search.wanted else ""
    if not found.places:
        said = "no match" if search.wanted else "none in this run"
    else:
        place = f"place {current + 1:,} of {found.places:,}" if found.places > 1 else ""
        said = ", ".join(filter(None, (said, place)))
    return f"{said}; {count_words(found.hidden, 'message')} hidden" if found.hidden and found.places else said
