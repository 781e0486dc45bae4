"""The cap on runs under way, the pace of starts, and pauses that Puffle asks for; a number is the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from puffle_jupyter import InvalidSetting
from puffle_jupyter.asking.start_limits import SLICE_SECONDS, AccountStarts, StartLimits
from puffle_jupyter.watching.account_pause import AccountPause


@dataclass
class Watch:
    done: bool = False


def test_starts_are_evenly_spaced() -> None:
    """Also after a time without any: no burst makes up for it."""
    starts, limits = AccountStarts(AccountPause()), StartLimits(at_once=9, per_minute=6)
    assert starts.take(100.0, limits) == 0
    assert starts.take(100.0, limits) == 10
    assert starts.take(104.0, limits) == 6
    assert starts.take(500.0, limits) == 0
    assert starts.take(500.0, limits) == 10


def test_no_more_runs_are_under_way_than_may_be() -> None:
    """What is being sent counts, and a run until it ends."""
    starts, limits = AccountStarts(AccountPause()), StartLimits(at_once=2, per_minute=60)
    watch: Any = Watch()
    assert starts.take(0.0, limits) == 0
    assert starts.take(1.0, limits) == 0
    assert starts.take(2.0, limits) == SLICE_SECONDS
    starts.sent(watch)
    assert starts.take(3.0, limits) == SLICE_SECONDS
    starts.sent(None)
    assert starts.take(4.0, limits) == 0
    assert starts.take(5.0, limits) == SLICE_SECONDS
    watch.done = True
    assert starts.take(6.0, limits) == 0


def test_a_pause_holds_for_all_starts() -> None:
    """One that a start was asked for, and one that a poll was asked for."""
    polls = AccountPause()
    starts, limits = AccountStarts(polls), StartLimits()
    starts.hold(30.0)
    assert starts.take(10.0, limits) == 20
    polls.learn(50.0)
    assert starts.take(30.0, limits) == 20
    assert starts.take(50.0, limits) == 0


@pytest.mark.parametrize("wrong", [{"at_once": 0}, {"at_once": True}, {"per_minute": 0}, {"per_minute": "5"}])
def test_limits_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidSetting, match=next(iter(wrong))):
        StartLimits(**wrong)
