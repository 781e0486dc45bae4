"""Approvals over real sockets: clicks, keys, code, cuts, reloads and restarts in every order.

What the embedded Puffle was asked to carry out is compared with what a person decided.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from puffle_jupyter import AsyncPuffleClient, Conversation, NotPending, PuffleError, RunWatch
from puffle_jupyter.background.loop import BackgroundLoop, poll_loop
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.demo.approvals import Answered, WaitingCalls
from puffle_jupyter.display.notebook.approval_card import ApprovalCard
from puffle_jupyter.transcript.model import ToolCall

from .figure import Figure, Size
from .wire import Cut, Wire

_FASTER = 1e6
_LONGEST = 20.0
_MESSAGES = ("Remove the leads that no longer fit", "Send my invitation")


@dataclass
class Seen:
    """What the server was asked to do about one call."""

    asked: list[bool] = field(default_factory=list)
    accepted: list[bool] = field(default_factory=list)


class Witness:
    """Sees every decision that reaches the server, accepted or not."""

    def __init__(self) -> None:
        self.calls: dict[str, Seen] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """See what every embedded Puffle is told meanwhile."""
        answer = WaitingCalls.answer

        def seen(waiting: WaitingCalls, given: Answered, conversation_id: str | None) -> Any:
            call = self.calls.setdefault(given.call_id, Seen())
            call.asked.append(given.approved)
            events = answer(waiting, given, conversation_id)
            call.accepted.append(given.approved)
            return events

        with patch.object(WaitingCalls, "answer", seen):
            yield


@dataclass
class Notebook:
    """One chat in which a call waits, its cards, and what a person did."""

    client: AsyncPuffleClient
    wire: Wire
    loop: BackgroundLoop
    chance: random.Random
    watches: list[RunWatch] = field(default_factory=list)
    cards: list[tuple[ApprovalCard, ToolCall]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    tried_to_approve: set[str] = field(default_factory=set)

    def ask(self) -> None:
        """Send a message whose work asks before it acts, and show the card."""
        with contextlib.suppress(PuffleError):  # the wire is cut: nothing waits
            watch = Conversation(client=self.client).send(self.chance.choice(_MESSAGES), stream=True)
            self.watches.append(watch)
            _wait_until(lambda: watch.pending or watch.done)
            self.calls += [call.id or "" for call in watch.pending]
            self.reload()

    def reload(self) -> None:
        """Show the page again: a new card for each call that waits; the old ones can still be clicked."""
        for watch in self.watches[-1:]:
            for call in watch.pending:
                card = ApprovalCard()
                card.ask(watch, call)
                self.cards.append((card, call))

    def click(self) -> None:
        """Tick *Approve* on some card, it may be an old one."""
        for card, call in self._some_card():
            self.tried_to_approve.add(call.id or "")
            card._approve.value = True

    def click_twice(self) -> None:
        """Tick it, take the tick back, and tick it again."""
        for card, call in self._some_card():
            self.tried_to_approve.add(call.id or "")
            for ticked in (True, False, True):
                card._approve.value = ticked

    def key(self) -> None:
        """Press *Deny* on some card."""
        for card, _ in self._some_card():
            card._deny.click()

    def code(self) -> None:
        """Approve by code."""
        for watch, call_id in self._some_call():
            self.tried_to_approve.add(call_id)
            with contextlib.suppress(NotPending):
                watch.approve(call_id)

    def deny(self) -> None:
        """Deny by code."""
        for watch, call_id in self._some_call():
            with contextlib.suppress(NotPending):
                watch.deny(call_id, "not today")

    def cut(self) -> None:
        """Cut the wire: now, before the next request, or behind it."""
        self.loop.call_soon(self.wire.cut, self.chance.choice(list(Cut)))

    def wait(self) -> None:
        """Wait for the answer a moment: where nobody decides, that is refused or ends."""
        for watch in self.watches[-1:]:
            with contextlib.suppress(PuffleError):
                watch.wait(0.005)

    def restart(self) -> None:
        """The kernel goes, and the cell runs again: another call waits, and the old cards are still there."""
        for watch in self.watches[-1:]:
            watch.stop()
        self.ask()

    def end(self) -> None:
        """Let what was decided arrive, then leave."""
        for watch in self.watches:
            _leave(watch)
        for card, _ in self.cards:
            card.close()

    def _some_card(self) -> list[tuple[ApprovalCard, ToolCall]]:
        return [self.chance.choice(self.cards)] if self.cards else []

    def _some_call(self) -> list[tuple[RunWatch, str]]:
        if not (self.watches and self.calls):
            return []
        return [(self.chance.choice(self.watches), self.chance.choice(self.calls))]


ACTIONS: tuple[Callable[[Notebook], None], ...] = (
    *(Notebook.click, Notebook.click_twice, Notebook.key, Notebook.code, Notebook.deny),
    *(Notebook.cut, Notebook.reload, Notebook.restart, Notebook.wait),
)


def _play(notebook: Notebook) -> None:
    """Some actions in a random order, some of them at once in two threads."""
    chance = notebook.chance
    notebook.ask()
    acts = chance.choices(ACTIONS, k=chance.randint(1, 6))
    while acts:
        if len(acts) > 1 and chance.random() < 0.4:
            beside = threading.Thread(target=acts.pop(), args=(notebook,))
            beside.start()
            acts.pop()(notebook)
            beside.join()
        else:
            acts.pop()(notebook)
    notebook.end()


def _problems(notebook: Notebook, seen: dict[str, Seen]) -> tuple[list[str], list[str], list[str]]:
    """Calls approved that nobody approved, approved twice, and decisions that say something else."""
    decided = {one.call.id: one.approved for watch in notebook.watches for one in watch.decisions}
    nobody, twice, other = [], [], []
    for call_id, told in seen.items():
        was_approved = call_id in notebook.tried_to_approve and decided.get(call_id) is True
        if True in told.asked and not was_approved:
            nobody.append(call_id)
        if len(told.asked) > 1 or len(told.accepted) > 1:
            twice.append(call_id)
        if told.asked[:1] != [decided.get(call_id)]:
            other.append(call_id)
    return nobody, twice, other


def _leave(watch: RunWatch) -> None:
    _wait_until(lambda: watch.done or watch.pending)
    watch.stop()
    _wait_until(lambda: watch.done)


def _wait_until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + _LONGEST
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError("a watch neither ended nor waited")
        time.sleep(0.001)


def measure(size: Size) -> list[Figure]:
    count = size.mixtures
    nobody: list[str] = []
    twice: list[str] = []
    other: list[str] = []
    carried_out = 0
    witness, loop = Witness(), BackgroundLoop("faults-wire")
    with (
        patch.dict(os.environ, {"PUFFLE_NOTES": "0"}),
        witness.watching(),
        EmbeddedPuffle(clock=lambda: time.monotonic() * _FASTER) as puffle,
    ):
        wire = Wire(puffle.base_url)
        client = AsyncPuffleClient(DEMO_KEY, loop.run(wire.open()))
        for seed in range(count):
            witness.calls = {}
            notebook = Notebook(client, wire, loop, random.Random(seed))
            _play(notebook)
            loop.call_soon(wire.cut, None)
            found = _problems(notebook, witness.calls)
            for problems, new in zip((nobody, twice, other), found, strict=True):
                problems += [f"seed {seed}: {call_id} {witness.calls[call_id]}" for call_id in new]
            carried_out += sum(True in told.accepted for told in witness.calls.values())
        poll_loop.run(client.aclose())
        loop.run(wire.close())
        loop.stop()
    name = f"{count} orders of {len(ACTIONS)} actions"
    return [
        Figure(f"{name}: approved by nobody", str(len(nobody)), "0", not nobody, nobody),
        Figure(f"{name}: decided twice", str(len(twice)), "0", not twice, twice),
        Figure(f"{name}: sent otherwise than decided", str(len(other)), "0", not other, other),
        Figure(f"{name}: approved and carried out", str(carried_out), "some", carried_out > count // 20),
    ]
