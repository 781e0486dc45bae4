"""How a page is arranged: which folds are open, how much of the answer is shown, what is searched for."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from ..transcript.kinds import Only


class Folds(enum.Enum):
    """Which folds below the transcript's own are open."""

    AS_DECIDED = "as each block decides"
    OPEN = "all"
    CLOSED = "none"
    AROUND_MATCHES = "those around a match"


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for.

    Attributes:
        wanted: the text, in any case; "" is everywhere.
        only: the kinds of parts that are searched and shown.
    """

    wanted: str
    only: Only = Only.EVERYTHING

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """What matches ``wanted``; None when that is everywhere."""
        return re.compile(re.escape(self.wanted), re.IGNORECASE) if self.wanted else None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a run's page is arranged.

    Attributes:
        folds: which folds are open.
        is_open: whether the fold around the messages is open; None leaves that to their number.
        is_brief: only the beginning of the answer, and all the rest in closed folds, so that the page stays
            within 320 px.
        search: what is searched for; None shows everything.
    """

    folds: Folds = Folds.AS_DECIDED
    is_open: bool | None = None
    is_brief: bool = False
    search: Search | None = None


AS_IT_IS = Arrangement()
EXPANDED = Arrangement(Folds.OPEN, is_open=True)
BRIEF = Arrangement(is_open=False, is_brief=True)
COLLAPSED = Arrangement(Folds.CLOSED)


def around_matches(search: Search) -> Arrangement:
    """What a page of found places looks like; without a text, folds stay as they are."""
    folds = Folds.AROUND_MATCHES if search.wanted else Folds.AS_DECIDED
    return Arrangement(folds, is_open=True, search=search)
