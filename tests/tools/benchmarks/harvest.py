"""What a harvest of 100,000 ended runs costs, beside httpx and pandas with all of them in memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from .figure import Figure
from .lean_server import lean_server

RUNS, TENTH = 100_000, 10_000
OF_PEER = 10_000
ALLOWED_MEGABYTES = 200.0
OURS, PEER = "ours", "peer"
NAMES = {OURS: "fetch_runs", PEER: "httpx.AsyncClient + pandas"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one harvest in a process of its own: seconds, those of CPU, and megabytes of memory at its peak."""

    seconds: float
    cpu: float
    megabytes: float
    runs: int


def measure(quick: bool) -> list[Figure]:
    """Two harvests of ours, one ten times as large as the other, and one of the peer's."""
    scale = 10 if quick else 1
    with lean_server(answer="completed") as (address, authorities):
        small = _cost(OURS, address, authorities, TENTH // scale)
        large = _cost(OURS, address, authorities, RUNS // scale)
        peer = _cost(PEER, address, authorities, OF_PEER // scale)
    for name, cost in ((OURS, small), (OURS, large), (PEER, peer)):
        print(
            f"  {NAMES[name]}, {cost.runs:,} runs: {cost.seconds:.1f} s, {cost.cpu:.1f} s of CPU, "
            f"{cost.megabytes:.0f} MB at its peak",
            file=sys.stderr,
        )
    many, few = f"{large.runs:,}", f"{small.runs:,}"
    return [
        Figure(
            f"{many} runs harvested: CPU / {large.runs // small.runs} x that of {few}",
            [large.cpu / small.cpu * small.runs / large.runs],
            1.15,
        ),
        Figure(
            f"the same: memory of the whole process at its peak / {ALLOWED_MEGABYTES:.0f} MB",
            [large.megabytes / ALLOWED_MEGABYTES],
            1,
        ),
        Figure(
            f"the same: CPU of a run / {NAMES[PEER]}, all in memory, of {peer.runs:,}",
            [large.cpu / large.runs / (peer.cpu / peer.runs)],
            1,
        ),
        Figure(
            f"the same: memory at its peak / that of {few}",
            [large.megabytes / small.megabytes],
            1.1,
        ),
    ]


def _cost(who: str, address: str, authorities: str, runs: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.tools.benchmarks.harvest_client"]
        done = subprocess.run(
            [*command, who, address, authorities, str(runs), folder],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return Cost(**json.loads(done.stdout))
