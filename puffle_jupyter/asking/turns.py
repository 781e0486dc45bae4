"""The turns of a conversation that are known here: what a streamed message sends along.

Source: docs.puffle.ai, "Stream agent chat": ``messages`` is the whole conversation so far.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ..errors import PuffleError
from ..watching.watch import RunWatch


@dataclass(slots=True)
class _Turn:
    """A turn, with its watch until the answer is known."""

    message: str
    watch: RunWatch | None
    answer: str = ""

    def take_answer(self) -> None:
        """Take the answer when it is there; called when the watch is done, and when somebody asks before."""
        watch = self.watch
        if watch is None or not watch.done:
            return
        try:
            self.answer = watch.text or ""
        except PuffleError:  # it did not end, so it has none
            self.answer = ""
        self.watch = None


class Turns:
    """Messages and the final texts of their answers, in the order in which they were sent. For any thread.

    Only text: with every result that a tool gave, each message would be larger than all before it together.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._turns: list[_Turn] = []

    def follow(self, message: str, watch: RunWatch) -> None:
        """``message`` was sent, and ``watch`` will see its answer."""
        turn = _Turn(message, watch)
        with self._lock:
            self._turns.append(turn)
        watch.add_done_callback(lambda _: turn.take_answer())

    def history(self) -> list[dict[str, str]]:
        """The turns so far: ``{"role": "user" | "assistant", "content": text}``."""
        with self._lock:
            for turn in self._turns:
                turn.take_answer()  # who waited for the end may be here before the callback
            said = [("user", turn.message, "assistant", turn.answer) for turn in self._turns]
        return [
            {"role": role, "content": content}
            for user, message, assistant, answer in said
            for role, content in ((user, message), (assistant, answer))
            if content
        ]
