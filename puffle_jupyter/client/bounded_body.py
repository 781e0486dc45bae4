"""A body as it arrives: decoded and counted piece by piece, refused before it can fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from ..errors import UnreadableAnswer

_ENCODINGS = ("identity", "gzip")
_PIECE = 64 * 1024
_KEPT = 8 * 1024 * 1024
"""Decoded bytes of a gzip body that are kept while it may still be a bomb."""


class Body:
    """Collects a body of at most ``limit`` bytes, both on the wire and decoded.

    497 bytes of gzip can hold 200 MiB, and nothing tells so beforehand. A gzip body that grows beyond
    8 MiB is therefore only counted until its end has come, and decoded then.

    Args:
        headers: of the answer, names in lower case.
        limit: bytes.

    Raises:
        UnreadableAnswer: from any method: too large, cut off, or encoded as was not asked for.
    """

    def __init__(self, headers: Mapping[str, str], limit: int) -> None:
        self._limit = limit
        self._wire: list[bytes] = []
        self._received = 0
        self._decoded: list[bytes] = []
        self._size = 0
        encoding = headers.get("content-encoding", "").strip().lower() or "identity"
        if encoding not in _ENCODINGS:
            raise _unreadable(f"is encoded as {ascii(encoding)[:40]}, which was not asked for")
        self._gzip = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise self._too_large()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the wire."""
        self._received += len(data)
        if self._received > self._limit:
            raise self._too_large()
        self._wire.append(data)
        if self._gzip is None:
            return
        while True:
            piece = self._gzip.decompress(data, _PIECE)
            self._count(piece)
            data = self._gzip.unconsumed_tail
            if not data and len(piece) < _PIECE:
                break
        self._check_nothing_follows(self._gzip.unused_data)

    def finish(self) -> bytes:
        """The decoded body, now that the wire has ended."""
        if self._gzip is None:
            return b"".join(self._wire)
        self._check_whole(self._gzip.eof)
        if self._size > _KEPT:
            return zlib.decompress(b"".join(self._wire), 16 + zlib.MAX_WBITS, self._size)
        return b"".join(self._decoded)

    def _count(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise self._too_large()
        if self._size <= _KEPT:
            self._decoded.append(piece)
        else:
            self._decoded.clear()

    def _check_nothing_follows(self, rest: bytes) -> None:
        if rest:  # one member is all that was asked for, and zlib would collect the rest without a limit
            raise _unreadable("goes on behind its end")

    def _check_whole(self, ended: bool) -> None:
        if not ended:
            raise _unreadable("is cut off")

    def _too_large(self) -> UnreadableAnswer:
        return _unreadable(f"is larger than {self._limit:,} bytes")


def _unreadable(problem: str) -> UnreadableAnswer:
    return UnreadableAnswer(f"Puffle's answer {problem}.", status_code=200)
