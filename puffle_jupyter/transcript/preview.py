"""The end of a message that is still being written: what there is to see of it, however long it is."""

from __future__ import annotations

from dataclasses import dataclass

from ..json_value import JsonValue

LAST_PARTS = 40
LAST_CHARACTERS = 6_000
"""Of a text that is being written: about two screenfuls."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The last parts of a message, of which the very last is being written.

    A part that has not changed is the same object in the next preview.

    Attributes:
        parts: UI message parts of the AI SDK; of a long text its end.
        earlier: how many parts the message has before these.
    """

    parts: tuple[JsonValue, ...]
    earlier: int = 0
