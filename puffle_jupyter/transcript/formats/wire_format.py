"""What the package has to know of one wire format: a row of `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..calls.observed import Draft, ToolObservation
from .fields import WireMessage, WirePart
from .keys import Keys
from .parts import ReadPart

ReadListed: TypeAlias = Callable[[WirePart], ToolObservation | None]
"""Reads an item of a ``toolCalls`` list; None when the item is not in this format."""


@dataclass(frozen=True, slots=True)
class WireFormat:
    """One wire format and the functions that read it.

    Attributes:
        name: the name that is shown as `Message.format`.
        recognises: whether a message is certainly in this format. A plain text fits several formats.
        read: reads a message in this format; never raises.
        part_readers: read a part of this format in a message of another one, tried in order.
        listed_readers: read an item of a ``toolCalls`` list, tried in order.
        reads_plain_text: whether a plain text next to messages in this format is read as this format.
        keys: the keys of a message that ``read`` reads, besides those of every format; any other key is an
            unknown part.
    """

    name: str
    recognises: Callable[[WireMessage], bool]
    read: Callable[[WireMessage], Draft]
    part_readers: tuple[ReadPart, ...] = ()
    listed_readers: tuple[ReadListed, ...] = ()
    reads_plain_text: bool = False
    keys: Keys = field(default_factory=dict)
