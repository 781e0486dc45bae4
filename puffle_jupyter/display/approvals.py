"""The inbox: all tool calls of live watches that wait for a decision."""

from __future__ import annotations

from typing import Any

from ..printing import say
from ..render.html.approval_card import approval_card
from ..transcript.model import ToolCall
from ..watching.registry import registry
from ..watching.watch import RunWatch
from .front_end import FrontEnd, front_end_of
from .notebook.channel import is_captured
from .snapshot import waiting_call_text
from .watch_words import decide_words

NONE = "No tool call waits for a decision."


def show_approvals(shell: Any) -> None:
    """Show each call that waits: with controls where there are widgets, else as html or text."""
    waiting = [(watch, call) for watch in registry.live() for call in watch.pending]
    front_end = front_end_of(shell)
    if not waiting:
        say(NONE)
    elif front_end is FrontEnd.LIVE and not is_captured(shell):
        _show_cards(waiting)
    else:
        for _, call in waiting:
            _put_out(call, front_end)


def _show_cards(waiting: list[tuple[RunWatch, ToolCall]]) -> None:
    from IPython.display import display

    from .notebook.approval_card import ApprovalCard
    from .subscription import subscribe

    for watch, call in waiting:
        card = ApprovalCard()
        card.ask(watch, call)
        display(card)
        subscribe(watch, card)


def _put_out(call: ToolCall, front_end: FrontEnd) -> None:
    text = waiting_call_text(call, decide_words(call))
    if not front_end.is_notebook:
        say(text)
        return
    from IPython.display import display

    display({"text/html": approval_card(call, decide_words(call)), "text/plain": text}, raw=True)
