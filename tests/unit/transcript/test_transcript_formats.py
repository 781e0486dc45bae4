"""The table of wire formats: one row is all that a new format needs."""

from __future__ import annotations

import pytest

from puffle_jupyter.json_value import JsonKind, JsonValue
from puffle_jupyter.transcript import formats
from puffle_jupyter.transcript.calls.observed import Draft, ToolObservation
from puffle_jupyter.transcript.formats import WireFormat
from puffle_jupyter.transcript.formats.fields import WireMessage, WirePart, text_of
from puffle_jupyter.transcript.formats.parts import read_parts
from puffle_jupyter.transcript.model import Message, TextPart
from tests.support.transcripts import transcript_of


def _recognises(message: WireMessage) -> bool:
    return "utterance" in message.fields


def _read(message: WireMessage) -> Draft:
    parts = read_parts([WirePart(message.fields["utterance"])], _read_part)
    return Draft("assistant", parts, message.raw, "Invented message")


def _read_part(part: WirePart) -> TextPart | None:
    text = text_of(part.fields, "spoken")
    return None if text is None else TextPart(text, part.raw)


def _read_listed(item: WirePart) -> ToolObservation | None:
    name = text_of(item.fields, "verb")
    return None if name is None else ToolObservation(item.raw, name, None, is_call=True)


def test_a_row_adds_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row makes a format's messages, its parts in other messages, and its listed calls readable."""
    keys = {"utterance": frozenset({JsonKind.OBJECT})}
    row = WireFormat("Invented message", _recognises, _read, (_read_part,), (_read_listed,), keys=keys)
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, row))
    messages = [{"utterance": {"spoken": "first"}}, {"role": "user", "content": [{"spoken": "second"}]}]
    transcript = transcript_of(messages, [{"verb": "fly"}])
    assert [message.format for message in transcript.messages] == ["Invented message", "AI SDK model message"]
    texts = [part.text for m in transcript.messages for part in m.parts if isinstance(part, TextPart)]
    assert (texts, [call.name for call in transcript.tool_calls]) == (["first", "second"], ["fly"])
    assert transcript.ledger.unknown == 0


def test_every_format_has_its_own_name() -> None:
    """`Message.format` identifies the format that a message was read in."""
    names = [row.name for row in formats.FORMATS]
    assert len(set(names)) == len(names)


def test_the_former_name_of_a_messages_format_is_deprecated() -> None:
    """`Message.shape` still gives the format, and says what it is called now."""
    message = Message("user", (), JsonValue.of({}), "Invented message")
    with pytest.warns(DeprecationWarning, match=r"Message\.format"):
        assert message.shape == message.format == "Invented message"
