"""The ledger of completeness: every part received is counted exactly once.

The rule, in its one home:

* *unknown*: a part, message or ``toolCalls`` item that no reader knows; it is shown as labelled JSON.
* *folded*: what the page keeps folded: reasoning, the agent's internal state, and all parts of system
  and developer messages; and marks between parts, such as the start of a step, which only the raw JSON has.
* *shown*: everything else. A result is in its call's entry and counts as shown with it; a call
  that only the top-level ``toolCalls`` tell of counts as one part.

The empty text and ``null`` are no parts: an assistant that only calls a tool sends them as content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import replace

from .model import Ledger, Message, NotePart, Part, ReasoningPart, StatePart, UnknownPart

FOLDED_ROLES = frozenset({"system", "developer"})


def is_mark(part: Part) -> bool:
    """Whether ``part`` is no line of a transcript: it only marks a place between others."""
    return isinstance(part, NotePart) and part.is_mark


def without_marks(message: Message) -> Message:
    """``message`` as it is shown; itself where it has no marks."""
    if not any(map(is_mark, message.parts)):
        return message
    return replace(message, parts=tuple(part for part in message.parts if not is_mark(part)))


def count(messages: Iterable[Message], unmentioned_calls: Sized = ()) -> Ledger:
    """Count the parts of ``messages`` and the calls that no message mentions."""
    shown, folded, unknown = len(unmentioned_calls), 0, 0
    for message in messages:
        for part in message.parts:
            if isinstance(part, UnknownPart):
                unknown += 1
            elif isinstance(part, ReasoningPart | StatePart) or is_mark(part) or message.role in FOLDED_ROLES:
                folded += 1
            else:
                shown += 1
    return Ledger(shown, folded, unknown)
