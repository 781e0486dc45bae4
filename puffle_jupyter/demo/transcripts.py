"""The recorded transcripts that completed runs answer with (recorded by ``tests/recordings``)."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

PLACEHOLDER = "{message}"
"""Stands in the recording for what the user of a started run wrote."""


@functools.cache
def _recorded(name: str) -> str:
    file = resources.files(__package__) / "transcripts" / f"{name}.json"
    return file.read_text(encoding="utf-8")


def load_transcript(name: str, message: str | None = None) -> dict[str, Any]:
    """What a completed run says.

    Args:
        name: the recording, such as ``run_abc``.
        message: what the user wrote, put where the recording holds `PLACEHOLDER`.

    Returns:
        ``{"text": str, "messages": list, "toolCalls": list}``, the caller's own to change.
    """
    recording = json.loads(_recorded(name))
    if message is not None:
        for said in recording["messages"]:
            if said["content"] == PLACEHOLDER:
                said["content"] = message
    return {key: recording[key] for key in ("text", "messages", "toolCalls")}
