"""A run as HTML: everything in it, in order, folded where long, and nothing foreign."""

from __future__ import annotations

import html as stdlib_html
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from puffle_jupyter.display.snapshot import snapshot_body, snapshot_fragment
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.render.html.anchors import NO_IDS
from puffle_jupyter.render.html.escape import attribute, escaped
from puffle_jupyter.render.html.fold import at_screenful, between_paragraphs
from puffle_jupyter.render.html.tool_call import tool_call
from puffle_jupyter.render.html.transcript import transcript_pieces
from puffle_jupyter.render.limits import EVERYTHING, NOTEBOOK
from puffle_jupyter.render.outline import Outline
from puffle_jupyter.render.words import LABEL_BY_CALL_STATE
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.transcript.answer import Answer
from puffle_jupyter.transcript.model import (
    FilePart,
    Ledger,
    Message,
    NotePart,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolCallState,
    ToolResultPart,
    Transcript,
    UnknownPart,
)
from puffle_jupyter.watching.snapshot import WatchPhase, WatchSnapshot
from tests.support.html_check import foreign_parts, foreign_parts_of_page, read_html, text_of
from tests.support.payloads import SAMPLE, answer_full_of, corpus_payloads

RAW = JsonValue.of({})


def completed(text: str = "done", **fields: Any) -> Run:
    return Run.from_dict({"runId": "run_abc", "status": "completed", "text": text, **fields})


def call(result: object = None, *, state: ToolCallState = ToolCallState.SUCCEEDED, **fields: Any) -> ToolCall:
    arguments = JsonValue.of(fields.pop("arguments", {"query": "fintech", "limit": 25}))
    return ToolCall("call_1", "search_leads", state, arguments, JsonValue.of(result), **fields)


def shown_call(result: object = None, **fields: Any) -> str:
    return tool_call(call(result, **fields), NOTEBOOK)


def transcript(*messages: Message) -> str:
    return transcript_html(Transcript(messages, (), Ledger(shown=1)))


def transcript_html(transcript: Transcript) -> str:
    outline = Outline("", "", Answer(), transcript, ())
    return "".join(transcript_pieces(outline, outline.deeds(), EVERYTHING, NO_IDS))


def said(role: str, text: str) -> Message:
    return Message(role, (TextPart(text, RAW),), RAW)


def test_answer_then_messages_then_ledger_then_raw() -> None:
    """The final text comes first, then the messages in order, the ledger, the raw JSON."""
    shown = text_of(
        completed("The answer", messages=[{"role": "user", "content": "The question"}])._repr_html_()
    )
    places = [
        shown.index(word)
        for word in ("completed", "The answer", "The question", "Nothing left out: 1 shown", "Raw JSON")
    ]
    assert places == sorted(places)


def test_the_answer_is_shown_once() -> None:
    """Where the answer stands in the transcript again, it is pointed at."""
    run = completed("**The answer**", messages=[{"role": "assistant", "content": "**The answer**"}])
    shown = text_of(run._repr_html_().partition("Raw JSON")[0])
    assert shown.count("The answer") == 1
    assert "Final answer: shown at the top" in shown


def test_another_last_text_is_shown() -> None:
    """A last message that differs from the answer is shown in full."""
    run = completed("The answer", messages=[{"role": "assistant", "content": "Another"}])
    assert "Another" in text_of(run._repr_html_().partition("Raw JSON")[0])


def test_a_failure_shows_its_error() -> None:
    """A failed run shows its error as plain text."""
    run = Run.from_dict({"runId": "run_abc", "status": "failed", "error": "model *overloaded* <529>"})
    assert "model *overloaded* <529>" in text_of(run._repr_html_())


def test_a_cancellation_is_a_plain_sentence() -> None:
    """A cancelled run says so in words."""
    run = Run.from_dict({"runId": "run_abc", "status": "cancelled"})
    assert "The run was cancelled before it finished" in text_of(run._repr_html_())


def test_a_call_in_its_summary() -> None:
    """A tool call's summary is a mark, its name, a line of its arguments and what came of it."""
    summary = shown_call([{"n": 1}, {"n": 2}]).partition("</summary>")[0]
    assert text_of(summary) == '✓ search_leads query: "fintech" · limit: 25 2 rows'


@pytest.mark.parametrize("state", list(ToolCallState))
def test_every_state_has_a_word(state: ToolCallState) -> None:
    """No outcome is shown by colour alone: each has a symbol, and all but a success a word."""
    label = LABEL_BY_CALL_STATE[state]
    summary = text_of(shown_call("x", state=state).partition("</summary>")[0])
    assert summary.startswith(f"{label.symbol} ")
    assert summary.endswith(label.word) == (state is not ToolCallState.SUCCEEDED)


@pytest.mark.parametrize("result", [0, False, "", None, [], {}])
def test_falsy_results_are_shown(result: object) -> None:
    """A result that is 0, false, "", null, [] or {} is a result."""
    shown = text_of(shown_call(result, arguments={}))
    assert "result" + JsonValue.of(result).compact() in shown
    assert "no result" not in shown


def test_no_result_is_said() -> None:
    """A call without any result says so."""
    pending = ToolCall("call_1", "search_leads", ToolCallState.PENDING)
    assert "no result was recorded" in text_of(tool_call(pending, NOTEBOOK))


def test_numbers_as_sent() -> None:
    """Numbers are shown digit by digit as they were sent."""
    value = JsonValue.parse('{"n": 1.10, "big": 123456789012345678901234567890, "e": 1e400}')
    shown = text_of(tool_call(ToolCall("c", "t", ToolCallState.SUCCEEDED, value, value), NOTEBOOK))
    for number in ("1.10", "123456789012345678901234567890", "1e400"):
        assert number in shown


def test_json_in_a_string_is_laid_out() -> None:
    """A result that is JSON in a string is shown as JSON, a broken one as it came."""
    assert '{\n  "a": 1.50\n}' in text_of(shown_call('{"a":1.50}'))
    assert '{"a":1.50' in text_of(shown_call('{"a":1.50'))


ROWS = [{"name": "Ada", "score": 1}, {"name": "Bob", "mail": "b@x.example"}]


@pytest.mark.parametrize("result", [ROWS, {"leads": ROWS, "total": 2}])
def test_rows_are_a_table(result: object) -> None:
    """A list of flat objects is a table with all its columns, and the JSON in a fold beside it."""
    shown = shown_call(result)
    assert [*re.findall(r"<th[^>]*>(\w+)</th>", shown)] == ["name", "score", "mail"]
    assert "View as JSON (" in shown
    assert '"b@x.example"' in text_of(shown)


def test_many_rows_are_folded_not_cut() -> None:
    """Rows beyond a screenful stand in a fold that says how many there are."""
    shown = shown_call([{"n": n} for n in range(100)])
    assert "show all 100 rows" in shown
    assert shown.partition("result · 100 rows")[2].count("<td") == 100


def test_nested_objects_are_columns() -> None:
    """A nested field is a column with a dot, a list a text; the JSON beside it has them as sent."""
    shown = shown_call([{"a": {"b": 1}, "c": ["x", "y"]}])
    assert re.findall(r"<th[^>]*>([\w.]+)</th>", shown) == ["a.b", "c"]
    assert "x, y" in text_of(shown)
    assert "View as JSON (" in shown


def test_cells_are_easy_to_read() -> None:
    """Numbers to the right with their heading, dates in one piece, addresses as links."""
    rows = [
        {
            "score": None,
            "seen": "2026-01-15T09:30:00Z",
            "site": "https://a.example/x?y=1&z",
            "odd": "2026-01-15 x",
        },
        {
            "score": 1.10,
            "seen": "2026-01-15",
            "site": "http:api/kernels",
            "odd": "javascript://a.example/%0aalert(1)",
        },
    ]
    shown = shown_call(rows).partition("result · ")[2]
    styles = {
        text_of(cell): look for look, cell in re.findall(r'<t[hd] style="([^"]*)">(.*?)</t[hd]>', shown)
    }
    assert {text for text, look in styles.items() if "text-align:right" in look} == {"score", "1.1"}
    nowrap = {text for text, look in styles.items() if "nowrap" in look}
    assert nowrap == {"seen", "2026-01-15T09:30:00Z", "2026-01-15"}
    assert re.findall(r'href="([^"]*)">([^<]*)</a>', shown) == [
        ("https://a.example/x?y=1&amp;z", "https://a.example/x?y=1&amp;z")
    ]


def test_an_empty_list_of_leads_says_so() -> None:
    """Nothing found is "0 rows", not a piece of JSON to be deciphered."""
    assert "result · leads · 0 rows" in text_of(shown_call({"leads": [], "total": 0}))


def test_one_thing_with_an_empty_list_is_no_empty_table() -> None:
    """A person without addresses is a person: no "0 rows" is said of it."""
    shown = text_of(shown_call({"name": "Ada", "emails": []}))
    assert "0 rows" not in shown
    assert '"name": "Ada"' in shown


def test_an_error_is_marked() -> None:
    """A failed call marks its error by a word and a symbol."""
    shown = shown_call("x", state=ToolCallState.FAILED, error_json=JsonValue.of("timed out"))
    assert text_of(shown).startswith("✗ search_leads ")
    assert "failed: timed out" in text_of(shown)
    assert "errortimed out" in text_of(shown)


def test_short_arguments_are_keys_and_values() -> None:
    """Arguments of one line each are a table, a list with commas; the JSON is one click away."""
    arguments = JsonValue.of({"query": "fintech", "titles": ["CEO", "CFO"], "limit": 20})
    shown = text_of(tool_call(replace(call("x"), arguments_json=arguments), NOTEBOOK))
    assert "queryfintechtitlesCEO, CFOlimit20View as JSON (" in shown


@pytest.mark.parametrize("value", ["one\ntwo", "x" * 241, {"deep": 1}, [{"deep": 1}] * 30])
def test_long_arguments_are_json(value: object) -> None:
    """A table would cut or bend what is no short line: then the arguments are only their JSON."""
    arguments = JsonValue.of({"value": value})
    shown = tool_call(replace(call("x"), arguments_json=arguments), NOTEBOOK)
    assert "<table" not in shown
    assert "View as JSON" not in shown


def test_every_kind_of_part() -> None:
    """Reasoning is folded, files named, sources linked, notes and unknown parts labelled."""
    one = call("x")
    parts = (
        ReasoningPart("because", RAW),
        ReasoningPart("", JsonValue.of({"data": "cipher"}), redacted=True),
        ToolCallPart(one, RAW),
        ToolResultPart(one, RAW),
        FilePart("report.pdf", "application/pdf", 1234, None, RAW),
        SourcePart("A page", "https://x.example/a", RAW),
        NotePart("step", "second", RAW),
        UnknownPart("hologram", JsonValue.of({"type": "hologram", "n": 1})),
    )
    shown = text_of(transcript(Message("assistant", parts, RAW)))
    for words in (
        "reasoning, 7 characters",
        "because",
        "cipher",
        "result of search_leads: shown with its call",
        "report.pdf application/pdf · 1,234 bytes",
        "A page",
        "https://x.example/a",
        "step: second",
        "unknown part hologram",
        '"n": 1',
    ):
        assert words in shown


def test_sources_link_only_to_the_web() -> None:
    """A source's or file's address that is not absolute is words, not a link."""
    parts = (
        SourcePart("t", "javascript:alert(1)", RAW),
        FilePart("f", None, None, "http:api/kernels", RAW),
        SourcePart("t", "https://x.example/", RAW),
    )
    assert read_html(transcript(Message("assistant", parts, RAW))).addresses == ["https://x.example/"]


def test_system_messages_are_folded() -> None:
    """A system message stands in a fold; a user's does not."""
    assert "<details" in transcript(said("system", "Be kind")).partition("</summary>")[2]
    assert "<details" not in transcript(said("user", "Hi")).partition("</summary>")[2]


def test_calls_that_no_message_mentions() -> None:
    """Top-level toolCalls that stand in no message are shown after them."""
    shown = text_of(completed(toolCalls=[{"toolName": "search_leads", "args": {"q": "x"}}])._repr_html_())
    assert "1 tool call" in shown
    assert "search_leads" in shown


def test_the_ledger_is_told() -> None:
    """The ledger stands under the transcript in words."""
    shown = transcript_html(Transcript((said("user", "x"),), (), Ledger(39, 2, 0)))
    assert "Nothing left out: 39 shown, 2 folded" in shown


def test_long_text_is_folded_whole() -> None:
    """A long result is folded after a screenful with its exact size; nothing of it is lost."""
    text = "\n".join(f"line {number}" for number in range(5000))
    shown = shown_call(text)
    assert f"show all {len(text):,} characters" in shown
    assert all(f"line {number}\n" in text_of(shown) + "\n" for number in range(0, 4999, 7))


@pytest.mark.parametrize("text", ["x\n" * 100, "x" * 9999, "\n" * 500, "ab\n" * 3 + "y" * 9000])
def test_a_fold_splits_exactly(text: str) -> None:
    """The two parts of a folded text are the text, less the line break between them."""
    head, rest = at_screenful(text)
    assert rest
    assert text in (head + rest, f"{head}\n{rest}")


def test_markdown_folds_between_paragraphs() -> None:
    """Long Markdown is never cut inside a code block."""
    code = "```\n" + "code\n\n" * 400 + "```\n"
    head, rest = between_paragraphs(f"intro\n\n{code}\nend\n\n" + "more " * 10 + "\n\nlast\n", 100)
    assert head.count("```") == 2
    assert head + rest == f"intro\n\n{code}\nend\n\n" + "more " * 10 + "\n\nlast\n"


def test_a_page_can_neither_run_nor_fetch() -> None:
    """The standalone page forbids scripts and network to the browser, and suits light and dark."""
    page = completed().to_html()
    assert page.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in page
    assert "color-scheme: light dark" in page
    assert "<script" not in page


def leaves(value: object) -> set[str]:
    if isinstance(value, dict):
        return {leaf for key, item in value.items() for leaf in {key, *leaves(item)}}
    if isinstance(value, list):
        return {leaf for item in value for leaf in leaves(item)}
    return {value} if isinstance(value, str) else set()


def test_the_raw_fold_is_the_answer() -> None:
    """The raw fold parses back to exactly what was sent, control characters included."""
    answer = answer_full_of("".join(SAMPLE))
    page = Run.from_dict(answer).to_html()
    block = re.findall(r"<pre [^>]*>(.*?)</pre>", page.rpartition("Raw JSON")[2], re.DOTALL)[0]
    assert json.loads(stdlib_html.unescape(block)) == answer


@pytest.mark.parametrize("payload", SAMPLE)
def test_hostile_strings_in_every_position(payload: str) -> None:
    """No position of a response brings an element, an attribute or an address into the html."""
    run = Run.from_dict(answer_full_of(payload))
    assert foreign_parts(run._repr_html_()) == []
    assert foreign_parts_of_page(run.to_html()) == []


@pytest.mark.parametrize("payload", SAMPLE)
def test_hostile_name_where_a_result_stood(payload: str) -> None:
    """A tool's name is text also where only the place of its result is shown."""
    one = ToolCall(payload, payload, ToolCallState.SUCCEEDED)
    assert foreign_parts(transcript(Message(payload, (ToolResultPart(one, RAW),), RAW))) == []


def test_no_key_at_the_edge_of_a_digest() -> None:
    """An argument's name or value is redacted before it is cut, so no beginning of a token stays."""
    for length in range(30, 60):
        edge = "x" * length + " Bearer s3cret1"
        summary = shown_call("x", arguments={edge: 1, "b": edge}).partition("</summary>")[0]
        assert "Bearer s" not in summary


def test_an_empty_message_is_shown() -> None:
    """A message without parts keeps its place and its role."""
    assert "assistant(empty)" in text_of(transcript(Message("assistant", (), RAW))).replace(" ", "")


def test_hostile_corpora_in_every_position() -> None:
    """The same for a sample of the XSS corpora, spread over all of it."""
    payloads = corpus_payloads()
    if not payloads:
        pytest.skip("PUFFLE_CORPORA is not set")
    bad = {
        p: b for p in payloads[::40] if (b := foreign_parts(Run.from_dict(answer_full_of(p))._repr_html_()))
    }
    assert bad == {}


def test_the_title_of_a_page_is_escaped() -> None:
    """A hostile run id stays text in the page's head."""
    page = Run.from_dict({"runId": "</title><script>", "status": "</style>"}).to_html()
    assert "<script" not in page
    assert page.count("</style>") == 2, "the page's own, and the one for paper"


def test_keys_are_cut_out_everywhere() -> None:
    """No position of a response shows a key or a bearer token: html, page, text, Markdown."""
    run = Run.from_dict(answer_full_of("pk_live_Secret123 Authorization: Bearer Secret456.x"))
    for shown in (run._repr_html_(), run.to_html(), run.to_text(), run.to_markdown()):
        assert "Secret" not in shown


def test_control_characters_are_visible_everywhere() -> None:
    """Labels, texts and JSON show overrides and controls as escapes."""
    shown = Run.from_dict(answer_full_of("a\u202eb\x1b\U000e0041"))._repr_html_()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\U000e0000-\U000e007f]", shown)


def test_a_snapshot_that_waits() -> None:
    """A watch that goes on shows when it was so, and one line that says what to do."""
    snapshot = WatchSnapshot("run_abc", WatchPhase.WATCHING, RunStatus.RUNNING, "running", polls=3)
    shown = snapshot_fragment(snapshot, "01:37:06")
    assert foreign_parts(shown) == []
    assert "as of 01:37:06" in shown
    assert "run this cell again" in shown


def test_a_snapshot_that_ended() -> None:
    """A watch whose run ended shows badge and transcript in one fragment, and the body alone on request."""
    run = completed("The answer")
    snapshot = WatchSnapshot("run_abc", WatchPhase.ENDED, RunStatus.COMPLETED, "completed", run, 3, 0.0, 31.0)
    shown = snapshot_fragment(snapshot, "01:37:06")
    assert "completed" in shown
    assert "01:37:06" not in shown
    assert "31 s" not in shown
    assert "The answer" in shown
    assert "polls" not in snapshot_body(snapshot)
    assert "The answer" in snapshot_body(snapshot)


@pytest.mark.parametrize("messages", [None, 0, "x", {}, [None, 1, "x", [], {}], [{"role": 1, "content": {}}]])
def test_odd_messages_are_shown(messages: object) -> None:
    """Messages of any JSON are shown, never an error."""
    run = completed(messages=messages)
    assert foreign_parts(run._repr_html_()) == []
    assert run.to_text()
    assert run.to_markdown()


def test_quotes_are_escaped_where_they_end_something() -> None:
    """In text quotes stay, or JSON would be a quarter longer; an attribute's value is ended by none."""
    assert escaped("\"'<&>") == "\"'&lt;&amp;&gt;"
    assert attribute("\"'<&>") == "&quot;&#x27;&lt;&amp;&gt;"
