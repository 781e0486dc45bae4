"""The scripted runs: which there are, and what each of them is doing at a given moment. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

QUEUED, RUNNING = "queued", "running"
COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"


class Hiccup(enum.Enum):
    """What a poll gets instead of the run's state."""

    RATE_LIMITED = "429"
    UNAVAILABLE = "503"
    DROPPED = "the connection closes without an answer"


RETRY_AFTER = 2
"""Seconds a rate-limited poll is asked to wait."""


@dataclass(frozen=True, slots=True)
class ScriptedRun:
    """One run of the embedded Puffle.

    Attributes:
        queued, running: seconds it stays in each state, counted from its first poll.
        ends_as: its terminal status.
        transcript: name of the recorded transcript it completes with; None unless it completes.
        error: what it failed of; None unless it fails.
        hiccups: by number of the poll (the first is 1), what that poll gets instead of the state.
        message: the user's words, for a run started by POST.
    """

    run_id: str
    description: str
    queued: float
    running: float
    ends_as: str = COMPLETED
    transcript: str | None = None
    error: str | None = None
    hiccups: Mapping[int, Hiccup] = field(default_factory=dict)
    message: str | None = None

    def state_at(self, seconds: float, poll: int) -> str | Hiccup:
        """What the server answers to a poll.

        Args:
            seconds: since the first poll of this run.
            poll: the number of this poll; the first is 1.

        Returns:
            A status word, or a `Hiccup`. A run does not end before its hiccups have all been met, so
            that every client meets each of them, however rarely it polls.
        """
        if poll in self.hiccups:
            return self.hiccups[poll]
        if seconds < self.queued:
            return QUEUED
        if seconds < self.queued + self.running or poll < max(self.hiccups, default=0):
            return RUNNING
        return self.ends_as


_FLAKY = MappingProxyType(
    {
        2: Hiccup.RATE_LIMITED,
        4: Hiccup.UNAVAILABLE,
        5: Hiccup.DROPPED,
        6: Hiccup.DROPPED,
    }
)

_STORIES = MappingProxyType(
    {
        run.run_id: run
        for run in (
            ScriptedRun(
                "run_abc", "a lead search: 8 tool calls, one fails; 5 s", 1.0, 4.0, transcript="run_abc"
            ),
            ScriptedRun("run_berlin", "whom to write to; 3 s", 0.5, 2.5, transcript="run_berlin"),
            ScriptedRun("run_paris", "who is hiring; 6 s", 1.0, 5.0, transcript="run_paris"),
            ScriptedRun("run_madrid", "cleans up a list; 9 s", 2.0, 7.0, transcript="run_madrid"),
            ScriptedRun("run_slow", "drafts a campaign; 60 s", 3.0, 57.0, transcript="run_slow"),
            ScriptedRun(
                "run_long", "checks 118 accounts, 240 messages; 3 s", 0.5, 2.5, transcript="run_long"
            ),
            ScriptedRun(
                "run_flaky",
                "completes after rate limits, a 503 and dropped connections; 6 s or more",
                1.0,
                5.0,
                transcript="run_flaky",
                hiccups=_FLAKY,
            ),
            ScriptedRun(
                "run_failed",
                "fails after 3 s",
                0.5,
                2.5,
                ends_as=FAILED,
                error="search_leads failed three times in a row: the lead database is being updated. "
                "Nothing was added to your list; start the run again in a few minutes.",
            ),
            ScriptedRun("run_cancelled", "is cancelled after 3 s", 0.5, 2.5, ends_as=CANCELLED),
        )
    }
)

_SHAPES = MappingProxyType(
    {
        "run_shape_ai_sdk_4": "model messages of the AI SDK, version 4",
        "run_shape_ai_sdk_5": "model messages of version 5",
        "run_shape_ai_sdk_6": "model messages of version 6, with approvals",
        "run_shape_ai_sdk_7": "model messages of version 7",
        "run_shape_ui_4": "UI messages of the AI SDK, version 4",
        "run_shape_ui_5": "UI messages of version 5",
        "run_shape_ui_7": "UI messages of version 7, with approvals",
        "run_shape_openai_chat": "messages of OpenAI's chat completions",
        "run_shape_openai_responses": "items of OpenAI's Responses API",
        "run_shape_openai_tools": "items of its tools: shell, patch, tool search, MCP",
        "run_shape_anthropic": "messages of Anthropic's API",
        "run_shape_mcp": "results of MCP servers",
        "run_shape_tanstack": "messages of TanStack AI",
        "run_shape_otel": "messages of OpenTelemetry's conventions",
        "run_shape_tool_messages": "tool messages with an error, as AG-UI and LangChain send them",
        "run_shape_beside": "pictures and sources beside the text, as OpenRouter and Perplexity send them",
        "run_shape_puffle_rows": "rows as Puffle stores them with a list",
        "run_shape_mixture": "five of these in one run",
        "run_shape_unknown": "messages of no known shape",
        "run_shape_hostile": "messages that try to run, load and hide things",
    }
)

STORIES: Mapping[str, str] = MappingProxyType({run_id: run.description for run_id, run in _STORIES.items()})
"""The runs that go through their states -> what each does, in one line."""

AGAIN: Mapping[str, str] = MappingProxyType(
    {"run_abc_again": "the task of run_abc, a day later: to compare; has ended"}
)
"""Runs that do the task of another one again -> what each is. They have ended."""

RUNS: Mapping[str, str] = MappingProxyType(
    {**STORIES, **{run_id: f"has ended; holds {shape}" for run_id, shape in _SHAPES.items()}}
)
"""Every run id -> what that run does, in one line: `STORIES`, then one for each shape of a transcript."""

NOT_FOUND = f"The embedded Puffle: try {next(iter(RUNS))}, or %puffle_demo stop"
"""Said of any other run: who asks for a run of their own may not know that the embedded Puffle answers."""

SCRIPTED_RUNS: Mapping[str, ScriptedRun] = MappingProxyType(
    {
        **_STORIES,
        **{
            run_id: ScriptedRun(run_id, words, 0.0, 0.0, transcript=run_id)
            for run_id, words in {**RUNS, **AGAIN}.items()
            if run_id not in STORIES
        },
    }
)


KNOWN_MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "find fintech founders in berlin": "run_abc",
        "who at kontovogel should i write to": "run_berlin",
        "who is hiring in paris": "run_paris",
        "clean up my madrid list": "run_madrid",
    }
)
"""How a message begins, in lower case -> the run whose story answers it."""


def started_run(run_id: str, message: str) -> ScriptedRun:
    """The run that POST /api/agent/chat starts: a story that fits, or a lead search that names the task."""
    words = " ".join(message.lower().split())
    for beginning, known in KNOWN_MESSAGES.items():
        if words.startswith(beginning):
            return replace(_STORIES[known], run_id=run_id, message=message)
    return ScriptedRun(
        run_id, "started by POST: a short lead search; 4 s", 1.0, 3.0, transcript="started", message=message
    )
