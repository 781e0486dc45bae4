"""Two runs compared: where they part, and that no call, row or word is missed or counted twice."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter import Run
from puffle_jupyter.comparing.align import Effort, pairs, stretches
from puffle_jupyter.comparing.calls import CallDiff, CallKind
from puffle_jupyter.comparing.compare import DivergenceKind, compare
from puffle_jupyter.comparing.rows import NamedRows, RowsDiff, row_diffs
from puffle_jupyter.comparing.texts import TextPlace
from puffle_jupyter.comparing.values import changes_of, meaning
from puffle_jupyter.comparing.words import PieceKind, pieces_of
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.render.diff_outline import outline_of_diff
from puffle_jupyter.transcript.tables import find_table
from tests.support.run_pairs import Call, pair_of, run_of

PAIRS = 250
SOON = 5.0
"""Seconds; what is bounded takes less than one, and what is not takes minutes."""
OPPOSITE = {CallKind.ADDED: CallKind.REMOVED, CallKind.REMOVED: CallKind.ADDED}

texts = st.text(st.sampled_from("ab ,.\n\té語"), max_size=40)
names = st.sampled_from(["id", "name", "fit", "city"])
cells = st.one_of(st.integers(0, 5), st.sampled_from(["a", "b", "c"]), st.none())
row_lists = st.lists(st.dictionaries(names, cells, min_size=1), max_size=8)
calls_made = st.lists(
    st.fixed_dictionaries(
        {
            "toolName": st.sampled_from(["f", "g"]),
            "args": st.dictionaries(names, st.integers(0, 2), max_size=2),
            "result": st.one_of(st.integers(0, 2), row_lists),
        },
        optional={"error": st.just("timed out")},
    ),
    max_size=7,
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["x", "y"])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)


def call(name: str, result: Any = 1, **arguments: Any) -> Call:
    return {"toolName": name, "args": arguments, "result": result}


def kinds(before: list[Call], after: list[Call]) -> list[str]:
    return [one.kind.value for one in compare(run_of("a", before), run_of("b", after)).calls]


def rows_of(rows: list[Any], name: str = "f") -> list[NamedRows]:
    found = find_table(JsonValue.of(rows))
    return [] if found is None else [NamedRows(name, found)]


def rows_diff(before: list[Any], after: list[Any], key: str | None = None) -> RowsDiff:
    return row_diffs(rows_of(before), rows_of(after), key)[0]


def test_the_first_divergence_is_the_edit() -> None:
    """In generated pairs with one known edit, that edit is where they part, and as what it is."""
    for seed in range(PAIRS):
        pair = pair_of(seed)
        found = compare(pair.before, pair.after).divergence
        assert found is not None
        assert (found.kind, found.calls) == (pair.kind, pair.calls), f"seed {seed}"


@given(calls_made)
@settings(max_examples=60, deadline=None)
def test_a_run_does_not_differ_from_itself(made: list[Call]) -> None:
    """Whatever it did: no divergence, every call the same, every row too, no text."""
    run = run_of("a", made)
    rows = rows_of([{"id": 1}, {"id": 1}])
    found = compare(run, run, (rows, rows))
    assert found.divergence is None
    assert {one.kind for one in found.calls} <= {CallKind.SAME}
    assert all(one.is_same for one in found.rows)
    assert found.texts == ()


@given(calls_made, calls_made)
@settings(max_examples=150, deadline=None)
def test_each_call_once_and_both_ways_the_same(before: list[Call], after: list[Call]) -> None:
    """Every call of both runs is in one entry, and the other way round is the same, seen from there."""
    first, second = run_of("a", before), run_of("b", after)
    found, back = compare(first, second), compare(second, first)
    for run, made in (
        (first, [one.before for one in found.calls]),
        (second, [one.after for one in found.calls]),
    ):
        places = [one.index for one in made if one is not None]
        assert sorted(places) == list(range(len(run.calls)))
    assert Counter(map(_facts, found.calls)) == Counter(map(_inverted_facts, back.calls))
    if found.divergence is None or back.divergence is None:
        assert found.divergence is back.divergence
    else:
        assert found.divergence.calls == back.divergence.calls


def _facts(one: CallDiff) -> tuple[Any, ...]:
    changed = tuple((str(change.before), str(change.after)) for change in one.changes)
    places = (one.before and one.before.index, one.after and one.after.index)
    return one.kind, places, tuple(sorted(changed))


def _inverted_facts(one: CallDiff) -> tuple[Any, ...]:
    kind = OPPOSITE.get(one.kind, one.kind)
    back = CallDiff(kind, one.after, one.before, tuple(change.inverted() for change in one.changes))
    return _facts(back)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([call("f", q=1)], [call("f", q=2)], ["changed"]),
        ([call("f", q=1), call("g")], [call("g"), call("f", q=1)], ["moved", "same"]),
        ([call("f")], [{**call("f"), "error": "e"}, call("f")], ["retried", "same"]),
        ([{**call("f"), "error": "e"}], [{**call("f"), "error": "e"}, call("f", q=3)], ["same", "retried"]),
        ([call("f", q=1)], [call("g", q=1)], ["removed", "added"]),
        (
            [call("f", q=1), call("f", q=2)],
            [call("f", q=9), call("f", q=2), call("f", q=1)],
            ["added", "moved", "same"],
        ),
        ([call("f", q=1, n=1), call("f", q=2, n=1)], [call("f", q=2, n=2)], ["removed", "changed"]),
    ],
)
def test_what_became_of_calls(before: list[Call], after: list[Call], expected: list[str]) -> None:
    """A retry, a move and a change have their names; a pair is of the calls that are most alike."""
    assert kinds(before, after) == expected


def test_a_change_of_rows_is_counted_and_what_is_beside_them_is_named() -> None:
    """Of a result with a table the rows are counted: which those are is said once, elsewhere."""
    before, after = ({"leads": [{"id": at} for at in range(n)], "total": n} for n in (2, 3))
    (one,) = compare(run_of("a", [call("f", before)]), run_of("b", [call("f", after)])).calls
    assert one.rows == (2, 3)
    assert [change.path for change in one.changes] == [("result", "total")]


@given(row_lists, row_lists, st.sampled_from([None, "id", "name"]))
@settings(max_examples=200, deadline=None)
def test_each_row_once(before: list[Any], after: list[Any], key: str | None) -> None:
    """Every different row of both is the same, changed, lost or gained: one of these, and once.

    Also where several rows have one key.
    """
    for found in row_diffs(rows_of(before), rows_of(after), key):
        here, there = _different(before), _different(after)
        lost, gained = _said(found.lost), _said(found.gained)
        changed, others = (
            _said([one.before for one in found.changed]),
            _said([one.after for one in found.changed]),
        )
        assert lost + changed == here - there
        assert gained + others == there - here
        assert found.same == len(here & there)
        (back,) = row_diffs(rows_of(after), rows_of(before), key)
        assert back.key == found.key
        assert (_said(back.lost), _said(back.gained)) == (gained, lost)


def _different(rows: list[Any]) -> Counter[str]:
    table = find_table(JsonValue.of(rows))
    return Counter(set(_said(table.rows if table else ())))


def _said(rows: Sequence[Any]) -> Counter[str]:
    return Counter(
        json.dumps({name: str(cell) for name, cell in row.items()}, sort_keys=True) for row in rows
    )


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"rank": 1, "leadId": "l1", "name": "a"}, "leadId"),
        ({"rank": 1, "name": "a"}, "name"),
        ({"seen": "2026-01-01", "name": "a"}, "name"),
        ({"title": "a", "by": "a1"}, "title"),
        ({"rank": 1, "fit": 7}, None),
        ({"company": {"id": 5}, "name": "a"}, "company.id"),
    ],
)
def test_the_key_is_found(row: dict[str, Any], key: str | None) -> None:
    """An id, or else a text that differs from row to row; a rank or a score identifies nobody."""
    other = json.loads(json.dumps(row).replace("1", "2").replace('"a"', '"b"').replace("5", "6"))
    assert rows_diff([row, other], [row]).key == key


def test_duplicates_are_named() -> None:
    """Rows with one key are told apart, and the key is named; a table without the given key finds its own."""
    before = [{"id": "a", "n": 1}, {"id": "a", "n": 2}, {"id": "b", "n": 1}]
    found = rows_diff(before, [{"id": "a", "n": 1}, {"id": "b", "n": 5}], key="id")
    assert [(value.python(), count) for value, count in found.duplicates] == [("a", 2)]
    assert [row["n"].python() for row in found.lost] == [2]
    assert [one.changes[0].path for one in found.changed] == [("n",)]
    assert rows_diff(before, before, key="absent").key is None


@given(texts, texts)
@settings(max_examples=200, deadline=None)
def test_pieces_are_both_texts(before: str, after: str) -> None:
    """Without what is new the pieces are the first text, without what is gone the second."""
    pieces = pieces_of(before, after)
    assert "".join(one.text for one in pieces if one.kind is not PieceKind.NEW) == before
    assert "".join(one.text for one in pieces if one.kind is not PieceKind.GONE) == after
    assert all(one.text for one in pieces)


def test_text_differs_by_words() -> None:
    """A word is whole: a number with its separators, a name with its accents, an address."""
    pieces = pieces_of("We found 1,200 leads at नमस्ते.", "We found 1,300 leads at नमस्कार.")
    changed = [(one.kind.value, one.text) for one in pieces if one.kind is not PieceKind.SAME]
    assert changed == [("gone", "1,200"), ("new", "1,300"), ("gone", "नमस्ते"), ("new", "नमस्कार")]


def test_what_is_the_same_by_chance_is_no_landmark() -> None:
    """A short word between two long changes is part of them: one change is read more easily than three."""
    pieces = pieces_of("Call: written to nobody in Berlin.", "Call: she sold shares to a bank.")
    assert [one.kind for one in pieces].count(PieceKind.GONE) == 1


@given(values, values)
@settings(max_examples=200, deadline=None)
def test_values_differ_where_a_change_says(before: Any, after: Any) -> None:
    """There is a change exactly when the values differ, and each side of it is what is at that place."""
    found = changes_of((), JsonValue.of(before), JsonValue.of(after))
    assert bool(found) == (json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True))
    for change in found:
        assert change.before != change.after
        if change.before is not None:
            assert change.before.python() == _at(before, change.path)


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_what_means_the_same() -> None:
    """Spaces, the order of keys and escapes of letters say nothing; digits do, and null is not nothing."""
    same = meaning(JsonValue(b'{"a":1,"b":"\\u00fc"}')), meaning(JsonValue('{"b": "ü", "a": 1}'.encode()))
    assert same[0] == same[1]
    assert meaning(JsonValue(b"1.10")) != meaning(JsonValue(b"1.1"))
    assert meaning(JsonValue(b"[1.10]")) != meaning(JsonValue(b"[1.1]"))
    assert meaning(JsonValue(b"null")) != meaning(None)
    changed = changes_of((), JsonValue(b'"{\\"a\\": 1}"'), JsonValue(b'"{\\"a\\": 2}"'))
    assert [change.path for change in changed] == [("a",)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["x", "y"] * 2400, ["y", "x", "x"] * 1600),
        ([str(at) for at in range(9000)], [str(at) if at % 2 else f"{at}b" for at in range(9000)]),
        ([str(at) for at in range(4000)], [str(at) for at in reversed(range(4000))]),
    ],
    ids=["few items, many times", "every other", "reversed"],
)
@pytest.mark.cost
def test_time_is_bounded(before: list[str], after: list[str]) -> None:
    """Sequences made to take `difflib` minutes take a moment, and still are both, from end to end."""
    started = time.process_time()
    found = stretches(before, after)
    assert time.process_time() - started < SOON
    assert [at for one in found for at in range(one.before_start, one.before_end)] == [*range(len(before))]
    assert [at for one in found for at in range(one.after_start, one.after_end)] == [*range(len(after))]
    assert all(before[at] == after[other] for at, other in pairs(before, after))


def test_what_else_can_differ() -> None:
    """What was asked comes first, then the status, then the texts; reasoning is the last."""
    asked = [{"role": "user", "content": "Find founders in Paris."}]
    first, second = run_of("a", []), run_of("b", [], text="Nobody was found.")
    third = run_of("c", [], status="cancelled")
    other = type(first).from_dict({**first.to_dict(), "messages": asked})
    found = [compare(first, one).divergence for one in (second, third, other)]
    assert [one and one.kind for one in found] == [
        DivergenceKind.TEXT,
        DivergenceKind.STATUS,
        DivergenceKind.ASKED,
    ]
    assert [one.place for one in compare(first, second).texts] == [TextPlace.ANSWER]


def test_what_the_last_message_says_before_the_answer_is_compared() -> None:
    """Of the message that ends with the answer only the answer itself is left to its own comparison."""

    def run(name: str, said: str) -> Run:
        parts = [{"type": "step-start"}, {"type": "text", "text": said}]
        parts += [{"type": "step-start"}, {"type": "text", "text": "Done."}]
        message = {"id": "m", "role": "assistant", "parts": parts}
        return Run.from_dict({"runId": name, "status": "completed", "text": "Done.", "messages": [message]})

    (text,) = compare(run("run_a", "I look in Berlin."), run("run_b", "I look in Paris.")).texts
    assert text.place is TextPlace.SAID
    assert "I look in Berlin." in text.before
    assert "I look in Paris." in text.after


@pytest.mark.cost
def test_many_texts_together_take_no_longer_than_a_few() -> None:
    """What differs in many lines, or in many results, is bounded as a whole; both texts are still there."""
    chance = random.Random(1)

    def words() -> str:
        return " ".join(chance.choice("abcdefgh") for _ in range(1_000))

    before, after = ("\n".join(line for at in range(40) for line in (f"Part {at}", words())) for _ in "ab")
    started = time.process_time()
    pieces = pieces_of(before, after)
    assert time.process_time() - started < SOON
    assert "".join(piece.text for piece in pieces if piece.kind is not PieceKind.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.kind is not PieceKind.GONE) == after

    runs = [run_of(name, [call("f", {"said": words()}, at=at) for at in range(40)]) for name in "ab"]
    started = time.process_time()
    assert len(outline_of_diff(compare(runs[0], runs[1])).calls) == 40
    assert time.process_time() - started < SOON

    effort = Effort(100_000)
    lists = [JsonValue.of([chance.randint(0, 7) for _ in range(1_500)]) for _ in range(20)]
    for one, other in pairwise(lists):
        assert changes_of((), one, other, effort)
    assert effort.left <= 0
