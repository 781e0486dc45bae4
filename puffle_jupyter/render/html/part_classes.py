"""The classes by which a page knows its parts: what each is, and which message and which turn it is in.

The style sheet of the page (`page_style`) hides and prints by them. A notebook has no classes of ours, and
the Markdown of an agent keeps none, so each one on a page was written here.
"""

from __future__ import annotations

import enum

from ...transcript.model import ToolCall, ToolCallState
from ..blocks import AnswerAbove, Block, Call, LabelledJson, Prose, Reasoning
from .anchors import Anchors

PREFIX = "puffle-"
TURN = f"{PREFIX}turn"
MESSAGE = f"{PREFIX}message"
"""One that goes on with a turn; the first of a turn is its first element."""
GROUP = f"{PREFIX}group"
TWIN = f"{PREFIX}twin"
"""JSON that says no more than the table before it."""


class Kind(enum.Enum):
    """What a part is; the value is also its class, behind `PREFIX`."""

    TEXT = "text"
    CALL = "call"
    REASONING = "reasoning"
    ERROR = "error"
    OTHER = "other"

    @property
    def css_class(self) -> str:
        """The class of a part of this kind."""
        return PREFIX + self.value


_TEXT, _REASONING, _ERROR, _OTHER = (Kind.TEXT,), (Kind.REASONING,), (Kind.ERROR,), (Kind.OTHER,)
_CALL, _FAILED_CALL = (Kind.CALL,), (Kind.CALL, Kind.ERROR)
# Made once: the parts of a page are many.
_CLASSES: dict[tuple[Kind, ...], str] = {
    kinds: " ".join(kind.css_class for kind in kinds)
    for kinds in (_TEXT, _REASONING, _ERROR, _OTHER, _CALL, _FAILED_CALL)
}


def kinds_of(block: Block) -> tuple[Kind, ...]:
    """What ``block`` is: a call that failed is a call and an error."""
    match block:
        case Prose() | AnswerAbove():
            return _TEXT
        case Reasoning():
            return _REASONING
        case Call():
            return kinds_of_call(block.call)
        case LabelledJson(label="error", is_unknown=False):  # a message's own
            return _ERROR
        case _:
            return _OTHER


def kinds_of_call(call: ToolCall) -> tuple[Kind, ...]:
    """The same of a tool call."""
    return _FAILED_CALL if call.state is ToolCallState.FAILED else _CALL


def attribute(name: str, anchors: Anchors) -> str:
    """The class ``name`` as an attribute of an element; "" in a notebook."""
    return f' class="{name}"' if anchors.is_page else ""


def of_call(call: ToolCall, anchors: Anchors) -> str:
    """The attribute of the fold of ``call``; "" in a notebook."""
    return attribute(_CLASSES[kinds_of_call(call)], anchors)


def classed(block: Block, shown: str, anchors: Anchors) -> str:
    """``shown``, the html of ``block``, in an element that says what it is; as it is in a notebook."""
    if not anchors.is_page or isinstance(block, Call):  # a call's own element says it
        return shown
    return f'<div class="{_CLASSES[kinds_of(block)]}">{shown}</div>'


def twin(json: str, anchors: Anchors) -> str:
    """The html of JSON that says no more than the table before it; paper has the table alone."""
    return f'<div class="{TWIN}">{json}</div>' if anchors.is_page else json


def in_turn(message: str, anchors: Anchors, *, begins: bool, is_first: bool) -> str:
    """The html of a message: behind the start of its turn, if it ``begins`` one, else in its own element.

    A turn is what one role says in a row, below one label. `end_of_turns` comes after the last message.
    """
    if not anchors.is_page:
        return message
    if begins:
        return f'{"" if is_first else "</div>"}<div class="{TURN}">{message}'
    return f'<div class="{MESSAGE}">{message}</div>'


def end_of_turns(anchors: Anchors) -> str:
    """The end of the last turn; "" in a notebook."""
    return "</div>" if anchors.is_page else ""
