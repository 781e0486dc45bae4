"""JSON that is nested deeply: whether laying it out would be too much, and reading it without recursion.

Indented, 400 kB that are nested 900 levels deep are 360 MB. And what a parser could read from a shallow
stack, a deeper one has no room for. All of this goes through the text once, with no call inside another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from .json_scrub import quiet

LEVELS = 8
"""Levels that are laid out of what is nested too deeply."""

_GROWTH = 8
"""How many times as long as it was sent a value may be laid out: ordinary ones are two or three times so."""

_SHORT = 2_000
"""Bytes that are laid out before anybody asks: they cannot become more than a megabyte."""

_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'"{}[],'))
_OPENING, _CLOSING = frozenset({b"[", b"{"}), frozenset({b"]", b"}"})
_TOKEN = re.compile(rb'"[^"]*"|\[\]|\{\}|[\[\]{},:]')
_PIECE = re.compile(rb'"[^"]*"|[\[\]{}]|[^"\[\]{}]+')
_SPACE = b" \t\r\n"
_BETWEEN = ",: \t\r\n"


def laid_out(encoded: bytes) -> bytes | None:
    """``encoded`` over several lines; None when that may be more than `_GROWTH` times as long.

    Raises:
        RecursionError: the caller's stack has no room for it.
    """
    if len(encoded) > _SHORT and _is_too_deep(encoded):
        return None
    text = msgspec.json.format(encoded, indent=2)
    return text if len(text) <= max(_SHORT, _GROWTH * len(encoded)) else None


def _is_too_deep(encoded: bytes) -> bool:
    """Whether its levels times its lines are too many, found by searches that run in C."""
    structure = quiet(encoded).translate(_AS_BRACKETS, _NOT_STRUCTURE)
    openings = structure.count(b"[")
    lines = structure.count(b",") + 2 * openings
    levels = _GROWTH * len(encoded) // (2 * lines + 1)
    return openings > levels and not _is_within(structure, levels)


def _is_within(structure: bytes, levels: int) -> bool:
    """Whether what has this structure, its brackets and quotes, has no more than so many ``levels``."""
    # Most strings are `""` here. Without those, the strings that hold brackets are left.
    structure = structure.translate(None, b",").replace(b'""', b"")
    if b'"' in structure:
        structure = b"".join(structure.split(b'"')[::2])
    for _ in range(levels):
        if not structure:
            return True
        structure = structure.replace(b"[]", b"")
    return not structure


def first_levels(encoded: bytes, levels: int = LEVELS) -> bytes:
    """``encoded`` with its first ``levels`` over several lines; below them it stays as it came."""
    pieces, depth, done = [], 0, 0
    for token in _TOKEN.finditer(quiet(encoded)):
        kind = token[0]
        if kind in _CLOSING:
            depth -= 1
            if depth < levels:
                pieces += [encoded[done : token.start()].strip(_SPACE), _line(depth)]
                done = token.start()
        elif kind in _OPENING:
            depth += 1
            if depth <= levels:
                pieces += [encoded[done : token.end()].strip(_SPACE), _line(depth)]
                done = token.end()
        elif depth <= levels and kind in (b",", b":"):
            pieces += [encoded[done : token.end()].strip(_SPACE), _line(depth) if kind == b"," else b" "]
            done = token.end()
    return b"".join([*pieces, encoded[done:].strip(_SPACE)])


def _line(depth: int) -> bytes:
    return b"\n" + b"  " * depth


def children(encoded: bytes) -> list[bytes]:
    """What is in the array or object ``encoded``: its items, or its keys and values in turn."""
    found, depth, done = [], 0, 1
    for token in _TOKEN.finditer(quiet(encoded)):
        kind = token[0]
        if kind in _OPENING:
            depth += 1
            continue
        if depth == 1 and kind in (b",", b":", b"]", b"}"):
            found.append(encoded[done : token.start()].strip(_SPACE))
            done = token.end()
        if kind in _CLOSING:
            depth -= 1
    return [child for child in found if child]


def python(encoded: bytes, parse_int: Callable[[str], object] = int) -> Any:
    """``encoded`` as Python objects, as ``json.loads`` gives them; it reads what is not nested here too."""
    read = json.JSONDecoder(parse_int=parse_int).decode
    around: list[Any] = []
    here: Any = []  # what is being filled: to begin with, a list for the value itself
    key: str | None = None
    for piece in _PIECE.finditer(quiet(encoded)):
        kind = piece[0]
        if kind in _CLOSING:
            here, key = around.pop(), None
            continue
        values = _values(kind, encoded[piece.start() : piece.end()].decode(), read)
        for value in values:
            if isinstance(here, list):
                here.append(value)
            elif key is None:
                key = value
            else:
                here[key], key = value, None
        if kind in _OPENING:
            around.append(here)
            here, key = values[0], None
    return here[0]


def _values(kind: bytes, sent: str, read: Callable[[str], Any]) -> list[Any]:
    """What a bracket, a string, or all that is between two of those begins or holds."""
    if kind in _OPENING:
        return [[] if kind == b"[" else {}]
    if sent[0] == '"':
        return [read(sent)]
    sent = sent.strip(_BETWEEN)
    return read(f"[{sent}]") if sent else []
