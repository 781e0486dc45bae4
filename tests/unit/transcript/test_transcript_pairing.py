"""Calls find their results, and the top-level ``toolCalls`` tell of no call twice."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.run import Run
from puffle_jupyter.transcript.model import ToolCallState
from tests.support.transcripts import (
    ai_sdk_call,
    ai_sdk_result,
    answered,
    call_of,
    called,
    outline,
    transcript_of,
)

SUCCEEDED, PENDING, ORPHAN = ToolCallState.SUCCEEDED, ToolCallState.PENDING, ToolCallState.ORPHAN_RESULT


def facts(messages: Any, tool_calls: Any = None) -> list[tuple[str | None, str, Any, Any]]:
    transcript = transcript_of(messages, tool_calls)
    return [(call.id, call.name, call.arguments, call.result) for call in transcript.tool_calls]


# Calls and results


def test_ids_decide_whatever_the_order() -> None:
    """Results in another order than their calls still find them."""
    messages = [
        called(ai_sdk_call("a"), ai_sdk_call("b")),
        answered(ai_sdk_result("b", result=2), ai_sdk_result("a", result=1)),
    ]
    assert facts(messages) == [("a", "search_leads", {}, 1), ("b", "search_leads", {}, 2)]


def test_a_result_may_stand_before_its_call() -> None:
    """With an id, a result is joined even when it comes first; its call stands where it was called."""
    messages = [answered(ai_sdk_result("a", result=1)), called(ai_sdk_call("a"))]
    assert facts(messages) == [("a", "search_leads", {}, 1)]
    assert [parts[0][0] for _, parts in outline(transcript_of(messages))] == ["result", "call"]


def test_without_ids_name_and_order_decide() -> None:
    """Results without an id go to the first unanswered call of their name."""
    messages = [
        called(ai_sdk_call(None, "f"), ai_sdk_call(None, "g"), ai_sdk_call(None, "f")),
        answered(*(ai_sdk_result(None, name, result=n) for n, name in enumerate(["g", "f", "f"]))),
    ]
    assert facts(messages) == [(None, "f", {}, 1), (None, "g", {}, 0), (None, "f", {}, 2)]


@pytest.mark.parametrize(("call_id", "result_id"), [("a", None), (None, "a")])
def test_one_side_without_an_id(call_id: str | None, result_id: str | None) -> None:
    """Where only one side has an id, name and order decide."""
    call = call_of([called(ai_sdk_call(call_id)), answered(ai_sdk_result(result_id, result=1))])
    assert (call.id, call.state, call.result) == ("a", SUCCEEDED, 1)


def test_different_ids_never_meet() -> None:
    """A result of another id is not taken for this call's: both stay visible."""
    transcript = transcript_of([called(ai_sdk_call("a")), answered(ai_sdk_result("b", result=1))])
    assert [(call.id, call.state) for call in transcript.tool_calls] == [("a", PENDING), ("b", ORPHAN)]
    assert transcript.tool_calls[1].result == 1
    assert [parts for _, parts in outline(transcript)] == [
        [("call", "search_leads", "a")],
        [("call", "search_leads", "b")],
    ]


def test_a_nameless_result_without_an_id_is_not_given_a_later_call() -> None:
    """Order is kept: a call that was made later is not answered by an earlier result."""
    messages = [{"role": "function", "content": "1"}, called(ai_sdk_call(None))]
    assert [call.state for call in transcript_of(messages).tool_calls] == [ORPHAN, PENDING]


@pytest.mark.parametrize("empty", ["", None])
def test_empty_ids_are_none(empty: str | None) -> None:
    """An empty id names nothing."""
    messages = [
        called(ai_sdk_call(empty, input={"n": 1}), ai_sdk_call(empty, input={"n": 2})),
        answered(ai_sdk_result(empty, result=1), ai_sdk_result(empty, result=2)),
    ]
    assert [(arguments, result) for _, _, arguments, result in facts(messages)] == [
        ({"n": 1}, 1),
        ({"n": 2}, 2),
    ]


def test_the_last_result_stands() -> None:
    """Several results of one call: the last is the result, preliminary ones end with the final one."""
    final = [ai_sdk_result("a", output=n) for n in (1, 2)]
    early = [ai_sdk_result("a", output=n, preliminary=True) for n in (7, 8)]
    call = call_of([called(ai_sdk_call("a")), answered(*early, *final)])
    assert (call.state, call.result, len(call.raw)) == (SUCCEEDED, 2, 5)
    assert call.notes == ("2 results were sent: this is the last one",)
    assert call_of([called(ai_sdk_call("a")), answered(final[0], *early)]).result == 1
    alone = call_of([called(ai_sdk_call("a")), answered(*early)])
    assert (alone.state, alone.result) == (PENDING, 8)


def test_ids_used_again_in_every_step() -> None:
    """Some providers call the first call of every step the same: each keeps its own result."""
    step = [called(ai_sdk_call("call_0")), answered(ai_sdk_result("call_0", result=1))]
    again = [called(ai_sdk_call("call_0")), answered(ai_sdk_result("call_0", result=2))]
    assert [result for *_, result in facts([*step, *again])] == [1, 2]


def test_parallel_calls_with_one_id() -> None:
    """Even parallel calls of one id get one result each, in order."""
    calls = [ai_sdk_call("x", input={"n": n}) for n in (1, 2)]
    results = [ai_sdk_result("x", result=n) for n in (1, 2)]
    assert [(a["n"], r) for *_, a, r in facts([called(*calls), answered(*results)])] == [(1, 1), (2, 2)]


def test_a_call_without_a_result_is_pending() -> None:
    """A run that was cut off keeps its last call."""
    call = call_of([called(ai_sdk_call())])
    assert (call.state, call.has_result, call.result) == (PENDING, False, None)


# What ids, names and order cannot decide alone


SHARED = ("2 calls share this id: results were matched by order",)


def told(messages: Any, tool_calls: Any = None) -> list[tuple[str, Any, Any, tuple[str, ...]]]:
    """Name, arguments, result and notes of every call."""
    calls = transcript_of(messages, tool_calls).tool_calls
    return [(call.name, (call.arguments or {}).get("n"), call.result, call.notes) for call in calls]


def test_a_result_is_not_given_to_an_earlier_step_of_the_same_id() -> None:
    """A call that was cut off and tried again under its old id has no result: the second one has it."""
    calls = [called(ai_sdk_call("x", input={"n": n})) for n in (1, 2)]
    assert told([*calls, answered(ai_sdk_result("x", result=2))]) == [
        ("search_leads", 1, None, SHARED),
        ("search_leads", 2, 2, SHARED),
    ]


def test_the_same_without_ids() -> None:
    """By name, and for results that name nothing by order alone."""
    calls = [called(ai_sdk_call(None, input={"n": n})) for n in (1, 2)]
    by_order = ("no ids to tell calls and results apart: matched by order",)
    expected = [("search_leads", 1, None, by_order), ("search_leads", 2, 2, by_order)]
    assert told([*calls, answered(ai_sdk_result(None, result=2))]) == expected
    assert told([*calls, {"role": "tool", "content": None, "toolResult": 2}]) == expected


def test_one_id_for_two_tools() -> None:
    """Each result goes to the call of the tool it names, whatever the order."""
    calls = called(ai_sdk_call("x", "f"), ai_sdk_call("x", "g"))
    results = [ai_sdk_result("x", "g", result="G"), ai_sdk_result("x", "f", result="F")]
    expected = [("f", None, "F", ()), ("g", None, "G", ())]
    assert told([calls, answered(*results)]) == expected
    assert told([answered(*results), calls]) == expected
    assert told([calls], results) == expected
    nameless = [{"role": "tool", "tool_call_id": "x", "content": f'"{n}"'} for n in (1, 2)]
    assert told([calls, *nameless]) == [("f", None, '"1"', SHARED), ("g", None, '"2"', SHARED)]


def test_a_result_that_names_another_tool() -> None:
    """The id decides, and the call says that the name does not fit."""
    messages = [called(ai_sdk_call("x", "f")), answered(ai_sdk_result("x", "web_search", result=1))]
    assert told(messages) == [("f", None, 1, ("the result names another tool: web_search",))]


def test_a_result_of_another_tool_takes_no_result_away() -> None:
    """A call that has a result keeps it: one that names another tool stays visible on its own."""
    results = [ai_sdk_result("x", "f", result=1), ai_sdk_result("x", "web_search", result=2)]
    assert told([called(ai_sdk_call("x", "f")), answered(*results)]) == [
        ("f", None, 1, ()),
        ("web_search", None, 2, ("another tool was called with this id: f",)),
    ]


def test_results_of_a_later_step_that_name_the_last_tool_of_their_id() -> None:
    """Names that were looked up by a reused id are all the last one: the steps decide."""
    steps_ = [(name, [called(ai_sdk_call("x", name)), answered(ai_sdk_result("x", "h"))]) for name in "fgh"]
    for result, (_, step) in enumerate(steps_):
        step[1]["content"][0]["result"] = result
    assert told([message for _, step in steps_ for message in step]) == [
        ("f", None, 0, ("the result names another tool: h",)),
        ("g", None, 1, ("the result names another tool: h",)),
        ("h", None, 2, ()),
    ]


def test_parallel_calls_of_one_id_say_that_order_decided() -> None:
    """Nothing else tells which result is whose; one that is missing is the last one's."""
    calls = called(*(ai_sdk_call("x", input={"n": n}) for n in (1, 2)))
    assert told([calls, answered(*(ai_sdk_result("x", result=n) for n in (1, 2)))]) == [
        ("search_leads", 1, 1, SHARED),
        ("search_leads", 2, 2, SHARED),
    ]
    assert [result for _, _, result, _ in told([calls, answered(ai_sdk_result("x", result=1))])] == [1, None]


def test_an_approval_is_about_the_call_before_it() -> None:
    """An id that is used again later does not take the approval away."""

    def step(n: int, approved: bool) -> list[Any]:
        request = {"type": "tool-approval-request", "approvalId": f"ask {n}", "toolCallId": "x"}
        response = {"type": "tool-approval-response", "approvalId": f"ask {n}", "approved": approved}
        return [called(ai_sdk_call("x", input={"n": n}), request), answered(response)]

    calls = transcript_of([*step(1, False), *step(2, True)]).tool_calls
    assert [call.state.value for call in calls] == ["denied", "pending"]


def test_a_list_of_steps_with_one_id() -> None:
    """The same call in every step of the top-level list is a call each time, with its own result."""
    listed = [
        item for n in (1, 2) for item in (ai_sdk_call("call_0"), ai_sdk_result("call_0", output={"n": n}))
    ]
    assert [result for _, _, result, _ in told([], listed)] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("listed_id", ["x", None])
def test_a_listed_result_repeats_the_messages(listed_id: str | None) -> None:
    """A result of the list that the messages have is not a second one, nor that of another call."""
    messages = [
        called(ai_sdk_call(listed_id, input={"n": 1}), ai_sdk_call("y", input={"n": 2})),
        answered(ai_sdk_result(listed_id, result=1)),
    ]
    listed = [ai_sdk_result(listed_id, output=1)]
    assert [call[:3] for call in told(messages, listed)] == [
        ("search_leads", 1, 1),
        ("search_leads", 2, None),
    ]


def test_a_listed_result_with_other_arguments_is_of_another_call() -> None:
    """What was asked tells calls of one tool apart for results too."""
    listed = [{"type": "tool-error", "toolName": "f", "args": {"n": 2}, "error": "no"}]
    calls = transcript_of([called(ai_sdk_call(None, "f", input={"n": 1}))], listed).tool_calls
    assert [(call.arguments, call.error) for call in calls] == [({"n": 1}, None), ({"n": 2}, "no")]


def test_two_listed_calls_of_one_id_and_two_tools() -> None:
    """The list finds the call of its tool among those of its id."""
    messages = [called(ai_sdk_call("x", "f"), ai_sdk_call("x", "g"))]
    calls = transcript_of(messages, [ai_sdk_call("x", "g"), ai_sdk_call("x", "f")]).tool_calls
    assert [[raw.python()["toolName"] for raw in call.raw] for call in calls] == [["f", "f"], ["g", "g"]]


# In each way what a result says of itself is enough: any order, results first, calls without a result.
STEPS = st.lists(
    st.lists(st.tuples(st.sampled_from("fgh"), st.booleans()), min_size=1, max_size=4), max_size=5
)


@settings(max_examples=300, deadline=None)
@given(
    steps=STEPS,
    way=st.sampled_from(["id and name", "id", "id of each step", "name of each step"]),
    random=st.randoms(use_true_random=False),
)
def test_pairing_is_exact_where_it_is_determined(steps: Any, way: str, random: Any) -> None:
    """Calls of known results: whatever determines the pairing gives it, and nobody doubts it."""
    calls: list[Any] = []
    results: list[Any] = []
    truth: dict[Any, Any] = {}
    for step in steps:
        made: list[Any] = []
        answers: list[Any] = []
        for index, (name, has_result) in enumerate(step):
            number = len(truth)
            if way == "name of each step" and any(part["toolName"] == name for part in made):
                continue
            call_id = {
                "id and name": f"id {len([n for n, *_ in truth.values() if n == name])}",
                "id": f"id {number}",
                "id of each step": f"call_{index}",
                "name of each step": None,
            }[way]
            truth[number] = (name, number if has_result else None)
            made.append(ai_sdk_call(call_id, name, input={"n": number}))
            if has_result:
                named = name if way in ("id and name", "name of each step") else None
                answers.append(ai_sdk_result(call_id, named, result=number))
        random.shuffle(made)
        random.shuffle(answers)
        calls.append(called(*made))
        results.append(answered(*answers))
    if way in ("id and name", "id"):
        messages = [*calls, *results]
        random.shuffle(messages)
    else:
        messages = [message for step in zip(calls, results, strict=True) for message in step]
    found = transcript_of(messages).tool_calls
    assert {call.arguments["n"]: (call.name, call.result) for call in found} == truth
    if way in ("id and name", "id"):
        assert {call.notes for call in found} <= {()}


# The top-level toolCalls


A, B = {"query": "a"}, {"query": "b"}
TWO_CALLS = [
    called(ai_sdk_call("a", input=A), ai_sdk_call("b", input=B)),
    answered(ai_sdk_result("a", result=1), ai_sdk_result("b", result=2)),
]
PLAIN = [("a", "search_leads", A, 1), ("b", "search_leads", B, 2)]


@pytest.mark.parametrize(
    "listed",
    [
        [],
        [{"toolName": "search_leads", "args": A}],
        [{"toolName": "search_leads", "args": A}, {"toolName": "search_leads", "args": B}],
        [{"toolName": "search_leads", "args": B}, {"toolName": "search_leads", "args": A}],
        [{"toolName": "search_leads"}, {"toolName": "search_leads"}],
        [{"toolName": "search_leads", "args": '{"query":   "b"}'}],
        [{"toolName": "search_leads", "args": '{"query": "b'}],
        [ai_sdk_call("b", input=B)],
        [ai_sdk_call("b", input={"query": "as the model wrote it"})],
        [ai_sdk_call("b", input=B), ai_sdk_call("b", input=B)],
        [ai_sdk_call("b", input=B), ai_sdk_result("b", input=B, output=2)],
        [
            {
                "id": "a",
                "type": "function",
                "function": {"name": "search_leads", "arguments": '{"query": "a"}'},
            }
        ],
        [{"type": "tool-result", "toolCallId": "b", "toolName": "search_leads", "result": 17}],
    ],
)
def test_listed_calls_are_not_shown_twice(listed: list[Any]) -> None:
    """By id, by name and arguments, or by name and order: the list repeats what the messages hold."""
    assert facts(TWO_CALLS, listed) == PLAIN
    assert transcript_of(TWO_CALLS, listed).ledger == transcript_of(TWO_CALLS).ledger


@pytest.mark.parametrize(
    "item",
    [
        {"toolName": "search_leads", "args": {"query": "c"}},
        {"toolName": "search_leads", "args": {"query": "a", "limit": 1}},
        {"toolName": "web_search", "args": A},
        {"toolName": "web_search"},
        ai_sdk_call("c", input=A),
    ],
)
def test_listed_calls_no_message_mentions(item: dict[str, Any]) -> None:
    """A listed call of another name, id or arguments is a call of its own, after the others."""
    transcript = transcript_of(TWO_CALLS, [item])
    assert len(transcript.tool_calls) == 3
    assert transcript.tool_calls[2].name == item["toolName"]
    assert transcript.ledger.shown == transcript_of(TWO_CALLS).ledger.shown + 1


def test_equal_calls_are_listed_one_by_one() -> None:
    """Two equal calls in the messages are two in the list; a third one is a call of its own."""
    messages = [called(ai_sdk_call("a", input=A), ai_sdk_call("b", input=A))]
    item = {"toolName": "search_leads", "args": A}
    assert [len(transcript_of(messages, [item] * n).tool_calls) for n in (1, 2, 3)] == [2, 2, 3]


def test_equal_arguments_go_before_order() -> None:
    """A listed call without arguments does not take the place of one whose arguments tell."""
    listed = [{"toolName": "search_leads"}, {"toolName": "search_leads", "args": A}]
    transcript = transcript_of(TWO_CALLS, listed)
    assert [len(call.raw) for call in transcript.tool_calls] == [3, 3]
    assert transcript.tool_calls[0].raw[-1].members()["args"].python() == A


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ('{"a": "\\u00e9"}', '{"a": "é"}', True),
        ('{"a": 1}', '{"a": "1"}', False),
        ('{"a": 9007199254740993}', '{"a": 9007199254740992}', False),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": null}', "{}", False),
    ],
)
def test_arguments_are_compared_as_json(one: str, other: str, same: bool) -> None:
    """Key order, spaces and escapes do not matter; every digit and kind does."""
    messages = [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": one}}]}]
    calls = transcript_of(messages, [{"toolName": "f", "args": other}]).tool_calls
    assert len(calls) == (1 if same else 2)


def test_the_list_adds_what_the_messages_leave_out() -> None:
    """A result only the list has is joined; one the messages have stands."""
    messages = [called(ai_sdk_call("a"), ai_sdk_call("b")), answered(ai_sdk_result("a", result=1))]
    listed = [ai_sdk_result("a", output=10), ai_sdk_result("b", output=20)]
    assert [result for *_, result in facts(messages, listed)] == [1, 20]


def test_the_list_gives_an_orphan_its_call() -> None:
    """Messages of the last step may hold a result only: the list knows the call, with or without its id."""
    orphan = answered(ai_sdk_result("a", result=1))
    assert facts([orphan], [ai_sdk_call("a", input=A)]) == [("a", "search_leads", A, 1)]
    assert call_of([orphan], [{"toolName": "search_leads", "args": A}]).state is SUCCEEDED


def test_listed_ids_used_again_are_two_calls() -> None:
    """Two listed calls of one id with different arguments are not one."""
    assert [a for _, _, a, _ in facts([], [ai_sdk_call("x", input=A), ai_sdk_call("x", input=B)])] == [A, B]


def test_listed_calls_with_results_of_their_own() -> None:
    """A list of calls and results pairs them as messages would."""
    listed = [
        ai_sdk_call("a", input=A),
        ai_sdk_result("a", input=A, output=0),
        {"type": "tool-error", "toolCallId": "b", "toolName": "f", "input": B, "error": "no"},
        {"toolName": "g", "args": {}, "result": None},
    ]
    transcript = transcript_of([], listed)
    assert [(c.name, c.state.value, c.result, c.error) for c in transcript.tool_calls] == [
        ("search_leads", "succeeded", 0, None),
        ("f", "failed", None, "no"),
        ("g", "succeeded", None, None),
    ]


def test_listed_outputs_are_raw() -> None:
    """The SDK's result side gives the tool's own value, even one that looks like a typed output."""
    output = {"type": "text", "value": "hi"}
    assert call_of([], [ai_sdk_result("a", input={}, output=output)]).result == output


@pytest.mark.parametrize("way", ["no id", "one id", "ids", "one id, other tools"])
def test_pairing_is_linear(way: str) -> None:
    """Ten times as many calls of one name take ten times the steps, with ids, without, and listed."""

    def run_of(count: int) -> Run:
        ids = [{"no id": None, "ids": f"c{n}"}.get(way, "x") for n in range(count)]
        names = [f"tool {n}" if way == "one id, other tools" else "search_leads" for n in range(count)]
        calls = [ai_sdk_call(ids[n], input={"n": n}) for n in range(count)]
        results = [ai_sdk_result(ids[n], names[n], result=n) for n in range(count)]
        listed = [{"toolName": "search_leads", "args": {"n": n}} for n in reversed(range(count))]
        messages = [called(*calls), answered(*results)]
        return Run.from_dict(
            {"runId": "run_a", "status": "completed", "messages": messages, "toolCalls": listed}
        )

    few, many = run_of(40), run_of(400)
    # Each is read here for the first time: what is read once is remembered.
    assert steps(lambda: many.transcript) < 12 * steps(lambda: few.transcript)
    assert len(few.transcript.tool_calls) == 40


def steps(function: Callable[[], object]) -> int:
    """How many operations of byte code ``function`` takes: the same on every machine, however busy."""
    counted = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        function()
    finally:
        sys.settrace(before)
    return counted


def test_a_repeated_listed_id_takes_no_other_call() -> None:
    """An id the messages know is that call told again, not the equal call beside it that has no id."""
    messages = [called(ai_sdk_call(None, input=A), ai_sdk_call("b", input=A))]
    calls = transcript_of(messages, [ai_sdk_call("b", input=A), ai_sdk_call("b", input=A)]).tool_calls
    assert [(call.id, len(call.raw)) for call in calls] == [(None, 1), ("b", 3)]


def test_an_id_learnt_from_a_result_is_known() -> None:
    """A call without an id has its result's from then on: a second result of that id is its own too."""
    results = [ai_sdk_result("r", result=n) for n in (1, 2)]
    assert call_of([called(ai_sdk_call(None)), answered(*results)]).result == 2


@pytest.mark.parametrize("error", [{}, {"error": None}, {"error": "no"}])
def test_a_tool_error_is_a_failure_without_words_too(error: dict[str, Any]) -> None:
    """A ``tool-error`` says that the call failed, whatever became of its error."""
    part = {"type": "tool-error", "toolCallId": "c1", "toolName": "search_leads", **error}
    assert call_of([called(ai_sdk_call()), answered(part)]).state is ToolCallState.FAILED


def test_an_invalid_call_has_failed() -> None:
    """A call the SDK could not accept never ran."""
    call = call_of(
        [], [ai_sdk_call("a", input="{broken", invalid=True, error={"name": "AI_NoSuchToolError"})]
    )
    assert (call.state, call.error) == (ToolCallState.FAILED, {"name": "AI_NoSuchToolError"})


def test_a_result_without_a_value_is_one() -> None:
    """JSON drops ``undefined``: the call was answered, with nothing."""
    call = call_of([called(ai_sdk_call()), answered(ai_sdk_result())])
    assert (call.state, call.has_result) == (SUCCEEDED, False)
