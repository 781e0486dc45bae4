"""How far every run is: the clock, the first polls, the polls counted. Used on the server's thread."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, deque
from collections.abc import Callable

from .approvals import Answered, WaitingCalls, asking_story
from .runs import SCRIPTED_RUNS, Hiccup, ScriptedRun, started_run
from .streams import StreamFault, TimedEvent, timed_stream

Clock = Callable[[], float]

STARTS_PER_MINUTE = 30


class Story:
    """The state of one embedded Puffle, from its start to its stop.

    Args:
        clock: monotonic seconds.
        time_scale: how much faster than the clock the runs go; 10 makes a minute six seconds.
        requests: counts GET requests by run id, those that get an error included.
        started: counts the runs that were started, by message.
    """

    def __init__(
        self, clock: Clock, time_scale: float, requests: Counter[str], started: Counter[str]
    ) -> None:
        self._clock = clock
        self._time_scale = time_scale
        self._requests = requests
        self._started = started
        self._runs: dict[str, ScriptedRun] = dict(SCRIPTED_RUNS)
        self._first_polls: dict[str, float] = {}
        self._polls: Counter[str] = Counter()
        self._starts = 0
        self._conversations: set[str] = set()
        self.waiting = WaitingCalls()
        self._recent_starts: deque[float] = deque(maxlen=STARTS_PER_MINUTE)

    def count(self, run_id: str) -> None:
        """Note that somebody asked for ``run_id``, allowed to or not."""
        self._requests[run_id] += 1

    def poll(self, run_id: str) -> tuple[ScriptedRun, str | Hiccup] | None:
        """The run and what this poll of it gets; None when there is no such run."""
        run = self._runs.get(run_id)
        if run is None:
            return None
        now = self._clock()
        first_poll = self._first_polls.setdefault(run_id, now)
        self._polls[run_id] += 1
        return run, run.state_at((now - first_poll) * self._time_scale, self._polls[run_id])

    def knows_conversation(self, conversation_id: str) -> bool:
        """Whether a run was started in this conversation."""
        return conversation_id.lower() in self._conversations

    def seconds_until_next_start(self) -> float:
        """0 when a run may be started now, else how long to wait for it."""
        if len(self._recent_starts) < STARTS_PER_MINUTE:
            return 0.0
        return max(0.0, self._recent_starts[0] + 60.0 - self._clock())

    def now(self) -> float:
        """Seconds, as fast as the runs go."""
        return self._clock() * self._time_scale

    def stream(
        self,
        message: str,
        conversation_id: str | None,
        answer: Answered | None,
        fault: StreamFault | None,
    ) -> tuple[list[TimedEvent], str]:
        """Begin an answer that is streamed, or go on with one; its events and its conversation's id.

        There is no run to poll: whether Puffle has one for a stream is not documented.

        Args:
            message: what the user says.
            conversation_id: the conversation; None begins a new one.
            answer: what was decided about a call that waits; None for a new message.
            fault: how the stream fails; None if it does not.

        Raises:
            NotWaiting: no such call waits.
        """
        if answer is not None:
            return self.waiting.answer(answer, None if conversation_id is None else conversation_id.lower())
        self._recent_starts.append(self._clock())
        self._starts += 1
        conversation_id = conversation_id or str(_made_of("conversation", self._starts, message))
        self._conversations.add(conversation_id.lower())
        conversation_id = conversation_id.lower()
        if (asking := asking_story(message)) is not None:
            return self.waiting.ask(asking, message, conversation_id), conversation_id
        run = started_run("run_streamed", message)
        seconds = run.queued + run.running
        return timed_stream(run.transcript or "started", message, seconds, fault), conversation_id

    def start(self, message: str, conversation_id: str | None) -> tuple[str, str]:
        """Start a run; its run id and its conversation's id."""
        self._started[message] += 1
        self._recent_starts.append(self._clock())
        self._starts += 1
        run_id = f"run_{_made_of('run', self._starts, message).hex}"
        self._runs[run_id] = started_run(run_id, message)
        conversation_id = conversation_id or str(_made_of("conversation", self._starts, message))
        self._conversations.add(conversation_id)
        return run_id, conversation_id


def _made_of(kind: str, number: int, message: str) -> uuid.UUID:
    """An id that is the same whenever the same is asked in the same order: saved notebooks then are too."""
    facts = f"{kind} {number} {message}".encode("utf-8", "surrogatepass")
    return uuid.UUID(bytes=hashlib.sha256(facts).digest()[:16], version=4)
