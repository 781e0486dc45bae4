"""The parts of a message that is being streamed: each grows, and gives its JSON when asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..json_value import JsonValue
from .formats.fields import Fields
from .stream_chunk import text_value


def object_of(fields: Iterable[tuple[str, JsonValue | None]]) -> JsonValue:
    """An object of those ``fields`` that are there, values exactly as sent, in this order."""
    pieces: list[bytes] = []
    for key, value in fields:
        if value is not None:
            pieces += (b",", JsonValue.of(key).encoded, b":", value.encoded)
    return JsonValue(b"".join([b"{", *pieces[1:], b"}"]))  # one copy, however large the values are


class StreamedPart:
    """A part of the message, as far as it has come.

    Attributes:
        removed: whether the message has it no more, because its step was begun again.
    """

    def __init__(self) -> None:
        self._raw: JsonValue | None = None
        self.removed = False

    def json(self) -> JsonValue:
        """The part as it is now, made once for each state of it."""
        if self._raw is None:
            self._raw = self._make()
        return self._raw

    def ending(self, characters: int) -> JsonValue:
        """The part as it is now; of what is being written, the last ``characters`` or a few less."""
        return self.json()

    def _make(self) -> JsonValue:
        raise NotImplementedError


class WholePart(StreamedPart):
    """A part that came whole: it is its chunk, as it was sent."""

    def __init__(self, raw: JsonValue) -> None:
        super().__init__()
        self._raw = raw

    def replace(self, name: str, value: JsonValue) -> None:
        """Put ``value`` in the place of the field ``name``."""
        fields = self.json().members()
        fields[name] = value
        self._raw = object_of(fields.items())


class TextInProgress(StreamedPart):
    """A text or a reasoning, of which the pieces come one after the other.

    Args:
        kind: the part's type.
        id: the stream's id of it, where the part has one.
    """

    def __init__(self, kind: str, id: JsonValue | None = None) -> None:
        super().__init__()
        self._kind = JsonValue.of(kind)
        self._id = id
        self._pieces: list[str] = []
        self._length = 0
        self._metadata: JsonValue | None = None
        self._state = _STREAMING

    def add(self, text: str, metadata: JsonValue | None) -> None:
        """Take the next piece."""
        if text:
            self._pieces.append(text)
            self._length += len(text)
        self._changed(metadata)

    def end(self, metadata: JsonValue | None) -> None:
        """The text is whole."""
        self._state = _DONE
        self._changed(metadata)

    def ending(self, characters: int) -> JsonValue:
        """See `StreamedPart.ending`; the cost depends on ``characters``, not on the text."""
        if self._length <= characters:
            return self.json()
        text = _last_of(self._pieces, characters)
        start = text.find("\n\n") + 2  # at a paragraph, where one begins in the first half
        shown = text[start:] if 2 <= start <= len(text) // 2 else f"… {text}"
        return object_of([("type", self._kind), ("text", text_value([shown])), ("state", self._state)])

    def _changed(self, metadata: JsonValue | None) -> None:
        self._metadata = self._metadata if metadata is None else metadata
        self._raw = None

    def _make(self) -> JsonValue:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return object_of(
            [
                ("type", self._kind),
                ("id", self._id),
                ("text", text_value(self._pieces)),
                ("providerMetadata", self._metadata),
                ("state", self._state),
            ]
        )


def _last_of(pieces: Sequence[str], characters: int) -> str:
    """The last ``characters`` of ``pieces`` together; the cost does not depend on the others."""
    last, left = [], characters
    for piece in reversed(pieces):
        last.append(piece[-left:])
        if (left := left - len(piece)) <= 0:
            break
    return "".join(reversed(last))


_STREAMING, _DONE = JsonValue.of("streaming"), JsonValue.of("done")


# The order in which the SDK writes the fields of a call that began in the stream.
_STATIC = (
    *("type", "toolCallId", "state", "title", "toolMetadata", "input", "output", "rawInput", "errorText"),
    *("providerExecuted", "preliminary", "callProviderMetadata", "approval", "resultProviderMetadata"),
)
_DYNAMIC = (
    *("type", "toolName", "toolCallId", "state", "input", "output", "errorText", "preliminary"),
    *("providerExecuted", "title", "toolMetadata", "callProviderMetadata", "rawInput", "approval"),
    "resultProviderMetadata",
)


class CallInProgress(StreamedPart):
    """A tool call: its arguments as they are written, then its approval, its result or its error.

    While arguments are being written they are a text that is no whole JSON yet: it is kept as ``rawInput``.

    Attributes:
        step: the number of the step that it began in.
    """

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self._fields = dict(fields)
        self.step = 0
        self._pieces: list[str] = []
        self._length = 0
        kind = fields.get("type")
        self.is_dynamic = kind is not None and kind.string == "dynamic-tool"
        self._order: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, call_id: JsonValue, *, dynamic: bool) -> CallInProgress:
        """A call of the tool ``name`` that begins."""
        kind = "dynamic-tool" if dynamic else f"tool-{name}"
        fields = {"type": JsonValue.of(kind), "toolCallId": call_id}
        call = cls({**fields, "toolName": JsonValue.of(name)} if dynamic else fields)
        call._order = _DYNAMIC if dynamic else _STATIC
        return call

    def __getitem__(self, name: str) -> JsonValue | None:
        return self._fields.get(name)

    @property
    def name(self) -> str:
        """The name of the tool."""
        named = self["toolName"] if self.is_dynamic else self["type"]
        text = (named.string if named is not None else None) or ""
        return text if self.is_dynamic else text.removeprefix("tool-")

    @property
    def state(self) -> str:
        """How far the call is, in the SDK's words."""
        state = self["state"]
        return (state.string if state is not None else None) or ""

    def write_input(self, text: str) -> None:
        """Take the next piece of the arguments."""
        self._pieces.append(text)
        self._length += len(text)
        self._raw = None

    def ending(self, characters: int) -> JsonValue:
        """See `StreamedPart.ending`: of arguments that are being written, the last ones."""
        if self._length <= characters:
            return self.json()
        return self._object([f"… {_last_of(self._pieces, characters)}"])

    def set(self, state: str | None = None, **fields: JsonValue | None) -> None:
        """Set the state and those ``fields`` that are there."""
        if state is not None:
            self._fields["state"] = JsonValue.of(state)
        self._fields |= {key: value for key, value in fields.items() if value is not None}
        if fields.get("input") is not None or fields.get("rawInput") is not None:
            self._pieces.clear()
            self._length = 0
        self._raw = None

    def drop(self, *names: str) -> None:
        """Take the fields ``names`` away."""
        for name in names:
            self._fields.pop(name, None)
        self._raw = None

    def _make(self) -> JsonValue:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._object(self._pieces)

    def _object(self, written: list[str]) -> JsonValue:
        """The part with the arguments that are ``written`` so far."""
        fields = self._fields
        if written:
            fields = {**fields, "rawInput": text_value(written)}
        others = [(key, value) for key, value in fields.items() if key not in self._order]
        return object_of([*((key, fields.get(key)) for key in self._order), *others])
