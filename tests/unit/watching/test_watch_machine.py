"""Any order of polls, faults, sleeps of the machine, clock jumps, stops and new watches of the same run."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from puffle_jupyter import PuffleError, RunWatch, WaitTimeout, WatchEventKind, WatchStopped
from puffle_jupyter.background.loop import poll_loop
from puffle_jupyter.watching.history import MOST_EVENTS
from puffle_jupyter.watching.registry import WatchRegistry
from puffle_jupyter.watching.snapshot import WatchPhase
from tests.support.scripted import SteppedClock, client_for, settled

ENDS = ("completed", "failed", "cancelled")
TOLERANCE = 1e-5
EXAMPLES = 200 if os.environ.get("CI") else 60


class FaultyRun:
    """A run with a true status, behind a network that fails as it is told to; each poll is checked here."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.status = "queued"
        self.faults: list[Any] = []
        self.asked_at: list[float] = []
        self.not_before = 0.0
        self.told_the_end = False
        self.broken: list[str] = []
        self.gap = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.now
        if self.told_the_end:
            self.broken.append("a poll after the end")
        if now < self.not_before - TOLERANCE:
            self.broken.append(f"a poll {self.not_before - now:g} s earlier than told")
        if self.asked_at and now - self.asked_at[-1] < 0.05 - TOLERANCE and self.patient:
            self.broken.append("two polls at once")
        self.asked_at.append(now)
        self.patient = True
        self.clock.now += self.gap  # the machine slept in the middle of the exchange
        self.gap = 0.0
        return self._fault(self.faults.pop(0)) if self.faults else self._truth()

    patient = True
    """Whether a new watch is no excuse for two polls in a row."""

    def _truth(self) -> httpx.Response:
        self.told_the_end = self.status in ENDS
        body = json.dumps({"runId": "run_a", "status": self.status}).encode()
        return httpx.Response(200, stream=httpx.ByteStream(body))

    def _fault(self, fault: Any) -> httpx.Response:
        if isinstance(fault, Exception):
            raise fault
        code, headers, body = fault
        if code in (429, 503) and "Retry-After" in headers:
            self.not_before = self.clock.now + float(headers["Retry-After"])
        return httpx.Response(code, headers=headers, stream=httpx.ByteStream(body))


FAULTS = st.one_of(
    st.sampled_from(
        [
            httpx.ConnectError("refused"),
            httpx.ReadError("reset"),
            httpx.ReadTimeout("late"),
            httpx.RemoteProtocolError("garbage"),
            (200, {}, b"<html>"),
            (200, {}, b""),
            (204, {}, b""),
            (200, {}, b'{"runId": "run_b", "status": "completed"}'),
            (200, {}, b'{"runId": "run_a"}'),
            (302, {"Location": "https://evil.example"}, b""),
            (409, {}, b""),
            (500, {}, b"x"),
        ]
    ),
    st.tuples(
        st.sampled_from([429, 503]),
        st.fixed_dictionaries({"Retry-After": st.integers(0, 300).map(str)}),
        st.just(b"{}"),
    ),
)


class WatchMachine(RuleBasedStateMachine):
    """The real registry, watch, source and client; time, the sleep and the network are the test's."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SteppedClock()
        self.wall = 1.7e9
        self.puffle = FaultyRun(self.clock)
        self.client = client_for(self.puffle)
        self.registry = WatchRegistry(clock=self.clock, sleep=self.clock.sleep, wall_clock=lambda: self.wall)
        self.watches: list[RunWatch] = []
        self.stopped: list[RunWatch] = []
        self.timed: set[RunWatch] = set()
        self.histories: dict[RunWatch, list[Any]] = {}

    def teardown(self) -> None:
        self.registry.stop()
        poll_loop.run(settled())
        assert not self.clock.sleeping
        poll_loop.stop()

    @initialize(interval=st.floats(0.5, 60))
    def begin(self, interval: float) -> None:
        self.watch_again(interval, None)

    @rule(
        interval=st.floats(0.5, 60),
        timeout=st.one_of(st.none(), st.floats(0.5, 900)),
    )
    def watch_again(self, interval: float, timeout: float | None) -> None:
        """``watch()``: of a run that is watched, that was stopped, or that ended."""
        if self.watches[-1:] and self.watches[-1].done:
            self.puffle.patient = False
        told_the_end = self.puffle.told_the_end
        was_ending = not self.watches or self.watches[-1].is_ending
        watch = self.registry.watch("run_a", self.client, interval, timeout)
        if watch not in self.watches:
            assert was_ending
            assert not told_the_end
            self.watches.append(watch)
        if timeout is None:
            self.timed.discard(watch)
        elif watch not in self.histories:
            self.timed.add(watch)
        poll_loop.run(settled())

    @rule(seconds=st.one_of(st.floats(0.01, 5), st.floats(5, 100)))
    def time_passes(self, seconds: float) -> None:
        poll_loop.run(self.clock.move(seconds))

    @rule(seconds=st.floats(60, 1e6))
    def machine_sleeps(self, seconds: float) -> None:
        poll_loop.run(self.clock.move(seconds, at_once=True))

    @rule(seconds=st.floats(60, 1e6))
    def machine_will_sleep_during_a_poll(self, seconds: float) -> None:
        self.puffle.gap = seconds

    @rule(seconds=st.floats(-1e9, 1e9))
    def wall_clock_jumps(self, seconds: float) -> None:
        self.wall = min(max(self.wall + seconds, 0.0), 4e9)

    @rule(faults=st.lists(FAULTS, min_size=1, max_size=4))
    def network_fails(self, faults: list[Any]) -> None:
        self.puffle.faults += faults

    @precondition(lambda self: self.puffle.status not in ENDS)
    @rule(status=st.sampled_from(["running", "waiting", "queued", *ENDS]))
    def run_goes_on(self, status: str) -> None:
        self.puffle.status = status

    @rule()
    def stop(self) -> None:
        watch = self.watches[-1]
        if not watch.done:
            self.stopped.append(watch)
        watch.stop()
        poll_loop.run(settled())
        assert watch.done

    @rule()
    def unload(self) -> None:
        """``%unload_ext``: every watch is stopped."""
        if not self.watches[-1].done:
            self.stopped.append(self.watches[-1])
        self.registry.stop()
        poll_loop.run(settled())
        # Loading again is a new beginning, that forgets what was told.
        self.puffle.not_before = 0.0
        self.puffle.told_the_end = False
        self.puffle.patient = False

    @invariant()
    def polls_came_when_they_may(self) -> None:
        assert not self.puffle.broken

    @invariant()
    def at_most_one_watch_polls(self) -> None:
        assert sum(not watch.done for watch in self.watches) <= 1
        assert len(self.clock.sleeping) <= 1

    @invariant()
    def a_watch_ends_with_the_truth_or_a_stop(self) -> None:
        for watch in self.watches:
            if not watch.done:
                assert watch not in self.stopped
                assert len(self.clock.sleeping) == 1, "it lives, and nothing would ever wake it"
                continue
            try:
                run = watch.wait(timeout=0)
                assert run.status_text == self.puffle.status
                assert watch.snapshot.phase is WatchPhase.ENDED
            except WatchStopped:
                assert watch in self.stopped
            except WaitTimeout:
                assert watch in self.timed
            except PuffleError as error:  # nothing here is a refusal
                raise AssertionError(f"lost: {error}") from error

    @invariant()
    def history_tells_it_truly(self) -> None:
        for watch in self.watches:
            history = watch.history
            assert history[0].what is WatchEventKind.STARTED
            assert len(history) <= MOST_EVENTS
            seconds = [event.seconds for event in history]
            assert seconds == sorted(seconds)
            assert all(event.count >= 1 and event.last_seconds >= event.seconds for event in history)
            final = [event.what.value for event in history if event.what.value in ("ended", "stopped")]
            assert len(final) == int(watch.done)
            assert not final or history[-1].what.value == final[0]
            if watch.snapshot.failure is not None:
                assert history[-1].what.value != "recovered"
            # What was told before is still there: at most the last events changed their count.
            before = self.histories.get(watch, [])
            assert [_bare(event) for event in history[: len(before)]] == [_bare(event) for event in before]
            self.histories[watch] = list(history)


def _bare(event: Any) -> Any:
    return dataclasses.replace(event, count=1, last_seconds=0)


WatchMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestWatchMachine = WatchMachine.TestCase
TestWatchMachine.__doc__ = (
    "A watch ends with its run's true end or a stop; no poll comes too early or too late."
)
