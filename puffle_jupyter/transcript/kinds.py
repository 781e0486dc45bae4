"""The kinds of parts that a search may be narrowed to."""

from __future__ import annotations

import enum
from typing import Literal, TypeAlias

from ..errors import InvalidSearch
from .model import Part, ReasoningPart, TextPart, ToolCall, ToolCallPart, ToolCallState


class Only(enum.StrEnum):
    """What is searched: everything, or the parts of one kind."""

    EVERYTHING = "everything"
    TEXTS = "texts"
    CALLS = "calls"
    FAILED_CALLS = "failed calls"
    REASONING = "reasoning"

    @property
    def label(self) -> str:
        """Its name where it is chosen: in a find bar, and on a page."""
        return self.value.capitalize()

    def has_call(self, call: ToolCall) -> bool:
        """Whether ``call`` is of this kind."""
        if self is Only.FAILED_CALLS:
            return call.state is ToolCallState.FAILED
        return self in (Only.EVERYTHING, Only.CALLS)

    def has(self, part: Part) -> bool:
        """Whether ``part`` is of this kind."""
        match part:
            case ToolCallPart():
                return self.has_call(part.call)
            case TextPart():
                return self in (Only.EVERYTHING, Only.TEXTS)
            case ReasoningPart():
                return self in (Only.EVERYTHING, Only.REASONING)
            case _:
                return self is Only.EVERYTHING


OnlyWord: TypeAlias = Literal["everything", "texts", "calls", "failed calls", "reasoning"]


def check_only(word: str) -> Only:
    """The kind called ``word``.

    Raises:
        InvalidSearch: there is none of that name.
    """
    try:
        return Only(word)
    except ValueError:
        known = ", ".join(f'"{kind.value}"' for kind in Only)
        raise InvalidSearch(f"only={word!r} is not known: use one of {known}") from None
