"""What was asked: the message behind a watch, its conversation, and what is to be said about sending it."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..watching.watch import RunWatch
    from .conversation import Conversation


@dataclass(frozen=True, slots=True)
class Question:
    """A message that was sent, as a view says it above the badge.

    Attributes:
        message: the whole message.
        conversation: the conversation it belongs to.
        conversation_id: that conversation's id; None when Puffle named none.
        turn: its number in the conversation, the first is 1; None when earlier turns are not known here.
        remarks: what else is to be said, each a few words, such as "sent while turn 1 still ran".
    """

    message: str
    conversation: Conversation
    conversation_id: str | None
    turn: int | None
    remarks: tuple[str, ...] = ()


_questions: weakref.WeakKeyDictionary[RunWatch, Question] = weakref.WeakKeyDictionary()


def set_question(watch: RunWatch, question: Question) -> None:
    """Note that ``watch`` follows the run that works on ``question``."""
    _questions[watch] = question


def question_of(watch: RunWatch) -> Question | None:
    """What was asked in the run of ``watch``; None when it was not asked from this kernel."""
    return _questions.get(watch)
