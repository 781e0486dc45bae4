"""What a message says about itself: when it was made, and the tokens that its provider counted.

Read where it is documented, and nowhere else: ``createdAt`` of the AI SDK's UI messages (version 4) and of
Puffle's rows, ``usage`` of Anthropic, and of ``metadata`` what the AI SDK documents for it: ``createdAt``,
``totalTokens`` and ``usage``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ...json_value import JsonKind, JsonValue
from ..model import Usage
from .fields import Fields

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = range(10**11, 10**14)
"""Times as JavaScript counts them, of the years 1973 to 5138: a smaller number may be anything."""
_LARGEST = 2**63
_LONGEST = 40  # characters of a time
_INPUT = ("inputTokens", "input_tokens", "promptTokens", "prompt_tokens")
_OUTPUT = ("outputTokens", "output_tokens", "completionTokens", "completion_tokens")
_TOTAL = ("totalTokens", "total_tokens")


def read_created_at(fields: Fields) -> datetime | None:
    """When the message with these ``fields`` was made, in UTC; None where it does not say, or has no zone."""
    return _time(fields.get("createdAt")) or _time(_metadata(fields).get("createdAt"))


def read_usage(fields: Fields) -> Usage | None:
    """The tokens of the message with these ``fields``; None where nobody counted them."""
    metadata = _metadata(fields)
    for place in (fields, metadata):
        if "usage" in place and (usage := _usage(place["usage"].members())) is not None:
            return usage
    return _usage({key: value for key, value in metadata.items() if key == "totalTokens"})


def _metadata(fields: Fields) -> Fields:
    return fields["metadata"].members() if "metadata" in fields else {}


def _usage(counts: Fields) -> Usage | None:
    usage = Usage(*(_count(counts, keys) for keys in (_INPUT, _OUTPUT, _TOTAL)))
    return None if usage == Usage() else usage


def _count(counts: Fields, keys: tuple[str, ...]) -> int | None:
    for key in keys:
        number = _whole_number(counts.get(key))
        if number is not None and 0 <= number < _LARGEST:
            return number
    return None


def _whole_number(value: JsonValue | None) -> int | None:
    if value is None or value.kind is not JsonKind.NUMBER:
        return None
    number = value.python()
    return number if isinstance(number, int) else None


def _time(value: JsonValue | None) -> datetime | None:
    if value is None:
        return None
    if (number := _whole_number(value)) is not None:
        return _EPOCH + timedelta(milliseconds=number) if number in _MILLISECONDS else None
    text = value.string or ""
    try:
        time = datetime.fromisoformat(text) if len(text) <= _LONGEST else None
        return None if time is None or time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
