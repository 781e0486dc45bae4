"""The tables of a run by name, and what is written of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from IPython.lib.pretty import pretty

from puffle_jupyter import FileExists, InvalidExport, NoSuchTable, Run, Table
from puffle_jupyter.tables.csv_text import CsvText, without_formula
from puffle_jupyter.tables.markdown_tables import markdown_tables
from puffle_jupyter.tables.names import unique_names
from puffle_jupyter.tables.table import named_tables
from tests.support.html_check import foreign_parts, text_of
from tests.support.payloads import SAMPLE, answer_full_of
from tests.support.transcripts import ai_sdk_call, ai_sdk_result, answered, called

LEADS = [{"name": "Ada", "fit": 1.10, "org": {"city": "Berlin"}}, {"name": "=cmd()", "fit": -5}]
ANSWER = "Found:\n\n| Name | Fit |\n|:--|--:|\n| [Ada](https://a.example) | 94 |\n| Bo\\|b | 7 |\n"


def a_run(**changes: Any) -> Run:
    messages = [
        {"role": "user", "content": "| a |\n|---|\n| x |"},
        called(ai_sdk_call("c1"), ai_sdk_call("c2"), ai_sdk_call("c3", "get_status")),
        answered(
            ai_sdk_result("c1", output={"type": "json", "value": {"leads": LEADS, "total": 2}}),
            ai_sdk_result("c2", output={"type": "json", "value": []}),
            ai_sdk_result("c3", "get_status", output={"type": "text", "value": "ready"}),
        ),
        {"role": "assistant", "content": ANSWER},
    ]
    answer = {"runId": "run_a", "status": "completed", "text": ANSWER, "messages": messages}
    return Run.from_dict(answer | changes)


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_every_table_has_a_name_of_its_own() -> None:
    """The answer's first, once; then what was said and the rows of calls, in order, also empty lists."""
    tables = a_run().tables
    assert tables.names == ["answer", "user", "search_leads", "search_leads 2"]
    assert [len(table) for table in tables] == [2, 1, 2, 0]
    assert tables["search_leads"] is tables[2]
    assert "search_leads" in tables  # type: ignore[comparison-overlap]
    assert tables[:2].names == ["answer", "user"]
    assert tables[2].place == "result of search_leads, run.calls[0]"


def test_names_are_never_equal() -> None:
    """A name that looks like a numbered one takes no other's place."""
    names = unique_names(["a", "a 2", "a", "a", "a 2"])
    assert len(set(names)) == 5
    assert names[:3] == ["a", "a 2", "a 3"]


def test_a_missing_table_is_named_with_those_there_are() -> None:
    """The next step is in the error."""
    with pytest.raises(NoSuchTable, match=r"no table 'leads' in this run; there are: answer, user, search_"):
        _ = a_run().tables["leads"]


def test_rows_are_those_of_the_call() -> None:
    """One reading of rows: a table of a call and the call's own frame are equal."""
    run = a_run()
    table = run.tables["search_leads"]
    assert table.columns == ("name", "fit", "org.city")
    assert table.rows == [{"name": "Ada", "fit": 1.1, "org.city": "Berlin"}, {"name": "=cmd()", "fit": -5}]
    assert table.to_frame().equals(run.calls["search_leads"][0].to_frame())


def results(*found: object, tool: str = "look_up") -> Run:
    calls = [{"toolName": tool, "args": {}, "result": result} for result in found]
    return Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": calls})


def test_the_results_of_a_tool_are_one_table() -> None:
    """Objects are a row each, lists their rows, with the number of the call; nobody's name changes."""
    records = {"name": "Ada", "emails": []}, {"name": "Bo", "call": "me", "emails": ["b@b.example"]}
    run = results(*records, "nothing found", [{"name": "Cy"}, {"name": "Di"}], {"leads": []})
    assert run.tables.names == ["look_up", "look_up 2", "all look_up"]
    table = run.tables["all look_up"]
    assert table.place == "results of look_up in 3 calls"
    assert table.rows == [
        {"call": 0, "name": "Ada", "emails": ""},
        {"call": 1, "name": "Bo", "call 2": "me", "emails": "b@b.example"},
        {"call": 3, "name": "Cy"},
        {"call": 3, "name": "Di"},
    ]
    assert table.columns == ("call", "name", "emails", "call 2")


def test_a_file_of_one_call_of_several_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows that are missing in it are not missed in silence; the table of all says nothing."""
    run = results([{"name": "Cy"}], [{"name": "Di"}])
    path = run.tables["look_up"].to_csv(tmp_path / "one.csv")
    said = f"{path}: the result of look_up, run.calls[0]; tables['all look_up'] has those of all its calls\n"
    assert capsys.readouterr().out == said
    run.tables["all look_up"].to_csv(tmp_path / "all.csv")
    results([{"name": "Cy"}]).tables["look_up"].to_csv(tmp_path / "only.csv")
    assert capsys.readouterr().out == ""


def test_one_result_is_no_table_of_a_tool() -> None:
    """What one call gave has its own table, or is an object that the page shows."""
    assert results({"name": "Ada"}).tables.names == []
    assert results([{"name": "Ada"}], [], "x", {"content": [{"type": "text", "text": "x"}]}).tables.names == [
        "look_up",
        "look_up 2",
    ]


def test_a_tool_named_like_such_a_table_keeps_its_name() -> None:
    """The tables of calls are named first."""
    run = results([{"a": 1}], tool="all f").to_dict()
    run["toolCalls"] += [{"toolName": "f", "args": {}, "result": {"a": at}} for at in range(2)]
    assert Run.from_dict(run).tables.names == ["all f", "all f 2"]


def test_a_markdown_table_is_read_as_the_page_shows_it() -> None:
    """Escaped bars, numbers as numbers, and what only looks like a table."""
    (table,) = markdown_tables(ANSWER + "\n```\n| not | one |\n|---|---|\n```\n")
    assert table.columns == ("Name", "Name link", "Fit")
    assert [[cell.python() for cell in row.values()] for row in table.rows] == [
        ["Ada", "https://a.example", 94],
        ["Bo|b", 7],
    ]


def test_where_links_lead_is_a_column() -> None:
    """The text stays as it is read; an address that is the text is there once, one that is no link stays."""
    (table,) = markdown_tables(
        "|Site|Site link|Fit|\n|-|-|-|\n"
        "|see [A](https://a.example) or [B](mailto:b@b.example)|x|[9](https://c.example)|\n"
        "|https://d.example [code](http:x)||8|"
    )
    assert table.columns == ("Site", "Site link 2", "Site link", "Fit", "Fit link")
    assert [{name: cell.python() for name, cell in row.items()} for row in table.rows] == [
        {
            "Site": "see A or B",
            "Site link 2": "https://a.example mailto:b@b.example",
            "Site link": "x",
            "Fit": 9,
            "Fit link": "https://c.example",
        },
        {"Site": "https://d.example code (http:x)", "Fit": 8},
    ]


def test_digits_and_holes_of_a_markdown_table_stay() -> None:
    """1.10 is not 1.1, an id with a leading zero is a text, an empty cell is missing."""
    (table,) = markdown_tables("|a|a||\n|-|-|-|\n|1.10|007|x|\n||8|<b>|")
    assert table.columns == ("a", "a 2", "column 3")
    assert [{name: cell.encoded.decode() for name, cell in row.items()} for row in table.rows] == [
        {"a": "1.10", "a 2": '"007"', "column 3": '"x"'},
        {"a 2": '"8"', "column 3": '"<b>"'},
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "+49 30 1", '"=1']
)
def test_no_cell_starts_a_formula(text: str) -> None:
    """OWASP, "CSV Injection": an apostrophe is before whatever a spreadsheet would calculate."""
    assert without_formula(text) == f"'{text}"


def test_a_formula_does_not_start_within_a_cell_either() -> None:
    """With semicolons between cells, Excel ends one at a semicolon or a line break inside quotes."""
    assert without_formula('a;=1;"@x\n+2') == "a;'=1;'\"@x\n'+2"


@pytest.mark.parametrize("text", ["-5", "-5.25", "1e3", "a=b", "a, -b", "Ada", ""])
def test_what_is_no_formula_stays(text: str) -> None:
    """Numbers, also negative ones, and signs inside a text."""
    assert without_formula(text) == text


def test_a_csv_file_holds_what_was_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Digits as sent, nested fields as columns; what was changed is said, and the path comes back."""
    path = a_run().tables["search_leads"].to_csv(tmp_path / "leads.csv")
    assert path == tmp_path / "leads.csv"
    assert cells_of(path) == [["name", "fit", "org.city"], ["Ada", "1.1", "Berlin"], ["'=cmd()", "-5", ""]]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "1 cell would have started a formula" in capsys.readouterr().out


def test_nothing_is_said_where_nothing_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipeline's output holds no line of ours without a reason."""
    a_run().tables["answer"].to_csv(tmp_path / "answer.csv")
    assert capsys.readouterr().out == ""


def test_a_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    """What is there stays, unless overwrite is set; no other file is left behind."""
    path = tmp_path / "leads.csv"
    path.write_text("mine", encoding="utf-8")
    table = a_run().tables["search_leads"]
    with pytest.raises(FileExists, match=r"leads\.csv' exists: pass overwrite=True"):
        table.to_csv(path)
    assert path.read_text(encoding="utf-8") == "mine"
    table.to_csv(str(path), overwrite=True)
    assert cells_of(path)[1][0] == "Ada"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error is about the folder, not about a file of ours in it."""
    table = a_run().tables[0]
    with pytest.raises(InvalidExport, match=r"the folder '.*no' does not exist"):
        table.to_csv(tmp_path / "no" / "a.csv")
    with pytest.raises(InvalidExport, match="is a folder"):
        table.to_csv(tmp_path)


def test_keys_are_cut_out_of_a_csv_file() -> None:
    """An export holds no credential."""
    text = CsvText(["a"])
    text.add(["Bearer pk_live_abcdefghijklmnopqrstuvwx"])
    assert b"abcdefghijkl" not in text.encoded()


def test_a_file_in_base64_is_its_type_and_size(tmp_path: Path) -> None:
    """Neither a view nor a CSV file holds the base64; the frame has what was sent."""
    row = {"name": "x", "shot": {"mimeType": "image/png", "data": "QUJD" * 100}}
    result = ai_sdk_result("c1", output={"type": "json", "value": [row]})
    (table,) = a_run(messages=[called(ai_sdk_call("c1")), answered(result)], text="x").tables
    assert cells_of(table.to_csv(tmp_path / "a.csv"))[1] == ["x", "image/png", "image/png · 300 bytes"]
    assert "QUJD" not in table._repr_html_() + pretty(table)
    assert table.to_frame()["shot.data"][0] == "QUJD" * 100


def test_tables_are_shown() -> None:
    """In a notebook as tables with their names, in a terminal a line each."""
    tables = a_run().tables
    shown = tables._repr_html_()
    assert foreign_parts(shown) == []
    for name in tables.names:
        assert name in text_of(shown)
    assert shown.count("<table") == 3
    assert "answer · 2 rows · 3 columns · final answer" in pretty(tables)
    assert pretty(tables["answer"]).split("\n")[1:3] == [
        "  Name · Name link · Fit",
        "  Ada · https://a.example · 94",
    ]


def test_many_tables_fit_an_output() -> None:
    """At most 2 MB, and the number left out is said."""
    rows = [{"n": at, "text": "x" * 100} for at in range(2_000)]
    calls = [{"toolName": "f", "args": {}, "result": rows} for _ in range(30)]
    tables = Run.from_dict({"runId": "run_a", "status": "completed", "toolCalls": calls}).tables
    assert len(tables) == 31
    shown = tables._repr_html_()
    assert len(shown.encode()) < 2_000_000
    assert "of 31 tables shown" in shown
    assert len(tables[0]._repr_html_()) < 2_000_000


@pytest.mark.parametrize("payload", SAMPLE)
def test_tables_of_a_hostile_run_are_harmless(payload: str, tmp_path: Path) -> None:
    """Names, headings and cells are text in html, in a terminal and in a CSV file."""
    calls = [{"toolName": payload, "args": {}, "result": {payload: [{payload: payload}, {"b": payload}]}}]
    called_only = {"runId": payload, "status": "completed", "text": f"|{payload}|\n|-|", "toolCalls": calls}
    said = Run.from_dict(answer_full_of(payload)).tables
    tables = named_tables(
        (table.name, table.place, table.sent, table.shown)
        for table in (*said, *Run.from_dict(called_only).tables)
    )
    assert len(tables) >= 1
    assert foreign_parts(tables._repr_html_()) == []
    printed = pretty(tables) + "".join(map(pretty, tables))
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    for at, table in enumerate(tables):
        assert isinstance(table, Table)
        for row in cells_of(table.to_csv(tmp_path / f"{at}.csv")):
            assert not [cell for cell in row if cell[:1] in ("=", "+", "@", "\t", "\r") or "\x1b" in cell]


def test_a_run_without_tables_says_so() -> None:
    """No error and no empty page."""
    tables = a_run(messages=[], text="Done").tables
    assert tables.names == []
    assert "0 tables" in pretty(tables)
    assert "0 tables" in text_of(tables._repr_html_())
    with pytest.raises(NoSuchTable, match="there are: no tables"):
        _ = tables["answer"]


def test_an_answer_that_is_json_is_a_table() -> None:
    """Rows in place of the final text are the answer's table."""
    run = Run.from_json(json.dumps({"runId": "run_a", "status": "completed", "text": [{"a": 1}]}))
    assert run.tables["answer"].rows == [{"a": 1}]


def test_csv_is_read_by_other_programs() -> None:
    """pandas reads whole numbers, texts with quotes and line breaks as they were."""
    import pandas

    text = CsvText(["n", "said"])
    text.add(["1", 'a "b"\nc'])
    frame = pandas.read_csv(io.BytesIO(text.encoded()))
    assert (frame["n"][0], frame["said"][0]) == (1, 'a "b"\nc')
