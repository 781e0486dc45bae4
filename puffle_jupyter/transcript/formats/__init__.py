"""The wire formats that a transcript can be in. `FORMATS` is the only place to add one.

To add a format, write a module with the functions that `WireFormat` describes, and add its row here.
"""

from __future__ import annotations

import functools

from ..calls.observed import ToolObservation
from . import ai_sdk, ai_sdk_ui, anthropic, openai_chat, openai_responses, puffle_rows
from .fields import WirePart
from .wire_format import WireFormat

__all__ = ["FORMATS", "PLAIN_TEXT_FORMAT", "WireFormat", "read_listed"]


def read_listed(item: WirePart) -> ToolObservation | None:
    """Read an item of a ``toolCalls`` list. The API documents ``{toolName, args}`` and no more.

    Args:
        item: the item, in any of `FORMATS`.

    Returns:
        The call or result of the first format that can read it; None when no format can.
    """
    readers = (read for wire_format in FORMATS for read in wire_format.listed_readers)
    return next((found for read in readers if (found := read(item)) is not None), None)


PLAIN_TEXT_FORMAT = WireFormat(
    name=ai_sdk.NAME,
    recognises=ai_sdk.recognises,
    read=ai_sdk.read,
    part_readers=(ai_sdk.read_part,),
    listed_readers=(ai_sdk.read_listed,),
    reads_plain_text=True,
)
"""The format of a plain text when no message of the run has a format that reads plain text."""

FORMATS: tuple[WireFormat, ...] = (
    # The first format that recognises or reads something wins. Puffle's rows and UI messages come first
    # because their keys identify them; the other formats are identified by their parts.
    WireFormat(
        name=puffle_rows.NAME,
        recognises=puffle_rows.recognises,
        read=functools.partial(puffle_rows.read, read_listed=read_listed),
        keys=puffle_rows.KEYS,
    ),
    WireFormat(
        name=ai_sdk_ui.NAME,
        recognises=ai_sdk_ui.recognises,
        read=ai_sdk_ui.read,
        keys=ai_sdk_ui.KEYS,
        # A model message's `tool-result` comes before a UI part of a tool that is called `result`.
        part_readers=(ai_sdk.read_part, ai_sdk_ui.read_part),
        listed_readers=(ai_sdk.read_listed, ai_sdk_ui.read_listed),
    ),
    WireFormat(
        name=openai_responses.NAME,
        recognises=openai_responses.recognises,
        read=openai_responses.read,
        keys=openai_responses.KEYS,
        part_readers=(openai_responses.read_part, openai_responses.read_item),
        listed_readers=(openai_responses.read_listed,),
        reads_plain_text=True,
    ),
    WireFormat(
        name=anthropic.NAME,
        recognises=anthropic.recognises,
        read=anthropic.read,
        keys=anthropic.KEYS,
        part_readers=(anthropic.read_part,),
        listed_readers=(anthropic.read_listed,),
        reads_plain_text=True,
    ),
    PLAIN_TEXT_FORMAT,
    WireFormat(
        name=openai_chat.NAME,
        recognises=openai_chat.recognises,
        read=openai_chat.read,
        keys=openai_chat.KEYS,
        part_readers=(openai_chat.read_part,),
        listed_readers=(openai_chat.read_listed,),
        reads_plain_text=True,
    ),
)
