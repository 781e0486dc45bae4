"""One budget for all who fetch: equal parts, never more than allowed, and a 429 of one is a 429 of all."""

from __future__ import annotations

import asyncio
import itertools
import math
from typing import Any

import pytest

from puffle_jupyter import InvalidSetting
from puffle_jupyter.distributed.budget import RENEW_SECONDS, News, RequestLimits, Share, SharedBudget
from puffle_jupyter.distributed.lease import Lease

NOTHING = News()


def slots(budget: SharedBudget, now: float, *names: str) -> list[int]:
    return [budget.renew(name, now, NOTHING).slots for name in names]


def test_all_together_never_have_more_than_is_allowed() -> None:
    """Who comes later gets what is free, and an equal part once the others have given theirs back."""
    budget = SharedBudget(RequestLimits(at_once=10))
    assert slots(budget, 0, "a") == [10]
    assert slots(budget, 0, "b", "a", "b", "c") == [0, 5, 5, 0]
    assert sum(slots(budget, 1, "a", "b", "c")) <= 10
    assert slots(budget, 2, "a", "b", "c") == [4, 3, 3]
    budget.leave("a")
    assert slots(budget, 3, "b", "c") == [5, 5]


def test_more_holders_than_slots_take_turns() -> None:
    """With fewer slots than holders some wait; each that leaves makes room for one."""
    budget = SharedBudget(RequestLimits(at_once=2))
    assert slots(budget, 0, "a", "b", "c", "a", "b", "c") == [2, 0, 0, 1, 1, 0]
    budget.renew("a", 1, News(is_leaving=True))
    assert slots(budget, 1, "b", "c") == [1, 1]


def test_a_429_holds_everybody_for_as_long_as_puffle_asks() -> None:
    """The pause that one holder learned is in the next share of each other; the longest one counts."""
    budget = SharedBudget(RequestLimits(at_once=8))
    slots(budget, 0, "a", "b")
    budget.renew("a", 10, News(pause=30))
    budget.renew("a", 11, News(pause=2))
    assert budget.renew("b", 15, NOTHING).pause == 25
    assert budget.renew("b", 41, NOTHING).pause == 0


def test_a_429_halves_what_is_under_way_and_answers_raise_it_again() -> None:
    """Those of one moment halve it once; a round of answers raises it by one; never below 1, never above."""
    budget = SharedBudget(RequestLimits(at_once=16))
    for now in (0.0, 0.1, 0.2):
        budget.renew("a", now, News(pause=0))
    assert budget.window == 8
    budget.renew("a", 1, News(answered=8))
    assert budget.window == 9
    for now in range(2, 20):
        budget.renew("a", now, News(pause=0))
    assert budget.renew("a", 30, NOTHING).slots == 1
    for now in range(40, 400):
        budget.renew("a", now, News(answered=20))
    assert budget.window == 16


def test_the_rates_of_all_shares_make_the_rate_that_is_allowed() -> None:
    """However the slots are divided, all together send ``per_second``."""
    budget = SharedBudget(RequestLimits(at_once=7, per_second=20))
    for _ in range(3):
        shares = [budget.renew(name, 0, NOTHING) for name in "abc"]
    assert sum(1 / share.spacing for share in shares) == pytest.approx(20)
    assert SharedBudget(RequestLimits(at_once=7)).renew("a", 0, NOTHING) == Share(7)


def test_a_holder_that_says_nothing_is_forgotten() -> None:
    """A worker that froze holds no slot for ever."""
    budget = SharedBudget(RequestLimits(at_once=4))
    assert slots(budget, 0, "frozen") == [4]
    assert slots(budget, 29, "a") == [0]
    assert slots(budget, 31, "a") == [4]


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ({"at_once": 0}, "at_once"),
        ({"at_once": True}, "at_once"),
        ({"at_once": 2.5}, "at_once"),
        ({"per_second": 0}, "per_second"),
        ({"per_second": math.inf}, "per_second"),
        ({"per_second": "3"}, "per_second"),
    ],
)
def test_limits_that_cannot_be_kept_are_refused(limits: dict[str, Any], word: str) -> None:
    """The name of the setting is in the error."""
    with pytest.raises(InvalidSetting, match=word):
        RequestLimits(**limits)


def test_a_new_holder_keeps_its_distance_from_the_one_before() -> None:
    """A file is a holder: many small ones one after the other are no faster than is allowed."""
    budget = SharedBudget(RequestLimits(at_once=1, per_second=10))
    now = 0.0
    sent: list[float] = []

    async def renew(news: News) -> Share:
        return budget.renew("here", now, news)

    async def sleep(seconds: float) -> None:
        nonlocal now
        if seconds == RENEW_SECONDS:  # no renewal comes between
            await asyncio.Event().wait()
        now += seconds

    async def files() -> None:
        for _ in range(3):
            async with Lease(renew, clock=lambda: now, sleep=sleep) as lease:
                for _ in range(2):
                    async with lease.slot():
                        sent.append(now)

    asyncio.run(files())
    assert [round(later - at, 3) for at, later in itertools.pairwise(sent)] == [0.1] * 5
