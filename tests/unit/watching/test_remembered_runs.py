"""Ended runs are remembered in so many bytes: a cell run again costs no request, and memory is bounded."""

from __future__ import annotations

import json

import httpx
import pytest

from puffle_jupyter import AsyncPuffleClient, RunWatch
from puffle_jupyter.watching.registry import WatchRegistry
from tests.support.scripted import ScriptedPuffle, client_for, told

pytestmark = pytest.mark.usefixtures("background")
LIMIT = 20.0
SIZE = 100_000


class Answers:
    """A Puffle whose runs have all completed, with a text of `SIZE` bytes; it notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.rpartition("/")[2])
        _, body = told("completed", self.asked[-1], text="x" * SIZE)
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(body).encode()))


def watched(registry: WatchRegistry, client: AsyncPuffleClient, *run_ids: str) -> None:
    for run_id in run_ids:
        registry.watch(run_id, client, 600, None).wait(LIMIT)


def ended(registry: WatchRegistry) -> list[RunWatch]:
    return [watch for watch in registry._watches.values() if watch.done]


def test_the_runs_that_were_used_last_are_remembered() -> None:
    """As many as the budget holds; one that is forgotten costs a request again."""
    answers, registry = Answers(), WatchRegistry(4 * SIZE + SIZE // 2)
    client = client_for(answers)
    watched(registry, client, "run_a", "run_b", "run_c", "run_a")
    assert answers.asked == ["run_a", "run_b", "run_c"]
    watched(registry, client, "run_d", "run_e")  # run_b is the one that was used longest ago
    answers.asked.clear()
    watched(registry, client, "run_e", "run_d", "run_a", "run_c", "run_b")
    assert answers.asked == ["run_b"]


def test_the_last_run_is_remembered_whatever_its_size() -> None:
    """Running its cell again costs no request, though it alone is over the budget."""
    answers, registry = Answers(), WatchRegistry(1_000)
    watched(registry, client_for(answers), "run_a", "run_b", "run_b")
    assert answers.asked == ["run_a", "run_b"]
    assert [watch.run_id for watch in ended(registry)] == ["run_b"]


def test_runs_that_end_together_are_forgotten_when_they_end() -> None:
    """Not only when the next one is watched: many that were live at once may hold gigabytes."""
    registry = WatchRegistry(3 * SIZE)
    client = client_for(Answers())
    for watch in [registry.watch(f"run_{number}", client, 600, None) for number in range(20)]:
        watch.wait(LIMIT)
    registry.watch("run_19", client, 600, None).wait(LIMIT)
    assert sum(len(watch.run.body.encoded) for watch in ended(registry) if watch.run) <= 3 * SIZE


def test_stopped_watches_are_not_remembered_for_ever() -> None:
    """They have no answer, but are kept for what Puffle asked of them: they count too."""
    registry = WatchRegistry(50_000)
    client = ScriptedPuffle((403, b"")).client()
    for number in range(30):
        registry.watch(f"run_{number}", client, 600, None)._ended.wait(LIMIT)
    client = client_for(Answers())
    watched(registry, client, "run_a")
    assert len(ended(registry)) == 1


def test_a_live_watch_is_never_forgotten() -> None:
    """However much the runs hold that end meanwhile."""
    registry = WatchRegistry(1_000)
    live = registry.watch("run_a", ScriptedPuffle(told("running")).client(), 600, None)
    watched(registry, client_for(Answers()), *(f"run_{number}" for number in range(5)))
    assert registry.live() == [live]
    registry.stop()
