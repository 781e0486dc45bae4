"""The ledger of completeness: every part received is counted exactly once.

The rule, in its one home:

* *unknown*: a part, message or ``toolCalls`` item that no reader knows; it is shown as labelled JSON.
* *folded*: what the page keeps folded: reasoning, the agent's internal state, and all parts of system
  and developer messages.
* *shown*: everything else. A result is in its call's entry and counts as shown with it; a call
  that only the top-level ``toolCalls`` tell of counts as one part.

The empty text and ``null`` are no parts: an assistant that only calls a tool sends them as content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized

from .model import Ledger, Message, ReasoningPart, StatePart, UnknownPart

FOLDED_ROLES = frozenset({"system", "developer"})


def count(messages: Iterable[Message], unmentioned_calls: Sized = ()) -> Ledger:
    """Count the parts of ``messages`` and the calls that no message mentions."""
    shown, folded, unknown = len(unmentioned_calls), 0, 0
    for message in messages:
        for part in message.parts:
            if isinstance(part, UnknownPart):
                unknown += 1
            elif isinstance(part, ReasoningPart | StatePart) or message.role in FOLDED_ROLES:
                folded += 1
            else:
                shown += 1
    return Ledger(shown, folded, unknown)
