"""The message behind ``puffle_chat``: taken from its line, filled in where that is asked for.

Imported with the extension: nothing heavy here.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from ..asking.template import NoSuchName, fill

_WORD = re.compile(r"\s*(\S+)")
_OPTION = re.compile(r"--?[A-Za-z]")
_LONG_TEXT = re.compile(r"\"\"\"|'''")
_QUESTION = re.compile(r"\s*(?:[\w\s,.\[\]]+=)?\s*%puffle_chat\s+\S.*\?\s*$", re.DOTALL)


def split_line(parser: argparse.ArgumentParser, line: str) -> tuple[str, str]:
    """The options at the beginning of ``line``, and the message behind them exactly as it was typed.

    What is no option, or what follows ``--``, begins the message: so it may hold quotes, dashes and signs.
    """
    end = 0
    takes_value = False
    while (word := _WORD.match(line, end)) is not None:
        if word[1] == "--":
            return line[: word.start()], line[word.end() :].strip()
        if not takes_value and not _OPTION.match(word[1]):
            break
        takes_value = not takes_value and _takes_value(parser, word[1])
        end = word.end()
    return line[:end], line[end:].strip()


def _takes_value(parser: argparse.ArgumentParser, option: str) -> bool:
    """Whether the word behind ``option`` is its value."""
    for action in parser._actions:
        if option in action.option_strings:
            return action.nargs is None
    return False


def filled(message: str, variables: Mapping[str, Any]) -> str:
    """``message`` with ``{name}`` replaced by the variable of this name; ``{{`` and ``}}`` are braces.

    Raises:
        InvalidMessage: there is no such variable, or the braces cannot be read. Nothing was sent.
    """
    from ..errors import InvalidMessage

    try:
        return fill(message, variables)
    except NoSuchName as missing:
        (name,) = missing.args
        shown = ascii(name)[1:-1][:60] if isinstance(name, str) else str(name)
        raise InvalidMessage(
            f"The message names {{{shown}}}, and there is no variable of this name. Nothing was sent. "
            "Define it first; -f fills in names, not expressions. For a brace in the text, write {{ or }}."
        ) from None
    except Exception as error:  # a single brace, an unknown attribute, a variable's own __format__
        raise InvalidMessage(
            f"The message cannot be filled in ({type(error).__name__}). Nothing was sent. "
            "With -f, write {{ for { and }} for }."
        ) from None


def keep_question_marks(lines: list[str]) -> list[str]:
    """Let a message end in a question mark: IPython would take the line for a question of its own.

    For `InteractiveShell.input_transformers_cleanup`. A ``;`` behind the mark is enough, and is dropped by
    the magic. ``%puffle_chat?`` still shows the help.
    """
    if not any("%puffle_chat" in line for line in lines) or lines[0].startswith("%%"):
        return lines
    kept, in_text = [], False
    for line in lines:
        is_question = not in_text and _QUESTION.match(line)
        kept.append(f"{line.rstrip()};\n" if is_question else line)
        in_text ^= bool(len(_LONG_TEXT.findall(line)) % 2)
    return kept
