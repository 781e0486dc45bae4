"""How many requests may be under way, and how fast they are sent, shared by all who fetch for one account.

It begins with all that is allowed. A 429 halves the requests under way, at most once a second; answers raise
them again, one for each round of answers (additive increase, multiplicative decrease, as TCP does: RFC 5681,
section 3.1). The time that Puffle asked for holds for everybody. Pure: it reads no clock and sends nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..asking.start_limits import check_count, check_rate
from ..watching.account_pause import AccountPause

RENEW_SECONDS = 0.25
"""How often a holder says what it learned, and hears its share: a 429 reaches all others within that."""

_SILENT_SECONDS = 30.0  # a holder that says nothing for so long is gone: its share goes to the others
_HALVED_AGAIN = 1.0  # seconds; the 429 of one moment are one answer


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What all holders together keep to.

    Attributes:
        at_once: requests under way at the same time.
        per_second: requests a second; None for as many as are answered.

    Raises:
        InvalidSetting
    """

    at_once: int = 32
    per_second: float | None = None

    def __post_init__(self) -> None:
        check_count("at_once", self.at_once)
        if self.per_second is not None:
            check_rate("per_second", self.per_second)


@dataclass(frozen=True, slots=True)
class News:
    """What a holder learned since it spoke last.

    Attributes:
        answered: requests that Puffle answered.
        pause: seconds for which no request is to be sent, after a 429; None when there was none.
        is_leaving: whether it sends no more.
    """

    answered: int = 0
    pause: float | None = None
    is_leaving: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """What a holder may do until it asks again.

    Attributes:
        slots: requests it may have under way; 0 while others have all.
        spacing: seconds between two requests.
        pause: seconds before which it may send none.
    """

    slots: int
    spacing: float = 0.0
    pause: float = 0.0


@dataclass(slots=True)
class _Holder:
    slots: int
    seen_at: float


class SharedBudget:
    """The budget of one account. Used on one thread. Times are seconds of a monotonic clock.

    Args:
        limits: what all holders together keep to; may be replaced.
        pause: the time before which Puffle wants no request; one that others share, or None for its own.

    >>> budget = SharedBudget(RequestLimits(at_once=10))
    >>> budget.renew("a", 0.0, News()).slots
    10
    """

    def __init__(self, limits: RequestLimits, pause: AccountPause | None = None) -> None:
        self.limits = limits
        self._pause = AccountPause() if pause is None else pause
        self._window = float(limits.at_once)
        self._halved_at = -math.inf
        self._holders: dict[str, _Holder] = {}

    def renew(self, name: str, now: float, news: News) -> Share:
        """Take in what the holder ``name`` learned; its share from now on."""
        self._learn(now, news)
        if news.is_leaving:
            self.leave(name)
            return Share(0)
        for silent in [one for one, kept in self._holders.items() if now - kept.seen_at > _SILENT_SECONDS]:
            self.leave(silent)
        holder = self._holders.setdefault(name, _Holder(0, now))
        holder.seen_at = now
        holder.slots = self._slots_of(name)
        return Share(holder.slots, self._spacing(holder.slots), max(0.0, self._pause.until - now))

    def leave(self, name: str) -> None:
        """The holder ``name`` sends no more; what it had is free."""
        self._holders.pop(name, None)

    @property
    def holders(self) -> tuple[str, ...]:
        """Who has a share, or waits for one."""
        return tuple(self._holders)

    @property
    def window(self) -> int:
        """Requests that may be under way now, by all holders."""
        return max(1, min(int(self._window), self.limits.at_once))

    def _learn(self, now: float, news: News) -> None:
        if news.pause is not None:
            if now - self._halved_at >= _HALVED_AGAIN:
                self._window, self._halved_at = max(1.0, self.window / 2), now
            self._pause.learn(now + news.pause)
        elif news.answered:
            raised = self._window + news.answered / max(1.0, self._window)
            self._window = min(raised, float(self.limits.at_once))

    def _slots_of(self, name: str) -> int:
        """An equal part, as far as others do not have more than theirs yet: they give it back soon."""
        count, window = len(self._holders), self.window
        place = list(self._holders).index(name)
        fair = window // count + (place < window % count)
        others = sum(kept.slots for one, kept in self._holders.items() if one != name)
        return max(0, min(fair, window - others))

    def _spacing(self, slots: int) -> float:
        if self.limits.per_second is None or not slots:
            return 0.0
        return self.window / (self.limits.per_second * slots)
