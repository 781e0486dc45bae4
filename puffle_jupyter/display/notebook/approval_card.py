"""The card of one tool call that waits, with its controls: each card is for one call, once.

A card that took the place of another would get the clicks that were meant for that one. So a card is never
used again: what comes later has a card of its own. *Approve* is a box to tick, which the key Enter does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from ...errors import InvalidSetting, NotPending
from ...render.html import style
from ...render.html.approval_card import approval_card
from ...render.html.escape import escaped
from ...transcript.model import ToolCall
from ...watching.snapshot import WatchSnapshot
from ...watching.watch import RunWatch
from .close_widgets import LateHTML, close_with_layout

UNDECIDED = "nothing happens until you decide"


class ApprovalCard(ipywidgets.VBox):  # type: ignore[misc]
    """A card that is hidden until `ask`. Made on the main thread; the view thread only changes it."""

    def __init__(self) -> None:
        self._watch: RunWatch | None = None
        self._call: ToolCall | None = None
        self._is_retired = False
        self._on_retire: Callable[[str], object] | None = None
        self._html = LateHTML("")
        self._deny = ipywidgets.Button(description="Deny", tooltip="Puffle does not do this")
        self._approve = ipywidgets.Checkbox(
            value=False,
            description="Approve",
            indent=False,
            layout=ipywidgets.Layout(width="auto", margin="2px 12px"),
        )
        self._reason = ipywidgets.Text(
            placeholder="Reason (optional)", layout=ipywidgets.Layout(flex="1 1 9em", max_width="320px")
        )
        self._controls = ipywidgets.HBox(
            [self._deny, self._approve, self._reason],
            layout=ipywidgets.Layout(align_items="center", flex_flow="row wrap"),
        )
        super().__init__([self._html, self._controls], layout=ipywidgets.Layout(display="none"))
        self._deny.on_click(lambda _: self._decide(False))
        self._approve.observe(self._ticked, "value")

    @property
    def call(self) -> ToolCall | None:
        """The call that this card is or was for; None while it is for none."""
        return self._call

    def update(self, snapshot: WatchSnapshot) -> None:
        """Retire when the call waits no more: called on the view thread."""
        if self._call is not None and self._call.id not in {call.id for call in snapshot.waiting}:
            self.retire()

    def ask(self, watch: RunWatch, call: ToolCall, on_retire: Callable[[str], object] | None = None) -> None:
        """Show ``call`` of ``watch``, for good; ``on_retire`` is given what is said when it waits no more."""
        self._watch, self._call, self._on_retire = watch, call, on_retire
        self._html.value = style.in_widget(approval_card(call, UNDECIDED))
        self.layout.display = ""

    def retire(self, words: str = "") -> None:
        """The call waits no more: say why, or show nothing; for good."""
        if self._is_retired:
            return
        self._is_retired = True
        self._controls.layout.display = "none"
        if words:
            said = f'<p style="{style.PARAGRAPH}">{escaped(words)}</p>'
            self._html.value = style.in_widget(said, announced=True)
        else:
            self.layout.display = "none"
        if self._on_retire is not None:
            self._on_retire(words)

    def close(self) -> None:
        """Close it, its layout and its parts; may be called again."""
        super().close()
        self.layout.close()
        parts = (self._html, self._deny, self._approve, self._reason, self._controls)
        close_with_layout(*(part for part in parts if part.comm is not None))

    def _ticked(self, change: Any) -> None:
        if change["new"]:
            self._decide(True)

    def _decide(self, approved: bool) -> None:
        """Decide about the call as it was shown, for a click; whoever was first is obeyed."""
        watch, call = self._watch, self._call
        if watch is None or call is None or call.id is None:
            return
        try:
            reason = self._reason.value.strip() or None
            decision = watch._approvals.decide(call.id, approved=approved, reason=reason, shown=call)
        except NotPending as error:
            self.retire(str(error))
        except InvalidSetting as error:  # the reason: nothing was decided, and the call waits on
            self._html.value = style.in_widget(approval_card(call, str(error)))
            self._approve.value = False
        else:
            self.retire(f"{call.name}: {decision}")
