"""Many watches at once, over https, against a lean server in another process; by transport, side by side."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from .figure import Figure
from .lean_server import lean_server

_COMPARED = "httpx"
WATCHES = 1000


def measure(quick: bool) -> list[Figure]:
    seconds = 6 if quick else 20
    many, stock = _in_turns(2 if quick else 3, 0.0, WATCHES, seconds, "idle")
    busy, _ = _in_turns(1 if quick else 3, 0.0, 100, seconds, "busy")
    peers = _peers(300 if quick else 1000, len(many))
    late, _ = _in_turns(1, 2.0, WATCHES, 30 if quick else 180, "idle")
    figure = functools.partial(Figure, at_least=True)
    name = f"{WATCHES:,} watches, a poll every 1.5 s"
    return [
        figure(f"{name}: polls within 0.25 s of their time / all", _all(many, "in_time"), 0.98),
        Figure(f"{name}: cores", _all(many, "cores"), 0.45),
        Figure(f"{name}: megabytes more / 60", [one / 60 for one in _all(many, "megabytes")], 1),
        Figure(f"{name}: seconds of all watch() calls", _all(many, "making"), 1),
        Figure(
            f"{name}: CPU of a poll / over httpx's own transport",
            [cost_of_poll(one) / cost_of_poll(other) for one, other in zip(many, stock, strict=True)],
            0.6,
        ),
        *(
            Figure(
                f"{name}: CPU of a poll / of one of a loop over {peer}, which shows nothing",
                [cost_of_poll(one) / alone for one, alone in zip(many, costs, strict=True)],
                1,
            )
            for peer, costs in peers.items()
        ),
        Figure("the same, answers after 2 s: badges that say unreachable", _all(late, "unreachable"), 0),
        *_fairness(_all(late, "unfairness")),
        figure("100 watches beside a busy cell: polls in time / all", _all(busy, "in_time"), 0.98),
        figure("the same: speed of the cell / alone", _all(busy, "speed_of_cell"), 0.95),
    ]


def _in_turns(
    times: int, latency: float, watches: int, seconds: float, cell: str
) -> tuple[list[Any], list[Any]]:
    """What was measured over the package's transport and over httpx's own, in turns."""
    with lean_server(latency) as (address, authorities):

        def run(transport: str) -> Any:
            return client(address, authorities, str(watches), str(seconds), cell, transport, str(latency))

        compares = latency == 0 and cell == "idle"
        pairs = [(run("default"), run(_COMPARED) if compares else None) for _ in range(times)]
    return [one for one, _ in pairs], [other for _, other in pairs]


def _fairness(measured: Sequence[float | None]) -> list[Figure]:
    """None of a short look: each watch was polled too seldom to tell an unfair wait from the jitter."""
    told = [one for one in measured if one is not None]
    name = "the same: longest or shortest mean wait from poll to poll of a watch, off the mean"
    return [Figure(name, told, 0.1, judge=max, word="most")] if told else []


def client(*arguments: str) -> Any:
    """What a process that watches measured; its arguments are those of `fleet_client`."""
    command = [sys.executable, "-m", "tests.tools.benchmarks.fleet_client", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _peers(polls: int, times: int) -> dict[str, list[float]]:
    """Seconds of CPU for a poll in the clients that people use, one run after the other."""
    with lean_server(0.0) as (address, authorities):
        return {
            peer: [cost_of_peer(peer, address, authorities, str(polls)) for _ in range(times)]
            for peer in ("httpx.AsyncClient", "requests.Session")
        }


def cost_of_peer(*arguments: str) -> float:
    """Seconds of CPU for a poll of a process without watches; its arguments are those of `fleet_peers`."""
    command = [sys.executable, "-m", "tests.tools.benchmarks.fleet_peers", *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _all(measured: list[Any], name: str) -> list[float]:
    return [one[name] for one in measured]


def cost_of_poll(measured: Any) -> float:
    """Seconds of CPU for each poll that `client` measured."""
    cores: float = measured["cores"]
    return cores / measured["polls_a_second"]
