"""Runs lost, statuses wrong, polls after the end: every kind alone, and seeded mixtures."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from .figure import Figure, Size
from .kinds import KINDS
from .plans import Plan, mixtures, plans_of
from .runs import Outcome, Tally, follow_all


def measure(size: Size) -> list[Figure]:
    count = size.runs_of_each_kind
    # Interleaved, so that the kinds which take a whole deadline wait beside those which take none.
    alone = itertools.chain.from_iterable(
        zip(*(plans_of(kind, count) for kind in KINDS.values()), strict=True)
    )
    return [
        *_figures(f"{len(KINDS)} kinds x {count} runs", alone, len(KINDS) * count),
        *_figures(f"mixtures of 3 to 6 kinds, {size.mixtures} runs", mixtures(size.mixtures), size.mixtures),
    ]


def _figures(name: str, plans: Iterable[Plan], runs: int) -> list[Figure]:
    tally = follow_all(plans)
    complete = tally.runs == runs
    return [
        Figure(
            f"{name}: runs lost", _of(tally.lost, tally), "0", complete and not tally.lost, _told(tally.lost)
        ),
        Figure(f"{name}: wrong statuses", _of(tally.wrong, tally), "0", not tally.wrong, _told(tally.wrong)),
        Figure(
            f"{name}: polls after the end",
            str(tally.polls_after_the_end),
            "0",
            not tally.polls_after_the_end,
        ),
        Figure(
            f"{name}: requests to another host", str(tally.visits_elsewhere), "0", not tally.visits_elsewhere
        ),
    ]


def _of(outcomes: list[Outcome], tally: Tally) -> str:
    return f"{len(outcomes)} of {tally.runs}"


def _told(outcomes: list[Outcome]) -> list[str]:
    return [
        f"{outcome.plan.run_id}: {', '.join(step.name for step in outcome.plan.steps)}, then "
        f"{outcome.plan.end}; seen: {outcome.phase.value} {sorted(outcome.shown)} {outcome.error or ''}"
        for outcome in outcomes
    ]
