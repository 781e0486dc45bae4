"""Rows to messages: everything that is wrong is said, with its row, before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas
import pytest

from puffle_jupyter import InvalidMessage, InvalidSetting
from puffle_jupyter.asking import row_messages as module
from puffle_jupyter.asking.row_messages import row_messages

FRAME = pandas.DataFrame({"company": ["Acme", "Beta"], "size": [5, 7]}, index=["a", "b"])


def test_a_message_for_each_row() -> None:
    """By column, with a format; a list of dicts is asked alike, and its rows are numbered."""
    found = row_messages(FRAME, "Ask {company} ({size:03d}) {{now}}")
    assert [(one.label, one.message) for one in found] == [
        ("a", "Ask Acme (005) {now}"),
        ("b", "Ask Beta (007) {now}"),
    ]
    listed = row_messages(FRAME.to_dict("records"), "Ask {company} ({size:03d}) {{now}}")
    assert [one.label for one in listed] == [0, 1]
    assert [one.name for one in listed] == [one.name for one in found]


@pytest.mark.parametrize(
    ("rows", "template", "words"),
    [
        (
            FRAME,
            "Ask {firm}",
            r"2 rows have no message: there is no column 'firm'; there are 'company', 'size' ",
        ),
        (FRAME, "Ask them", "names no column"),
        (FRAME, "Ask {company", r"ValueError.*write \{\{ for \{ and \}\} for \} \(every row\)"),
        (FRAME, "Ask {company.nothing}", "AttributeError"),
        (FRAME, "  ", "message is empty"),
        (
            [{"a": "x"}, {"a": None}],
            "Ask {a}",
            r"1 row has no message: 'a' is empty \(row 1\). Nothing was sent",
        ),
        (
            [{"a": "x"}, {"a": float("nan")}, {"a": pandas.NA}, {"a": " "}],
            "{a}",
            r"'a' is empty \(row 1, row 2, row 3\)",
        ),
        ([{"a": Decimal("nan")}, {"a": pandas.NaT}, {"a": 1}], "{a}", r"'a' is empty \(row 0, row 1\)"),
        ([{"a": "x"}, {"b": "y"}], "Ask {a}", r"no column 'a'; there are 'b' \(row 1\)"),
        ([{"a": "x\ud800"}], "Ask {a}", "lone surrogate"),
        ([{"a": None, "b": "x"} for _ in range(9)], "{a}", "every row"),
    ],
)
def test_a_row_without_a_message_is_named(rows: Any, template: str, words: str) -> None:
    """All rows are looked at, and what is wrong with which is said at once."""
    with pytest.raises(InvalidMessage, match=words):
        row_messages(rows, template)


@pytest.mark.parametrize(
    ("rows", "key", "words"),
    [
        ([], None, "no rows"),
        (pandas.DataFrame({"a": []}), None, "no rows"),
        ("run_a", None, "not str"),
        ({"a": [1]}, None, "not dict"),
        ([{"a": 1}, "x"], None, "row 1 is a str"),
        (pandas.DataFrame([[1, 2]], columns=["a", "a"]), None, "'a' is there twice"),
        ([{"a": 1, "k": "x"}, {"a": 2, "k": "x"}], "k", "'x' is the 'k' of row 0, row 1"),
        ([{"a": 1, "k": None}], "k", "'k' is empty in row 0"),
        ([{"a": 1}], "k", "no column 'k'"),
        ([{"a": 1}] * 4, None, "4 rows are more than 3"),
    ],
)
def test_rows_that_cannot_be_asked_are_refused(
    rows: Any, key: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line, which says what was not understood."""
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    with pytest.raises(InvalidSetting, match=words):
        row_messages(rows, "Ask {a}", key=key)


def test_a_row_is_known_again() -> None:
    """By its message wherever it is in the frame, two that ask the same are two; or by a key."""

    def names(rows: Any, **more: Any) -> list[str]:
        return [one.name for one in row_messages(rows, "Ask {a}", **more)]

    one, two = names([{"a": "x"}, {"a": "x"}])
    assert one != two
    assert names([{"a": "y"}, {"a": "x"}])[1] == one
    assert names([{"a": "x"}], name="again") != [one]
    whole, hole = names([{"a": "x", "k": 7}], key="k"), names([{"a": "x", "k": 7.0}], key="k")
    assert whole == hole != [one]
    assert "x" not in one.removeprefix("each:")
