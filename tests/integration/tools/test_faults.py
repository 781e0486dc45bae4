"""The figures of ``python -m tests.tools.faults`` at a size that fits, and the faulty server they rest on."""

from __future__ import annotations

import asyncio
import os

import httpx
import pytest

from tests.tools.faults import approvals, deadline, losses, memory, refusals, storm, streams
from tests.tools.faults.__main__ import FIGURES
from tests.tools.faults.deadline import SLOW_KINDS
from tests.tools.faults.exchange import Kind
from tests.tools.faults.figure import Figure, Size
from tests.tools.faults.kinds import KINDS
from tests.tools.faults.plans import ENDS, MIXTURES_SEED, QUEUED, Plan, mixtures, plans_of
from tests.tools.faults.runs import KEY, Outcome, Tally
from tests.tools.faults.server import CountingServer, FaultyPuffle
from tests.tools.faults.stream_kinds import STREAM_KINDS

pytestmark = pytest.mark.usefixtures("background")
IN_CI = bool(os.environ.get("CI"))
SIZE = Size(runs_of_each_kind=12, mixtures=200, rounds=2) if IN_CI else Size(4, 60, 1)


def assert_met(figures: list[Figure]) -> None:
    missed = [line for figure in figures if not figure.met for line in figure.lines()]
    assert not missed, "\n".join(missed)


def test_no_run_is_lost_and_no_status_is_wrong() -> None:
    """Every kind alone and mixtures of them: the true end, no other, and not one poll after it."""
    assert_met(losses.measure(SIZE))


def test_no_drip_outlives_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command holds it to 0.2 s; here the machine may be busy with other tests."""
    monkeypatch.setattr(deadline, "MARGIN", 2.0)
    assert_met(deadline.measure(SIZE))


def test_bombs_cost_little_memory() -> None:
    """16 MB at most beyond what the process held before, with the default limit of 64 MB."""
    assert_met(memory.measure(SIZE))


def test_a_refused_key_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request and the message, even when the words of the refusal never end."""
    monkeypatch.setattr(refusals, "WITHIN", 3.0)
    assert_met(refusals.measure(SIZE))


def test_a_storm_is_spread_out() -> None:
    """Fifty watches told to wait come back no earlier than told, and not all at once."""
    assert_met(storm.measure(SIZE))


def test_a_stream_that_fails_is_told_from_a_whole_one() -> None:
    """Every kind of fault, for `stream_chat` and for a watch: no hang, no end that is none, one request."""
    assert len(STREAM_KINDS) >= 20
    assert_met(streams.measure(SIZE))


def test_nothing_is_approved_that_nobody_approved() -> None:
    """Clicks, keys, code, cuts, reloads and restarts in random orders, on the embedded Puffle."""
    assert_met(approvals.measure(SIZE))


def test_the_command_prints_every_figure() -> None:
    """None of the measurements is left out of it."""
    assert list(FIGURES) == [
        "losses",
        "deadline",
        "memory",
        "refusals",
        "storm",
        "leaks",
        "streams",
        "approvals",
    ]


def test_there_are_enough_kinds() -> None:
    """At least 24 kinds, of which each run of a kind meets it on new and on kept connections."""
    assert len(KINDS) >= 24
    assert len(SLOW_KINDS) >= 8
    assert {plan.steps.index(KINDS["502"]) for plan in plans_of(KINDS["502"], 4)} == {0, 1}


def test_mixtures_are_seeded_and_mixed() -> None:
    """The same every time, at least three kinds a run, and all kinds among them."""
    plans = list(mixtures(200))
    assert plans == list(mixtures(200, MIXTURES_SEED))
    assert all(len({step.name for step in plan.steps if step.name in KINDS}) >= 3 for plan in plans)
    assert {step.name for plan in plans for step in plan.steps} >= set(KINDS)
    assert {plan.end for plan in plans} == set(ENDS)


def raw_answers(*steps: Kind, polls: int) -> list[bytes | str]:
    """What a client without any defence reads from a server with this plan, one connection a poll."""
    timeout = 0.5 if any("hang" in step.name for step in steps) else 20.0

    async def ask() -> list[bytes | str]:
        found: list[bytes | str] = []
        async with FaultyPuffle(Plan("run_a", steps, "completed")) as puffle:
            for _ in range(polls):
                found.append(await _one_answer(puffle.base_url, timeout))
                await puffle.between_polls()
        return found

    return asyncio.run(ask())


async def _one_answer(base_url: str, timeout: float) -> bytes | str:
    try:
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as http:
            headers = {"Authorization": f"Bearer {KEY}"}
            return (await http.get(f"{base_url}/api/agent/chat/run_a", headers=headers)).content
    except httpx.HTTPError as error:
        return type(error).__name__


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("refused", "ConnectError"),
        ("reset on accept", "ReadError"),
        ("reset within body", "ReadError"),
        ("close without answer", "RemoteProtocolError"),
        ("hang on accept", "ReadTimeout"),
        ("hang within body", "ReadTimeout"),
        ("bad chunk", "RemoteProtocolError"),
        ("truncated by Content-Length", "RemoteProtocolError"),
        ("truncated chunked", "RemoteProtocolError"),
        ("corrupt gzip", "DecodingError"),
        ("garbage instead of HTTP", "RemoteProtocolError"),
        ("empty 200", b""),
    ],
)
def test_the_server_does_what_its_plan_says(name: str, seen: bytes | str) -> None:
    """Each fault is a real one: a client of another make trips over it, and then hears the truth."""
    first, second, last = raw_answers(QUEUED, KINDS[name], polls=3)
    assert b"queued" in bytes(first)  # type: ignore[arg-type]
    assert second == seen
    assert b"completed" in bytes(last)  # type: ignore[arg-type]


def test_losses_would_be_counted() -> None:
    """A lost run, a wrong status, a late poll and a visit elsewhere are each enough to miss the figure."""
    plan = Plan("run_a", (), "completed")
    for outcome in (Outcome(plan), Outcome(plan, shown={"failed"}), Outcome(plan, polls_after_the_end=1)):
        tally = Tally()
        tally.add(outcome)
        assert not tally.clean
    assert not Tally(visits_elsewhere=1).clean
    assert Tally().clean


def test_visits_to_another_host_are_counted() -> None:
    """A client that follows redirects is seen there."""

    async def subscribe() -> int:
        async with CountingServer() as other:
            plan = Plan("run_a", (KINDS["302 to another host"],), "completed")
            async with (
                FaultyPuffle(plan, other.base_url) as puffle,
                httpx.AsyncClient(follow_redirects=True, trust_env=False) as http,
            ):
                with pytest.raises(httpx.HTTPError):
                    await http.get(f"{puffle.base_url}/api/agent/chat/run_a")
            return other.visits

    assert asyncio.run(subscribe()) == 1
