"""The recorded transcripts that completed runs answer with (recorded by ``tests/recordings``)."""

from __future__ import annotations

import functools
import json
import re
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
    recording = _recorded(name)
    if message is not None:
        line = " ".join(message.split())
        task = line if len(line) <= _LONGEST_TASK else line[: _LONGEST_TASK - 1] + "…"
        words = {TASK: json.dumps(task)[1:-1], PLACEHOLDER: json.dumps(message)[1:-1]}
        # In one pass: the message may hold either.
        recording = re.sub(r"\{(?:task|message)\}", lambda found: words[found[0]], recording)
    said = json.loads(recording)
    if message is not None:
        next(one for one in said["messages"] if one["role"] == "user")["content"] = message
    return {key: said[key] for key in ("text", "messages", "toolCalls")}
