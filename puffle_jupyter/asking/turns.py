"""The turns of a conversation that are known here: what a streamed message sends along.

Source: docs.puffle.ai, "Stream agent chat": ``messages`` is the whole conversation so far.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass

from ..errors import PuffleError
from ..watching.watch import RunWatch


@dataclass(slots=True)
class _Turn:
    message: str
    answer: str = ""


class Turns:
    """Messages and the final texts of their answers, in the order in which they were sent. For any thread.

    Only text: with every result that a tool gave, each message would be larger than all before it together.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._turns: list[_Turn] = []

    def follow(self, message: str, watch: RunWatch) -> None:
        """``message`` was sent, and ``watch`` will see its answer."""
        turn = _Turn(message)
        with self._lock:
            self._turns.append(turn)
        watch.add_done_callback(functools.partial(_take_answer, turn))

    def history(self) -> list[dict[str, str]]:
        """The turns so far: ``{"role": "user" | "assistant", "content": text}``."""
        with self._lock:
            said = [("user", turn.message, "assistant", turn.answer) for turn in self._turns]
        return [
            {"role": role, "content": content}
            for user, message, assistant, answer in said
            for role, content in ((user, message), (assistant, answer))
            if content
        ]


def _take_answer(turn: _Turn, watch: RunWatch) -> None:
    try:
        turn.answer = watch.text or ""
    except PuffleError:  # it did not end, so it has none
        turn.answer = ""
