"""What all watches of an account share: how many polls a second, and who begins when."""

from __future__ import annotations

import pytest

from puffle_jupyter.watching.budget import AT_ONCE, PollBudget

INTERVAL = 1.5
WATCHES = 300


def budget_of(watches: int, *, in_flight: int = 100) -> PollBudget:
    """A budget that so many watches share."""
    budget = PollBudget(in_flight)
    for number in range(watches):
        budget.want(number, INTERVAL)
    return budget


def test_nothing_is_stretched_without_need() -> None:
    """A thousand watches whose answers come quickly keep the interval that was asked for."""
    budget = budget_of(1000)
    for number in range(1000):
        budget.answered(number / 600, 0.05)
    assert budget.stretch() == 1.0


@pytest.mark.parametrize("latency", [0.5, 2.0, 5.0])
def test_slow_answers_stretch_every_interval(latency: float) -> None:
    """No more requests are due than can be in flight, so that none waits long for its slot."""
    budget = budget_of(1000)
    for number in range(200):
        budget.answered(number / 50, latency)
    due = budget.wanted / budget.stretch()
    assert 0.8 * 100 <= due * latency <= 100


def test_a_429_halves_what_is_sent_once_an_interval() -> None:
    """Three hundred of them in one moment are one answer to one storm."""
    budget = budget_of(WATCHES)
    for _ in range(WATCHES):
        budget.limited(0.0)
    assert budget.stretch() == pytest.approx(2.0)
    budget.limited(INTERVAL * 1.01)
    assert budget.stretch() == pytest.approx(4.0)


def test_however_long_a_storm_some_polls_are_sent() -> None:
    """A floor, or a storm of an hour would be followed by an hour of silence."""
    budget = budget_of(WATCHES)
    for second in range(3600):
        budget.limited(float(second) * 2)
    assert budget.stretch() == pytest.approx(8.0)


def test_the_full_rate_is_back_within_three_intervals() -> None:
    """Each answer gives some of it back (additive increase)."""
    budget = budget_of(WATCHES)
    now = 0.0
    while now < 30.0:
        budget.limited(now)
        now += INTERVAL
    recovered = now
    while budget.stretch() > 1.0:
        recovered += 0.05
        budget.answered(recovered, 0.05)
    assert recovered - now <= 3 * INTERVAL


def test_who_leaves_asks_for_nothing() -> None:
    """The polls of an ended watch are the others' again."""
    budget = budget_of(WATCHES)
    for number in range(WATCHES):
        budget.leave(number)
        budget.leave(number)
    assert budget.wanted == 0.0
    assert budget.stretch() == 1.0
    budget.limited(0.0)
    assert budget.stretch() == 1.0


def test_a_shorter_interval_counts_once() -> None:
    """`extend` changes what a watch asks for."""
    budget = budget_of(1)
    budget.want(0, INTERVAL / 3)
    assert budget.wanted == pytest.approx(3 / INTERVAL)


def test_watches_made_in_one_go_are_spread() -> None:
    """The first are polled at once; a thousand more evenly over the interval."""
    budget = PollBudget()
    delays = [budget.delay_of_first_poll(0.0, INTERVAL) for _ in range(1000)]
    assert delays[:AT_ONCE] == [0.0] * AT_ONCE
    tenths = [int(delay / INTERVAL * 10) for delay in delays[AT_ONCE:]]
    counts = [tenths.count(tenth) for tenth in range(10)]
    assert all(90 <= count <= 106 for count in counts)


def test_no_first_poll_is_put_off_for_long() -> None:
    """Also of watches that poll every ten minutes: their first state is seen at once."""
    budget = PollBudget()
    assert max(budget.delay_of_first_poll(0.0, 600.0) for _ in range(1000)) <= 2.0


def test_one_after_the_other_is_not_one_go() -> None:
    """Who starts a run every other second sees each at once."""
    budget = PollBudget()
    assert {budget.delay_of_first_poll(float(second), INTERVAL) for second in range(0, 200, 2)} == {0.0}
