"""What all watches of an account share: how many polls a second, and who begins when."""

from __future__ import annotations

import random

import pytest

from puffle_jupyter import Run
from puffle_jupyter.watching.budget import AT_ONCE, PollBudget
from puffle_jupyter.watching.poll_state import PollState
from puffle_jupyter.watching.snapshot import WatchSnapshot

INTERVAL = 1.5
WATCHES = 300


def budget_of(watches: int, *, in_flight: int = 100) -> PollBudget:
    """A budget that so many watches share."""
    budget = PollBudget(in_flight)
    for number in range(watches):
        budget.want(number, INTERVAL)
    return budget


def answer_until_full(budget: PollBudget) -> float:
    """Seconds until nothing is stretched, when every poll that the budget allows is answered."""
    seconds = 0.0
    while budget.stretch() > 1.0:
        seconds += budget.stretch() / budget.wanted
        budget.answered(0.05)
    return seconds


def test_nothing_is_stretched_without_need() -> None:
    """A thousand watches whose answers come quickly keep the interval that was asked for."""
    budget = budget_of(1000)
    for _ in range(1000):
        budget.answered(0.05)
    assert budget.stretch() == 1.0


@pytest.mark.parametrize("latency", [0.5, 2.0, 5.0])
def test_slow_answers_stretch_every_interval(latency: float) -> None:
    """No more requests are due than can be in flight, so that none waits long for its slot."""
    budget = budget_of(1000)
    for _ in range(200):
        budget.answered(latency)
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
    assert answer_until_full(budget) <= 3 * INTERVAL


@pytest.mark.parametrize("watches", [1, 2, 10, 300, 1000])
def test_few_watches_recover_as_fast_as_many(watches: int) -> None:
    """What one answer gives back depends on how many are sent; the first may come late after a storm."""
    budget = budget_of(watches)
    for number in range(20):
        budget.limited(number * INTERVAL)
    first = budget.stretch() / budget.wanted
    assert answer_until_full(budget) <= first + 2 * INTERVAL


@pytest.mark.parametrize(("refused", "least", "most"), [(0.05, 1.0, 2.2), (0.5, 1.5, 4.5), (0.95, 5.0, 8.0)])
def test_the_more_is_refused_the_less_is_sent(refused: float, least: float, most: float) -> None:
    """Answers between the 429 raise the budget by their share alone, and not to the full again."""
    budget, chance, now = budget_of(WATCHES), random.Random(1), 0.0
    stretches = []
    while now < 60.0:
        now += budget.stretch() / budget.wanted
        if chance.random() < refused:
            budget.limited(now)
        else:
            budget.answered(0.05)
        stretches.append(budget.stretch() if now > 10.0 else None)
    settled = [one for one in stretches if one is not None]
    assert least <= sum(settled) / len(settled) <= most


def test_what_a_429_made_slower_is_not_called_many_runs() -> None:
    """A snapshot says that Puffle limits the rate, and no more so once all polls fit again."""
    running = Run.from_dict({"runId": "run_a", "status": "running"})
    budget = budget_of(2)
    budget.limited(0.0)
    budget.limited(2.0)
    state = PollState(WatchSnapshot("run_a"), INTERVAL, budget=budget, random=lambda: 0.5)
    state.start_poll(0.0)
    told = state.on_answer(0.05, running).snapshot
    assert (told.stretched_to, told.is_limited) == (2.0, True)
    answer_until_full(budget)
    state.start_poll(9.0)
    assert not state.on_answer(9.05, running).snapshot.is_limited
    slow = PollState(WatchSnapshot("run_a"), INTERVAL, budget=(many := budget_of(WATCHES)))
    for _ in range(200):
        many.answered(5.0)
    slow.start_poll(0.0)
    told = slow.on_answer(0.05, running).snapshot
    assert (told.stretched_to is not None, told.is_limited) == (True, False)


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
