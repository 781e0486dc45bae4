"""When a run was, as far as the answer about it tells: nothing is known but what was sent."""

from __future__ import annotations

import re

from ..json_value import JsonValue
from ..run_data import RunData
from ..transcript.model import Message
from ..transcript.read import read
from ..untrusted import plain_label

_KEYS = (
    ("created", ("createdAt", "created_at")),
    ("started", ("startedAt", "started_at")),
    ("ended", ("finishedAt", "finished_at", "completedAt", "completed_at", "endedAt", "ended_at")),
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.,+Zz-]{0,20})?", re.ASCII)


def times_words(run: RunData) -> str:
    """``created 2026-03-01T09:30:06Z · messages to 2026-03-01T09:31:00Z``; "" when no date was sent."""
    said = [f"{word} {date}" for word, keys in _KEYS if (date := _date(run.body, keys))]
    messages = read(run.body).messages
    dates = [_date(message.raw, _KEYS[0][1]) for message in _first_and_last(messages)]
    if any(dates):
        said.append("messages " + " to ".join(dict.fromkeys(filter(None, dates))))
    return " · ".join(said)


def _first_and_last(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    return (messages[0], messages[-1]) if messages else ()


def _date(value: JsonValue, keys: tuple[str, ...]) -> str:
    members = value.members()
    for key in keys:
        text = members[key].string if key in members else None
        if text is not None and _DATE.fullmatch(text):
            return plain_label(text)
    return ""
