"""A page of what is searched for: the answer, the messages and the calls that hold it, and no others."""

from __future__ import annotations

import enum
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...run_data import RunData
from ...transcript.answer import Answer
from ...transcript.kinds import Only
from ..answer_part import AnswerPart
from ..arrangement import Search, around_matches
from ..blocks import OutlinedMessage
from ..limits import NOTEBOOK, Limits, fitted
from ..outline import Outline, outline_of
from ..words import count_words
from . import style
from .conclusion import conclusion
from .fold import left_out, small
from .marks import has_match, matches_in
from .message import message as message_html
from .run import wrapped
from .tool_call import tool_call
from .transcript import TRANSCRIPT_END, transcript_start


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        html: the page below the badge.
        matches: how many, each counted once.
        places: how many messages, calls of no message and answers hold one.
        hidden: how many do not.
    """

    html: str
    matches: int
    places: int
    hidden: int


class _Group(enum.Enum):
    """Where on the page a place is."""

    ANSWER = "answer"
    MESSAGE = "message"
    OTHER_CALL = "tool call"


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece of the run that was searched.

    Attributes:
        group: where it is.
        html: what is shown of it; "" without a match, None where there was no room for it.
        count: how many messages it stands for.
    """

    group: _Group
    html: str | None
    count: int = 1


@dataclass(frozen=True, slots=True)
class SearchedRun:
    """A run that was searched once, for a page from any place on."""

    outline: Outline
    pieces: tuple[_Place, ...]

    def page(self, current: int = 0) -> Found:
        """What holds what is searched for.

        Args:
            current: the place that is looked at, from 0: those before it are left out, so that it is on top.
        """
        places = [place for place in self.pieces if place.html]
        before = f'<p style="{style.PARAGRAPH}">{small(_before(places[:current]))}</p>' if current else ""
        page = before + "".join(_page(self.outline, places[current:]))
        if missing := sum(place.count for place in self.pieces if place.html is None):
            all_of_them = sum(place.count for place in self.pieces)
            page += left_out(all_of_them - missing, all_of_them, "message", NOTEBOOK.for_one_output())
        hidden = sum(place.count for place in self.pieces if place.html == "")
        return Found(wrapped(page), sum(map(_matches, places)), len(places), hidden)


def search_run(run: RunData, search: Search) -> SearchedRun:
    """Look through ``run``, which has ended, for a text, a kind of parts, or both."""
    outline = outline_of(run)
    limits = NOTEBOOK.for_one_output(around_matches(search))
    return SearchedRun(outline, tuple(_places(run, outline, search, limits)))


def found_html(run: RunData, search: Search, current: int = 0) -> Found:
    """What of ``run`` holds what is searched for: see `SearchedRun.page`."""
    return search_run(run, search).page(current)


def _places(run: RunData, outline: Outline, search: Search, limits: Limits) -> Iterator[_Place]:
    """Every piece of the run, in order."""
    for group, count, render in _pieces(run, outline, search.only):
        made = fitted(render, limits)
        if made is not None:
            made = made if made and (not search.wanted or has_match(made)) else ""
            limits = limits.without([made])
        yield _Place(group, made, count)


def _pieces(
    run: RunData, outline: Outline, only: Only
) -> Iterator[tuple[_Group, int, Callable[[Limits], str | None]]]:
    if only in (Only.EVERYTHING, Only.TEXTS):
        yield (
            _Group.ANSWER,
            _count_of_answer(run, outline.answer),
            lambda limits: "".join(conclusion(outline, limits)),
        )
    for outlined in outline.messages():
        yield _Group.MESSAGE, outlined.count, functools.partial(_message, outlined, only)
    for call in outline.others:
        is_wanted = only.has_call(call)
        yield _Group.OTHER_CALL, 1, functools.partial(tool_call, call) if is_wanted else lambda _: ""


def _count_of_answer(run: RunData, answer: Answer) -> int:
    """As how many messages the answer counts: there may be none, or a message that says it is counted."""
    is_there = bool(run.error or answer.text or answer.state or answer.json is not None)
    return int(is_there and answer.message is None)


def _message(outlined: OutlinedMessage, only: Only, limits: Limits) -> str | None:
    """The parts of this kind; "" where there are none."""
    message = outlined.message
    if only is not Only.EVERYTHING:
        parts = (part for part in message.parts if only.has(part) and not isinstance(part, AnswerPart))
        message = replace(message, parts=tuple(parts))
        if not message.parts:
            return ""
    return message_html(message, limits, is_open=True)


def _page(outline: Outline, places: Sequence[_Place]) -> Iterator[str]:
    for group, alike in itertools.groupby(places, lambda place: place.group):
        shown = "".join(place.html or "" for place in alike)
        match group:
            case _Group.ANSWER:
                yield shown
            case _Group.MESSAGE:
                yield transcript_start(outline.transcript, is_open=True) + shown + TRANSCRIPT_END
            case _Group.OTHER_CALL:
                yield f'<div style="margin:14px 0 0">{small(outline.others_title())}{shown}</div>'


def _matches(place: _Place) -> int:
    """How many matches it has; one where only a line that says a value in short has any."""
    shown = place.html or ""
    return matches_in(shown) or int(has_match(shown))


def _before(places: Sequence[_Place]) -> str:
    """What is said of the places before the one that is looked at."""
    matches = sum(map(_matches, places))
    counted = f" with {count_words(matches, 'match', 'matches')}" if matches else ""
    return f"{count_words(len(places), 'place')}{counted} before this one"
