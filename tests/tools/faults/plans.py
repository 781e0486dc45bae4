"""What will happen to a run: true answers and faults, in order, and its true end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from .exchange import Exchange, Kind, body
from .kinds import KINDS

ENDS = ("completed", "failed", "cancelled")
MIXTURES_SEED = 20_260


@dataclass(frozen=True)
class Plan:
    """The steps of one run, one a request; after the last of them it has ended."""

    run_id: str
    steps: tuple[Kind, ...]
    end: str

    @property
    def words(self) -> frozenset[str]:
        """Every status that may be shown."""
        return frozenset({"", "queued", "running", self.end}).union(*(step.words for step in self.steps))


def _told(status: str) -> Kind:
    async def act(exchange: Exchange) -> None:
        await exchange.answer(body(exchange.run_id, status))

    return Kind(f"truly {status}", act)


QUEUED, RUNNING = _told("queued"), _told("running")


async def tell_the_end(exchange: Exchange) -> None:
    """The last answer, as often as it is asked for."""
    more = {"error": "it failed"} if exchange.end == "failed" else {}
    if exchange.end == "completed":
        more = {"text": "Done.", "messages": [], "toolCalls": []}  # type: ignore[dict-item]
    await exchange.answer(body(exchange.run_id, exchange.end, **more))


def plans_of(kind: Kind, count: int) -> Iterator[Plan]:
    """Runs that meet ``kind`` on a new connection, on a kept one, and twice in a row."""
    shapes = [(kind, RUNNING), (QUEUED, kind, RUNNING), (QUEUED, kind, kind), (kind, QUEUED, kind)]
    slug = "".join(character for character in kind.name if character.isalnum())
    for number in range(count):
        yield Plan(f"run_{slug}_{number}", shapes[number % len(shapes)], ENDS[number % len(ENDS)])


def mixtures(count: int, seed: int = MIXTURES_SEED) -> Iterator[Plan]:
    """Runs that meet three to six different kinds, with true answers anywhere between them."""
    chance = random.Random(seed)
    kinds = list(KINDS.values())
    for number in range(count):
        steps = chance.sample(kinds, chance.randint(3, 6))
        for truth in (QUEUED, RUNNING):
            steps.insert(chance.randint(0, len(steps)), truth)
        yield Plan(f"run_mixture_{number}", tuple(steps), chance.choice(ENDS))
