"""UI message streams: the recorded ones, the message that the SDK built from each, and mutations of them."""

from __future__ import annotations

import copy
import functools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.transcript.stream import StreamedMessage
from tests.support.paths import RECORDINGS


@dataclass(frozen=True)
class RecordedStream:
    """A stream as the SDK's server sent it, and the message that the SDK's client built from it."""

    name: str
    text: str
    base: Any
    message: Any

    @property
    def data(self) -> list[str]:
        """The data of each event but the last, ``[DONE]``."""
        events = self.text.split("\n\n")
        return [event.removeprefix("data: ") for event in events if event and event != "data: [DONE]"]


@functools.cache
def recorded_streams() -> dict[str, RecordedStream]:
    """Every recorded stream of the versions 5 to 7 by its version and name."""
    found: dict[str, RecordedStream] = {}
    for version in (5, 6, 7):
        file = RECORDINGS / f"ai{version}-streams.json"
        for entry in json.loads(file.read_text(encoding="utf-8"))["recordings"]:
            name = f"ai{version} {entry['name']}{' continued' if 'base' in entry else ''}"
            text = entry.get("stream") or (RECORDINGS / entry["file"]).read_text(encoding="utf-8")
            found[name] = RecordedStream(name, text, entry.get("base"), entry["message"])
    return found


def built(data: list[str], base: Any = None) -> StreamedMessage:
    """The message that these events build."""
    message = StreamedMessage(None if base is None else JsonValue.of(base))
    for one in data:
        message.add(one)
    return message


def built_from(*chunks: Any, base: Any = None) -> Any:
    """The message that these chunks build, as Python."""
    return built([json.dumps(chunk) for chunk in chunks], base).json().python()


def mutated(chunks: list[Any], chance: random.Random) -> list[Any]:
    """``chunks`` with some left out, doubled, moved, or with other values."""
    chunks = copy.deepcopy(chunks)
    for _ in range(chance.randint(1, 4)):
        if not chunks:
            break
        place = chance.randrange(len(chunks))
        match chance.randrange(5):
            case 0:
                del chunks[place]
            case 1:
                chunks.insert(chance.randrange(len(chunks)), copy.deepcopy(chunks[place]))
            case 2:
                chunks.insert(chance.randrange(len(chunks)), chunks.pop(place))
            case _:
                chunks[place] = _changed(chunks[place], chance)
    return chunks


_VALUES: tuple[Any, ...] = (
    None,
    0,
    1.5,
    True,
    "",
    "call-1",
    "0",
    [],
    {},
    ["x"],
    {"a": {"b": None}},
    "\ud83e",
    "text-delta",
)


def _changed(chunk: Any, chance: random.Random) -> Any:
    if not isinstance(chunk, dict) or not chunk or chance.random() < 0.1:
        return chance.choice(_VALUES)
    key = chance.choice(list(chunk))
    changed = dict(chunk)
    match chance.randrange(3):
        case 0:
            del changed[key]
        case 1:
            changed[key] = chance.choice(_VALUES)
        case _:
            changed[chance.choice(("id", "toolCallId", "input", "state", "strange"))] = changed.pop(key)
    return changed


def lost(chunks: list[Any], message: Any) -> Iterator[Any]:
    """What these chunks carried that is not in the message, but for what the protocol itself takes back."""
    texts: list[str] = []
    values: list[Any] = []
    for value in _every(message):
        if isinstance(value, str):
            texts.append(value)
        else:
            values.append(value)
    encoded = {json.dumps(value, sort_keys=True) for value in [*texts, *values]}
    whole = "\n".join(texts)
    for chunk in chunks:
        for payload in _payloads(chunk):
            words = payload.replace("\ud83e", "\ufffd") if isinstance(payload, str) else payload
            known = json.dumps(words, sort_keys=True) in encoded
            if not known and not (isinstance(words, str) and words in whole):
                yield payload


def _payloads(chunk: Any) -> Iterator[Any]:
    if not isinstance(chunk, dict):
        yield chunk
        return
    kind = chunk.get("type")
    if kind in ("text-delta", "reasoning-delta"):
        yield chunk.get("delta", "")
    elif kind in ("tool-input-available", "tool-input-error"):
        yield from (chunk[key] for key in ("input", "errorText") if key in chunk and _is_used(kind, key))
    elif kind == "tool-output-available" and chunk.get("preliminary") is not True and "output" in chunk:
        yield chunk["output"]
    elif kind == "tool-output-error":
        yield chunk.get("errorText", "")


def _is_used(kind: str, key: str) -> bool:
    """Whether a chunk of this type gives its call this field."""
    return key == "input" or kind == "tool-input-error"


def _every(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from _every(item)
    elif isinstance(value, list):
        for item in value:
            yield from _every(item)
