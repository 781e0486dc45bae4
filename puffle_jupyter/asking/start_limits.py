"""How many runs may be under way, and how fast they are started: shared by all that one account starts."""

from __future__ import annotations

import math
import threading
import weakref
from dataclasses import dataclass

from ..client.client import AsyncPuffleClient
from ..errors import InvalidSetting
from ..watching.account_pause import AccountPause
from ..watching.registry import registry
from ..watching.watch import RunWatch

SLICE_SECONDS = 0.1
"""The longest sleep at a time: whether a run ended, or somebody stopped it, is then looked at again."""


def check_count(name: str, value: object) -> None:
    """Refuse what is no number of things.

    Raises:
        InvalidSetting: ``value`` is no whole number of at least 1; the message says ``name``.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidSetting(f"{name} must be a whole number of at least 1, not {ascii(value)[:60]}.")


def check_rate(name: str, value: object) -> None:
    """Refuse what is no number in a time.

    Raises:
        InvalidSetting: ``value`` is no finite number above 0; the message says ``name``.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < math.inf:  # type: ignore[operator]
        raise InvalidSetting(f"{name} must be a number above 0, not {ascii(value)[:60]}.")


@dataclass(frozen=True, slots=True)
class StartLimits:
    """What one `each` keeps to.

    Attributes:
        at_once: runs under way at the same time.
        per_minute: starts a minute, evenly spaced.

    Raises:
        InvalidSetting
    """

    at_once: int = 10
    per_minute: float = 30.0

    def __post_init__(self) -> None:
        check_count("at_once", self.at_once)
        check_rate("per_minute", self.per_minute)

    @property
    def spacing(self) -> float:
        """Seconds between two starts."""
        return 60.0 / self.per_minute


class AccountStarts:
    """The starts of one account. For any thread. Times are seconds of a monotonic clock.

    Args:
        polls: the pause that Puffle asked the polls of the account for; starts keep to it, too.
    """

    def __init__(self, polls: AccountPause) -> None:
        self._polls = polls
        self._lock = threading.RLock()
        self._starts = AccountPause()
        self._next_at = -math.inf
        self._sending = 0
        self._under_way: list[RunWatch] = []

    @property
    def held_until(self) -> float:
        """The time before which Puffle wants no start."""
        return max(self._starts.until, self._polls.until)

    def hold(self, until: float) -> None:
        """Puffle answered 429 to a start: none for anybody before ``until``."""
        self._starts.learn(until)

    def take(self, now: float, limits: StartLimits) -> float:
        """Take a place for a start; 0 when it was free, else seconds after which to ask again."""
        with self._lock:
            self._under_way = [watch for watch in self._under_way if not watch.done]
            wait = max(self._next_at, self.held_until) - now
            if wait > 0:
                return wait
            if self._sending + len(self._under_way) >= limits.at_once:
                return SLICE_SECONDS
            self._next_at = now + limits.spacing
            self._sending += 1
            return 0.0

    def sent(self, watch: RunWatch | None) -> None:
        """A start that had a place was answered; ``watch`` follows its run, if it has one."""
        with self._lock:
            self._sending -= 1
            if watch is not None:
                self.follow(watch)

    def follow(self, watch: RunWatch) -> None:
        """``watch`` follows a run that takes a place until it ends."""
        with self._lock:
            self._under_way.append(watch)


_accounts: weakref.WeakKeyDictionary[AsyncPuffleClient, AccountStarts] = weakref.WeakKeyDictionary()
_lock = threading.RLock()


def starts_of(client: AsyncPuffleClient) -> AccountStarts:
    """The starts of the account that ``client`` sends for."""
    with _lock:
        known = _accounts.get(client)
        if known is None:
            known = _accounts[client] = AccountStarts(registry.pause_of(client))
        return known
