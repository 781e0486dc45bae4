"""Pairs of runs that differ by one known edit of a call, as a generator makes them."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from puffle_jupyter import Run
from puffle_jupyter.comparing.compare import DivergenceKind

TOOLS = ("search_leads", "web_search", "query_leads_db", "evaluate_profiles", "add_rows")
Call = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two runs, and what was done to the second: in how many calls it is as the first, and then what."""

    before: Run
    after: Run
    kind: DivergenceKind
    calls: int


def call_of(chance: random.Random, number: int) -> Call:
    """A call that is like no other, with a table or an object as its result."""
    rows = [{"leadId": f"ld_{number}_{row}", "fit": chance.randint(1, 99)} for row in range(3)]
    arguments = {"query": f"task {number // 2}", "page": number, "limit": chance.choice([10, 20])}
    result: Any = rows if number % 3 else {"total": number, "note": {"of": [number, 1]}}
    return {"toolName": chance.choice(TOOLS), "args": arguments, "result": result}


def run_of(name: str, calls: list[Call], text: str = "Done.", status: str = "completed") -> Run:
    """A completed run of ``calls`` as the AI SDK writes them."""
    messages: list[Any] = [{"role": "user", "content": "Find founders in Berlin."}]
    for at, call in enumerate(calls):
        named = {"toolCallId": f"{name}_{at}", "toolName": call["toolName"]}
        messages += [
            {"role": "assistant", "content": [{"type": "tool-call", **named, "input": call["args"]}]},
            {"role": "tool", "content": [{"type": "tool-result", **named, "output": _output(call)}]},
        ]
    messages.append({"role": "assistant", "content": text})
    return Run.from_dict({"runId": f"run_{name}", "status": status, "text": text, "messages": messages})


def pair_of(seed: int, most: int = 12) -> Pair:
    """A pair of runs of at most so many calls, the same for the same ``seed``."""
    chance = random.Random(seed)
    calls = [call_of(chance, number) for number in range(chance.randint(2, most))]
    other = copy.deepcopy(calls)
    at = chance.randrange(len(calls))
    edit, kind = chance.choice(EDITS)
    if edit is _swap:
        at = min(at, len(calls) - 2)
    edit(other, at)
    if chance.random() < 0.3 and at + 3 < len(other):  # something more behind it changes nothing about it
        other[-1]["result"] = "later"
    return Pair(run_of("a", calls), run_of("b", other), kind, at)


def _output(call: Call) -> Call:
    if "error" in call:
        return {"type": "error-text", "value": call["error"]}
    return {"type": "json", "value": call["result"]}


def _argument(calls: list[Call], at: int) -> None:
    calls[at]["args"]["limit"] = 50


def _result(calls: list[Call], at: int) -> None:
    calls[at]["result"] = {"changed": True}


def _failure(calls: list[Call], at: int) -> None:
    calls[at]["error"] = "timed out"


def _insert(calls: list[Call], at: int) -> None:
    calls.insert(at, {"toolName": "get_sheet_status", "args": {"listId": "new"}, "result": 1})


def _delete(calls: list[Call], at: int) -> None:
    del calls[at]


def _swap(calls: list[Call], at: int) -> None:
    calls[at], calls[at + 1] = calls[at + 1], calls[at]


def _retry(calls: list[Call], at: int) -> None:
    calls.insert(at, {**calls[at], "error": "timed out"})


def _replace(calls: list[Call], at: int) -> None:
    calls[at] = {"toolName": "get_sheet_status", "args": {"listId": "new"}, "result": 1}


EDITS: list[tuple[Callable[[list[Call], int], None], DivergenceKind]] = [
    (_argument, DivergenceKind.CHANGED),
    (_result, DivergenceKind.CHANGED),
    (_failure, DivergenceKind.CHANGED),
    (_insert, DivergenceKind.ADDED),
    (_delete, DivergenceKind.REMOVED),
    (_swap, DivergenceKind.MOVED),
    (_retry, DivergenceKind.RETRIED),
    (_replace, DivergenceKind.REPLACED),
]
