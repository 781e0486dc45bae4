"""What a widget shows of an answer while it is streamed, and the cards of calls that wait for approval."""

from __future__ import annotations

import ipywidgets

from ...render.html import style
from ...render.html.approval_card import approval_cards
from ...render.html.preview import PreviewHtml
from ...render.html.run import wrapped
from ...watching.snapshot import WatchSnapshot
from ...watching.watch import RunWatch
from ..watch_words import decide_words
from .approval_card import ApprovalCard
from .close_widgets import LateHTML, close_with_layout

CARDS = 2
"""Cards that are made in advance, on the main thread: each is for one call."""


class StreamPanel(ipywidgets.VBox):  # type: ignore[misc]
    """Two pieces of html, of which only the second changes while a text grows; below them the cards.

    Args:
        watch: a watch of a stream.
    """

    def __init__(self, watch: RunWatch) -> None:
        self._watch = watch
        self._rendered = PreviewHtml()
        self._whole, self._growing, self._others = LateHTML(""), LateHTML(""), LateHTML("")
        self._cards = [ApprovalCard() for _ in range(CARDS)]
        super().__init__([self._whole, self._growing, *self._cards, self._others])

    @classmethod
    def of(cls, watch: RunWatch) -> StreamPanel | None:
        """A panel for ``watch``; None for one that is polled, and for one that ended."""
        snapshot = watch.snapshot
        return cls(watch) if snapshot.is_stream and not snapshot.phase.is_final else None

    def show(self, snapshot: WatchSnapshot) -> None:
        """Show ``snapshot``: called on the view thread."""
        if (preview := snapshot.preview) is not None:
            self._whole.value = _html(self._rendered.whole(preview))
            self._growing.value = _html(self._rendered.growing(preview))
        waiting = {call.id: call for call in snapshot.waiting}
        for card in self._cards:
            card.update(snapshot)
        shown = {card.call.id for card in self._cards if card.call is not None}
        free = [card for card in self._cards if card.call is None]
        others = []
        for call_id, call in waiting.items():
            if call_id in shown:
                continue
            if free:
                free.pop(0).ask(self._watch, call)
            else:
                others.append(call)
        self._others.value = _html(approval_cards(others, decide_words))

    def close(self) -> None:
        """Close it, its layout and its parts; may be called again."""
        super().close()
        self.layout.close()
        for card in self._cards:
            card.close()
        close_with_layout(
            *(part for part in (self._whole, self._growing, self._others) if part.comm is not None)
        )


def _html(content: str) -> str:
    return style.in_widget(wrapped(content)) if content else ""
