"""The recorded transcripts that completed runs answer with (recorded by ``tests/recordings``)."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

PLACEHOLDER, TASK = "{message}", "{task}"
"""Stand in the recording for what the user of a started run wrote: all of it, and its beginning in a line."""

_LONGEST_TASK = 100


@functools.cache
def _recorded(name: str) -> str:
    file = resources.files(__package__) / "transcripts" / f"{name}.json"
    return file.read_text(encoding="utf-8")


def load_transcript(name: str, message: str | None = None) -> dict[str, Any]:
    """What a completed run says.

    Args:
        name: the recording, such as ``run_abc``.
        message: what the user wrote, put where the recording holds a placeholder, or else in place of what
            the user wrote there first.

    Returns:
        ``{"text": str, "messages": list, "toolCalls": list}``, the caller's own to change.
    """
    said = json.loads(_recorded(name))
    if message is not None:
        said = fill_in(said, message)
        next(one for one in said["messages"] if one["role"] == "user")["content"] = message
    return {key: said[key] for key in ("text", "messages", "toolCalls")}


def fill_in(recorded: Any, message: str) -> Any:
    """``recorded``, with what the user wrote in the place of each placeholder.

    Arguments that are still being written (``inputTextDelta``) are JSON in a text, and get it escaped.
    """
    line = " ".join(message.split())
    task = line if len(line) <= _LONGEST_TASK else line[: _LONGEST_TASK - 1] + "…"
    return _filled(recorded, {TASK: task, PLACEHOLDER: message})


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):  # in one pass: the message may hold either
        return re.sub(r"\{(?:task|message)\}", lambda found: words[found[0]], value)
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
    if isinstance(value, dict):
        escaped = {name: json.dumps(text)[1:-1] for name, text in words.items()}
        return {
            key: _filled(item, escaped if key == "inputTextDelta" else words) for key, item in value.items()
        }
    return value
