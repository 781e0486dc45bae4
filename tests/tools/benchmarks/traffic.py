"""What a front end is sent while a run goes on and nothing changes but the clock."""

from __future__ import annotations

from .figure import Figure
from .kernels import Arrival, arrivals, kernel_of, status_of, watch
from .puffle import changing_puffle

_LARGEST = 1000
"""Bytes of a whole message on the wire: headers, signature and content."""


def measure(quick: bool) -> list[Figure]:
    window = 8 if quick else 30
    with changing_puffle() as puffle, kernel_of(puffle) as kernel:
        watch(kernel, puffle)
        list(arrivals(kernel, 2.0))  # what the change to running still sends
        sent = list(arrivals(kernel, window))
    ticks = [arrival for arrival in sent if _is_tick(arrival)]
    return [
        Figure("messages of the clock / seconds of a running watch", [len(ticks) / window], 1 + 1 / window),
        Figure("other messages / seconds of a running watch", [(len(sent) - len(ticks)) / window], 0),
        Figure(
            "bytes of a message of the clock / 1,000",
            [tick.size / _LARGEST for tick in ticks],
            1,
            judge=max,
            word="longest",
        ),
    ]


def _is_tick(arrival: Arrival) -> bool:
    return arrival.kind == "comm_msg" and isinstance(arrival.value, str) and status_of(arrival.value) is None
