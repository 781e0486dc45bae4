"""The inbox: all tool calls of live watches that wait for a decision."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ..printing import say
from ..render.html import style
from ..render.html.approval_card import MOST, approval_card, more_calls
from ..render.html.escape import escaped
from ..transcript.model import ToolCall
from ..watching.registry import registry
from ..watching.watch import RunWatch
from .front_end import FrontEnd, front_end_of
from .notebook.channel import is_captured
from .snapshot import waiting_call_text
from .watch_words import decide_words

if TYPE_CHECKING:
    from .notebook.approval_card import ApprovalCard
    from .notebook.output import NotebookOutput

NONE = "No tool call waits for a decision."


def show_approvals(shell: Any) -> None:
    """Show each call that waits: with controls where there are widgets, else as html or text."""
    waiting = [(watch, call) for watch in registry.live() for call in watch.pending]
    front_end, more = front_end_of(shell), more_calls([call for _, call in waiting])
    waiting = waiting[:MOST]
    if not waiting:
        say(NONE)
    elif front_end is FrontEnd.LIVE and not is_captured(shell):
        _show_cards(waiting)
    else:
        for _, call in waiting:
            _put_out(call, front_end)
    if more:
        say(f"{more}; run %puffle_approvals again when these are decided.")


def _show_cards(waiting: list[tuple[RunWatch, ToolCall]]) -> None:
    """A card each; once it is decided, its output is html and text alone, as every output in the end."""
    from .notebook.approval_card import ApprovalCard
    from .notebook.output import NotebookOutput, widget_view_of
    from .subscription import subscribe

    for watch, call in waiting:
        card, output = ApprovalCard(), NotebookOutput()
        leave = functools.partial(_leave, card, output)
        output.show("asked", _content(call), widget_view_of(card))
        card.ask(watch, call, leave)
        subscribe(watch, card)


def _leave(card: ApprovalCard, output: NotebookOutput, words: str) -> None:
    said = words or "This call waits no more."
    output.replace("decided", lambda: (f'<p style="{style.PARAGRAPH}">{escaped(said)}</p>', said))
    card.close()


def _content(call: ToolCall) -> tuple[str, str]:
    said = decide_words(call)
    return approval_card(call, said), waiting_call_text(call, said)


def _put_out(call: ToolCall, front_end: FrontEnd) -> None:
    as_html, text = _content(call)
    if not front_end.is_notebook:
        say(text)
        return
    from IPython.display import display

    display({"text/html": as_html, "text/plain": text}, raw=True)
