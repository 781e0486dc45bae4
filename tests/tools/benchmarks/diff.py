"""What comparing two runs costs, beside `difflib` on their JSON, and whether it finds where they part."""

from __future__ import annotations

import copy
import difflib
import json
import random
import time
from collections.abc import Callable

from puffle_jupyter import Run, diff
from tests.support.run_pairs import Call, call_of, pair_of, run_of

from .figure import Figure

CALLS, FEW = 1_000, 50
ROWS = 12
ALLOWED = 1.0
"""Seconds for two runs of 1,000 calls, compared and rendered."""
PAIRS = 2_000


def measure(quick: bool) -> list[Figure]:
    times = 3 if quick else 9
    return [_seconds_figure(times), _peer_figure(times), _divergence_figure(PAIRS // 10 if quick else PAIRS)]


def _seconds_figure(times: int) -> Figure:
    """The reading of both runs, the comparison and its html; each time of runs that nobody read before."""
    found = []
    for number in range(times):
        before, after = two_runs(CALLS, number)
        found.append(_cpu(lambda: diff(before, after)._repr_html_()) / ALLOWED)  # noqa: B023
    size = len(before.body.encoded) / 1e6
    return Figure(f"two runs of {CALLS:,} calls, {size:.1f} MB each, compared and rendered / 1 s", found, 1)


def _peer_figure(times: int) -> Figure:
    """Of few calls: on the JSON of 1,000 calls `difflib` takes minutes."""
    found = []
    for number in range(times):
        before, after = two_runs(FEW, number)
        ours = _cpu(lambda: diff(before, after).to_text())  # noqa: B023
        found.append(ours / _cpu(lambda: _by_lines(before, after)))  # noqa: B023
    return Figure(f"two runs of {FEW} calls compared / difflib on their JSON", found, 1)


def _divergence_figure(pairs: int) -> Figure:
    """The share of generated pairs with a known edit in which that edit is where they part."""
    right = 0
    for seed in range(pairs):
        pair = pair_of(seed, most=30)
        found = diff(pair.before, pair.after).comparison.divergence
        right += found is not None and (found.kind, found.calls) == (pair.kind, pair.calls)
    return Figure(f"first divergence right, of {pairs:,} pairs with a known edit", [right / pairs], 1, True)


def two_runs(count: int, seed: int) -> tuple[Run, Run]:
    """Two runs of so many calls with tables: of every third call an argument and a row differ."""
    chance = random.Random(seed)
    calls = [_with_rows(call_of(chance, number), number, chance) for number in range(count)]
    others = copy.deepcopy(calls)
    for number, call in enumerate(others):
        if number % 3 == 0:
            call["args"]["limit"] = 50
            call["result"][number % ROWS]["score"] = -1
        if number % 50 == 1:
            call["result"].pop()
    return run_of("a", calls), run_of("b", others)


def _with_rows(call: Call, number: int, chance: random.Random) -> Call:
    rows = [
        {
            "leadId": f"ld_{number}_{row}",
            "name": f"Lead {row}",
            "score": chance.randint(1, 99),
            "about": "x " * 40,
        }
        for row in range(ROWS)
    ]
    return {**call, "result": rows}


def _by_lines(before: Run, after: Run) -> list[str]:
    lines, others = (json.dumps(run.to_dict(), indent=1).splitlines() for run in (before, after))
    return list(difflib.unified_diff(lines, others))


def _cpu(function: Callable[[], object]) -> float:
    started = time.thread_time()
    function()
    return time.thread_time() - started
