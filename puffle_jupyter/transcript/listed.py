"""Items of a ``toolCalls`` list, of whatever shape: the API shows ``{toolName, args}``, and says no more."""

from __future__ import annotations

from . import ai_sdk, ai_sdk_ui, anthropic, openai_chat, openai_responses
from .sightings import ToolSighting
from .wire import WirePart

_READERS = (
    ai_sdk.read_listed,
    ai_sdk_ui.read_listed,
    openai_responses.read_listed,
    anthropic.read_listed,
    openai_chat.read_listed,
)


def read_item(item: WirePart) -> ToolSighting | None:
    """The call (or result) that ``item`` tells of; None when it is no known shape of one."""
    for read in _READERS:
        sighting = read(item)
        if sighting is not None:
            return sighting
    return None
