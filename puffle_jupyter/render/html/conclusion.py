"""What a run came to: how it ended, and its answer. Whole, or its beginning with the rest one click away."""

from __future__ import annotations

from ...transcript.answer import Answer
from ..limits import Limits, above_words, fitted
from ..outline import Outline
from ..words import count_words
from . import markdown, style
from .beginning import beginning, rows_in_beginning
from .block import state_fold
from .escape import escaped
from .fold import details, left_out, markdown_block, small, text_block, within
from .tool_call import json_block

_SCREENFUL = 20_000
_BRIEF_PIXELS = 150
_UNFOLDED_PIXELS = style.BRIEF_PIXELS
"""What is no higher is not worth a fold."""


def _none_of_it(limits: Limits) -> str:
    return left_out(0, 1, "answer", limits)


def conclusion(outline: Outline, limits: Limits, following: int = 0) -> list[str]:
    """The pieces of html that say how a run ended and what it answered; none when it said nothing.

    Args:
        outline: of a run that has ended.
        limits: how much there is room for; their arrangement says whether it is the beginning only.
        following: how many blocks come after them: see `fitted`.
    """
    answer = outline.answer
    if limits.arrangement.is_brief and answer.json is None:
        pieces = [fitted(lambda some: _brief(outline, some), limits, following) or _none_of_it(limits)]
    else:
        pieces = [_ending(outline, text_block(outline.error, limits)), _whole(answer, limits, following)]
    if answer.state:
        pieces.append(state_fold(answer.state, limits))
    return [piece for piece in pieces if piece]


def _whole(answer: Answer, limits: Limits, following: int) -> str:
    """The final text; JSON that came in its place says so."""
    if (value := answer.json) is not None:
        said = small("the final text is not a string, shown as JSON")
        block = fitted(lambda some: json_block(value, some), limits, following)
        return f'<div style="margin:6px 0">{said}{block or _none_of_it(limits)}</div>'
    if not (text := answer.text):
        return ""
    return fitted(
        lambda some: markdown_block(text, some, _SCREENFUL, is_open=True), limits, following
    ) or _none_of_it(limits)


def _brief(outline: Outline, limits: Limits) -> str:
    """The beginning, and all that follows in one fold."""
    text, error = outline.answer.text, outline.error
    whole = _ending(outline, _unfolded(error, limits)) + _answer(text, limits)
    shown, rest = beginning(whole, _UNFOLDED_PIXELS)
    if not rest:
        return _box(shown) if shown else ""
    shown, rest = beginning(whole, _BRIEF_PIXELS)
    said = f"show all {count_words(len(text) + len(error), 'character')}"
    if rows := rows_in_beginning(whole, _BRIEF_PIXELS):
        said += f" · {above_words(*rows, 'row')}"
    return _box(shown) + details(small(said), rest)


def _box(shown: str) -> str:
    # Where the estimate of the height is wrong (a narrow column), the box scrolls and what follows stays.
    return f'<div style="{style.BRIEF}" tabindex="0">{shown}</div>'


def _ending(outline: Outline, error: str) -> str:
    """How the run ended, where its text does not say it; a failure with its ``error`` as html."""
    if not outline.sentence:
        return ""
    said = f'<p style="{style.PARAGRAPH}">{outline.sentence}</p>'
    return f'<div style="{style.FAILURE}">{said}{error}</div>' if outline.error else said


def _answer(text: str, limits: Limits) -> str:
    shown, missing = within(text, limits)
    return markdown.to_html(shown, highlighted=True) + missing if text else ""


def _unfolded(text: str, limits: Limits) -> str:
    shown, missing = within(text, limits)
    return f'<pre style="{style.PRE}">{escaped(shown)}</pre>{missing}'
