"""The transcripts read last: reading some megabytes takes a third of a second, and views ask for it often."""

from __future__ import annotations

import threading
from collections import OrderedDict

from ..json_value import JsonValue
from .model import Transcript

LIMIT = 32 * 1024 * 1024
"""Bytes of answers whose transcripts are remembered."""


class ReadCache:
    """Transcripts by the answer they were read from, the one used last at the end. For any thread.

    Args:
        limit: bytes of all remembered answers together; a longer answer is not remembered.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.RLock()
        self._known: OrderedDict[JsonValue, Transcript] = OrderedDict()
        self._size = 0

    def get(self, body: JsonValue) -> Transcript | None:
        """The transcript of ``body``; None when it is not remembered."""
        with self._lock:
            if body in self._known:
                self._known.move_to_end(body)
            return self._known.get(body)

    def put(self, body: JsonValue, transcript: Transcript) -> Transcript:
        """Remember ``transcript``, and forget as many of the others as there is no room for."""
        with self._lock:
            if body not in self._known and len(body.encoded) <= self._limit:
                self._known[body] = transcript
                self._size += len(body.encoded)
            while self._size > self._limit:
                oldest, _ = self._known.popitem(last=False)
                self._size -= len(oldest.encoded)
        return transcript
