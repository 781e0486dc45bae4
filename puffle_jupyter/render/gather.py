"""Very many unknown parts in a row, each of a few bytes, are shown as one: a list of them all.

A megabyte can hold 450,000 of them. One by one they are a page of 250 MB, which nobody can open; as one list
they are as complete, and a few megabytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..json_value import JsonValue
from ..transcript.model import Message, Part, UnknownPart
from .words import count_words

MANY = 1_000
"""In a row and alike: fewer are shown one by one."""


def gathered(messages: Iterable[Message]) -> Iterator[tuple[int, Message]]:
    """The messages to show, and how many messages each of them is."""
    for (role, label), alike in itertools.groupby(messages, _kind):
        group = list(alike)
        if label is not None and len(group) >= MANY:
            parts = [part for message in group for part in message.parts]
            yield len(group), Message(role, (_list(label, parts),), group[0].raw, group[0].format)
            continue
        for message in group:
            is_long = len(message.parts) >= MANY
            yield 1, replace(message, parts=_parts(message.parts)) if is_long else message


def _kind(message: Message) -> tuple[str, str | None]:
    """The role, and the label of the one unknown part that the message is; None when it is anything else."""
    return message.role, _label(message.parts[0]) if len(message.parts) == 1 else None


def _parts(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    shown: list[Part] = []
    for label, alike in itertools.groupby(parts, _label):
        group = list(alike)
        shown += group if label is None or len(group) < MANY else [_list(label, group)]
    return tuple(shown)


def _label(part: Part) -> str | None:
    return part.label if isinstance(part, UnknownPart) else None


def _list(label: str, parts: Iterable[Part]) -> UnknownPart:
    values = [part.raw.encoded for part in parts]
    return UnknownPart(
        f"{label}, {count_words(len(values), 'time')} in a row", JsonValue(b"[" + b",".join(values) + b"]")
    )
