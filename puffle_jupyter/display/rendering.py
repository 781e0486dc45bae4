"""How an ended run looks in a notebook, rendered once for everything that shows it.

The end of one displayed watch is shown by a widget, by each of its outputs, and by every page that is loaded
again later. They differ only in the badge line. Below it is the same html and the same text, and for a run
of some megabytes rendering those takes longer than reading the run.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from ..render import text_output
from ..render.arrangement import AS_IT_IS, BRIEF, Arrangement
from ..render.html.run import run_body
from ..render.limits import NOTEBOOK
from ..run import Run

KEPT = 4
"""Renderings that are kept: html, folded html and text of the run that ended last, and one more."""


class RenderingCache:
    """The renderings made last, by the run they show. For any thread.

    A run is known by identity and is not kept alive; its renderings go with it.

    Args:
        kept: how many renderings; each is an output of a notebook, below 2 MB.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        # Reentrant: a run may be collected, on the same thread, while the lock is held.
        self._lock = threading.RLock()
        self._known: list[tuple[weakref.ref[Run], object, str]] = []

    def get(self, run: Run, kind: object, render: Callable[[], str]) -> str:
        """The rendering of this very ``run``, made now or remembered.

        Args:
            run: an ended run.
            kind: what tells this rendering from others of the same run.
            render: makes it. Called without the lock: a process that is forked meanwhile must not find it
                locked for ever.

        Returns:
            What ``render`` returned when it was called for this run and kind.
        """
        with self._lock:
            for known, its_kind, made in self._known:
                if its_kind == kind and known() is run:
                    return made
        made = render()
        with self._lock:
            self._known = [*self._known, (weakref.ref(run, self._forget), kind, made)][-self._kept :]
        return made

    def _forget(self, run: weakref.ref[Run]) -> None:
        with self._lock:
            self._known = [known for known in self._known if known[0] is not run]


_cache = RenderingCache()


def body_html(run: Run, arrangement: Arrangement = AS_IT_IS) -> str:
    """An ended run as a notebook shows it below the badge, arranged; not yet in the element around it.

    What a person asks for by a click or a search is rendered anew; reading the run is not needed again.
    """
    if arrangement not in (AS_IT_IS, BRIEF):
        return run_body(run, NOTEBOOK, arrangement)
    return _cache.get(run, arrangement, lambda: run_body(run, NOTEBOOK, arrangement))


def output_text(run: Run, head: str) -> str:
    """An ended run as the plain text next to the html of an output; ``head`` is its first line."""
    return _cache.get(run, head, lambda: text_output.run_output(run, head))
