"""No answer under a megabyte takes a view more than three seconds, or 150 MB of memory.

Every view of a bomb is made in a process of its own (`tests.support.weigh`). ``PUFFLE_BOMBS=all`` takes all
bombs, which is about a quarter of an hour; else those that were reported, and every twentieth of the others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

import pytest

from tests.support.bombs import LIMIT, all_bombs
from tests.support.weigh import VIEWS

SECONDS = 3.0
MEGABYTES = 150.0
REPORTED = (
    "deep and wide, as a result",
    "58 kB as deep as can be, as a result",
    "deep arrays, as an unknown part",
    "deep objects, as data",
    "a tall table, before a message",
    "a wide table, as a result",
    "no-break spaces, as the answer",
    "quotes in quotes, as the answer",
    "many unknown parts",
    "many empty messages",
)
NAMES = sorted(all_bombs())
CHOSEN = NAMES if os.environ.get("PUFFLE_BOMBS") == "all" else sorted({*REPORTED, *NAMES[::20]})


@cache
def weights() -> dict[str, list[list[object]]]:
    """What each view of each chosen bomb cost, by the bomb's name."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.weigh"],
        input="\n".join(CHOSEN),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[list[object]]] = {}
    for line in done.stdout.splitlines():
        name, *weight = json.loads(line)
        found.setdefault(name, []).append(weight)
    return found


@pytest.mark.parametrize("name", CHOSEN)
def test_every_view_is_made_within_bounds(name: str) -> None:
    """Three seconds of CPU and 150 MB, and no exception, whatever the answer is made of."""
    assert len(all_bombs()[name]()) < LIMIT
    weighed = weights()[name]
    assert [kind for kind, *_ in weighed] == list(VIEWS)
    assert [w for w in weighed if w[1] > SECONDS or w[2] > MEGABYTES or w[3]] == []  # type: ignore[operator]


def test_a_table_does_not_hide_what_follows_it() -> None:
    """Of a table of 3,000 x 12 the rows are cut; its own call and the message after it are shown."""
    from puffle_jupyter.run import Run

    run = Run.from_json(all_bombs()["a tall table, before a message"]())
    shown = run._repr_html_()
    assert len(shown.encode()) < 2_000_000
    assert ">f</code>" in shown
    assert "the last words" in shown
    assert "of 3,000 rows" in shown
    assert run.to_html().count("<tr") > 3_000
