"""How many polls a second all watches of an account may send together: one budget, shared by them.

It starts without a limit. Each 429 halves it, at most once an interval; each answer raises it again, until
all that is wanted fits (additive increase, multiplicative decrease, as TCP does: RFC 5681, section 3.1). So
where some polls are refused and some are answered, the share that is answered decides how many are sent. Slow
answers limit it too, since only so many requests are in flight. What does not fit makes every interval longer
by the same factor. The time that Puffle asked for with ``Retry-After`` holds for every watch: see
`AccountPause`.
"""

from __future__ import annotations

import math
from collections import deque

from ..client.pool import CONNECTIONS
from .account_pause import AccountPause

AT_ONCE = 20
"""Watches that are polled at once when they are made in one go; those after them are spread."""

LONGEST_SPREAD = 2.0
"""Seconds that the first poll of a watch is put off at most, however long its interval is."""

_LATENCY_WEIGHT = 0.1  # of the newest answer in the average
_USED = 0.9  # of the requests in flight, so that answers may vary
_FLOOR = 1 / 8  # of what is wanted: the least that many 429 leave
_STEP = 1 / 2  # of what is wanted, for each interval of answers alone: full again within three intervals
_GOLDEN = (math.sqrt(5) - 1) / 2


class PollBudget:
    """Is used on the poll thread alone. Times are seconds of the watches' clock.

    Args:
        in_flight: requests at the same time; more wait for their turn, which is no failure.
    """

    def __init__(self, in_flight: int = CONNECTIONS) -> None:
        self.pause = AccountPause()
        self.in_flight = in_flight
        self._wanted: dict[object, float] = {}
        self._sum = 0.0
        self._allowed = math.inf
        self._halved_at = -math.inf
        self._latency = 0.0
        self._started: deque[float] = deque()
        self._count = 0

    @property
    def is_limited(self) -> bool:
        """Whether Puffle has answered 429, and fewer polls are sent for that."""
        return self._allowed < math.inf

    @property
    def wanted(self) -> float:
        """Polls a second that all watches together ask for."""
        return self._sum if self._wanted else 0.0

    def want(self, watch: object, interval: float) -> None:
        """``watch`` polls every ``interval`` seconds from now on."""
        self.leave(watch)
        self._wanted[watch] = 1 / interval
        self._sum += 1 / interval

    def leave(self, watch: object) -> None:
        """``watch`` polls no more."""
        self._sum -= self._wanted.pop(watch, 0.0)

    def delay_of_first_poll(self, now: float, interval: float) -> float:
        """Seconds until a watch that begins ``now`` is polled first: 0, unless many begin in one go."""
        spread = min(interval, LONGEST_SPREAD)
        while self._started and self._started[0] <= now - spread:
            self._started.popleft()
        self._started.append(now)
        if len(self._started) <= AT_ONCE:
            self._count = 0
            return 0.0
        self._count += 1
        return math.modf(self._count * _GOLDEN)[0] * spread  # evenly spread, however many come

    def limited(self, now: float) -> None:
        """Puffle answered 429: half as many polls from now on. Those of one interval are one answer."""
        if now - self._halved_at < self._interval():
            return
        self._halved_at = now
        self._allowed = max(min(self._allowed, self.wanted) / 2, self.wanted * _FLOOR)

    def answered(self, seconds: float) -> None:
        """Puffle answered a poll after so many ``seconds``.

        As many answers as are sent in an interval raise the budget by one step. Counted by answers, not by
        time, or the few that come through a storm would raise it as fast as all of them after it.
        """
        self._latency += (seconds - self._latency) * _LATENCY_WEIGHT
        if self._allowed < math.inf:
            sent = max(self._allowed * self._interval(), 1.0)
            self._allowed += self.wanted * _STEP / sent
            if self._allowed >= self.wanted:
                self._allowed = math.inf

    def stretch(self) -> float:
        """By what factor every interval is longer now: 1.0 when all polls that are wanted fit."""
        in_flight = self.wanted * self._latency / (self.in_flight * _USED)
        allowed = self.wanted / self._allowed if self._allowed > 0 else 1.0
        return max(1.0, in_flight, allowed)

    def _interval(self) -> float:
        """The interval of an average watch."""
        return len(self._wanted) / self._sum if self._wanted and self._sum > 0 else 1.0
