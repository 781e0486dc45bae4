"""Which keys a message may have: each format declares its own, and any other key is an unknown part.

A key is known together with the kinds of values that its reader takes, so that a value of another kind, which
would be read as nothing, is unknown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ...json_value import JsonKind
from ..model import UnknownPart
from .beside import BESIDE
from .fields import WireMessage

Keys: TypeAlias = Mapping[str, frozenset[JsonKind]]
"""The keys of a message, each with the kinds of JSON that are read there."""

ANY = frozenset(JsonKind)
TEXT = frozenset({JsonKind.STRING})
TEXT_OR_NUMBER = frozenset({JsonKind.STRING, JsonKind.NUMBER})
OBJECT = frozenset({JsonKind.OBJECT})
ARRAY = frozenset({JsonKind.ARRAY})
BOOLEAN = frozenset({JsonKind.BOOLEAN})

ENVELOPE: Keys = {
    "role": TEXT,
    "id": TEXT_OR_NUMBER,
    "type": TEXT,
    "name": TEXT,
    "status": TEXT,
    "createdAt": TEXT_OR_NUMBER,
    "metadata": OBJECT,
    "revisionId": TEXT,
    "providerOptions": OBJECT,
    "providerMetadata": OBJECT,
    "experimental_providerMetadata": OBJECT,
    "model": TEXT,
    "usage": OBJECT,
    "stop_reason": TEXT,
    "stop_sequence": TEXT,
    "finish_reason": TEXT,
}
"""What a message of any format may say about itself: a message with nothing else is empty, not unknown."""

EMPTY = (b"null", b'""', b"[]", b"{}")
"""Values that say nothing: they are no parts."""

_IN_EVERY_FORMAT: Keys = {**ENVELOPE, "content": ANY, **dict.fromkeys(BESIDE, ANY)}


def unread(message: WireMessage, keys: Keys) -> list[UnknownPart]:
    """The members of ``message`` that nobody reads, labelled with their keys.

    Args:
        message: a message that has been read.
        keys: what its format declares.
    """
    return [
        UnknownPart(key, value)
        for key, value in message.fields.items()
        if not _is_known(key, value.kind, keys) and value.encoded not in EMPTY
    ]


def _is_known(key: str, kind: JsonKind, keys: Keys) -> bool:
    return kind in (_IN_EVERY_FORMAT.get(key) or keys.get(key) or ())


def is_empty(message: WireMessage) -> bool:
    """Whether ``message`` says nothing but facts about itself."""
    return all(key in ENVELOPE or value.encoded in EMPTY for key, value in message.fields.items())
