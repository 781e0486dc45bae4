"""Text in a terminal's columns, where a wide character (CJK, emoji) takes two of them."""

from __future__ import annotations


def width_of(text: str) -> int:
    """Columns that ``text`` takes, as prompt_toolkit counts them when it draws."""
    from prompt_toolkit.utils import get_cwidth

    return sum(map(get_cwidth, text))


def cut(text: str, columns: int) -> str:
    """As much of ``text`` as fits into ``columns``, an ellipsis at its end when something is missing.

    >>> cut("日本語", 4)
    '日…'
    """
    return text if width_of(text) <= columns else _beginning(text, columns - 1) + "…"


def wrapped(text: str, columns: int, indent: str = "  ") -> str:
    """All of ``text`` in lines of at most ``columns``, broken between words; lines but the first indented."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if width_of(joined) <= columns:
            lines[-1] = joined
            continue
        if lines[-1].strip():
            lines.append(indent)
        while width_of(lines[-1] + word) > columns:
            # A word longer than a line; a character at least, however narrow the terminal is.
            piece = _beginning(word, columns - width_of(lines[-1])) or word[0]
            lines[-1] += piece
            lines.append(indent)
            word = word[len(piece) :]
        lines[-1] += word
    return "\n".join(lines).rstrip()


def _beginning(text: str, columns: int) -> str:
    for end, character in enumerate(text):
        columns -= width_of(character)
        if columns < 0:
            return text[:end]
    return text
