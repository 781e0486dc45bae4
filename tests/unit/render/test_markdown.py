"""Agent Markdown: readable, complete, and unable to run, fetch or deceive."""

from __future__ import annotations

import re
import time

import pytest

from puffle_jupyter.render.html import markdown
from puffle_jupyter.render.html.markdown import to_html
from puffle_jupyter.render.html.markdown_limits import too_much
from puffle_jupyter.render.html.table_cells import keep_cells
from tests.support.html_check import foreign_parts, read_html, text_of
from tests.support.payloads import SAMPLE, corpus_payloads

PATHOLOGICAL = {
    "images": "![" * 20_000,
    "quotes": ">" * 20_000,
    "one row": "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n" + "|b" * 20_000 + "|\n",
    "short rows": "|a" * 400 + "|\n" + "|-" * 400 + "|\n" + "|b|\n" * 20_000,
    "brackets": "[" * 100_000,
    "pairs of brackets": "[" * 50_000 + "]" * 50_000,
    "lists in a line": "- 1. " * 20_000,
    "one line": "a" * 10_000_000,
    "bearers": "Bearer " * 100_000,
    "a link of dots": "[" + "a." * 400_000 + "](https://a.example)",
    "a link of addresses": "[" + "a@//a-" * 100_000 + "](https://a.example)",
    "links of dots": f"[{'a-.' * 600}](https://a.example) " * 500,
    "character references": "&#x202e;" * 100_000,
}


@pytest.mark.parametrize("payload", SAMPLE)
def test_nothing_foreign_survives(payload: str) -> None:
    """No element, attribute or address comes out of agent Markdown that is not on the allow-list."""
    assert foreign_parts(to_html(payload)) == []


def test_nothing_foreign_survives_of_the_corpora() -> None:
    """The same for every payload of the XSS corpora."""
    payloads = corpus_payloads()
    if not payloads:
        pytest.skip("PUFFLE_CORPORA is not set")
    assert [(payload, bad) for payload in payloads if (bad := foreign_parts(to_html(payload)))] == []


def test_raw_html_is_shown() -> None:
    """Raw HTML is escaped, not lost: the reader sees `<founder>`."""
    assert text_of(to_html("Dear <founder> of <b>Acme</b>")) == "Dear <founder> of <b>Acme</b>"


def test_the_sanitiser_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a renderer lets through, the allow-list stops."""
    attributes = 'title="t" lang="x" class="c" id="i" style="color:red" data-x="y" onclick="x()"'
    raw = f"<p {attributes}>a<script>x()</script><svg></svg><img src=x><input></p>"
    monkeypatch.setattr(markdown, "_renderer", lambda: lambda text: raw)
    assert foreign_parts(to_html("anything")) == []


@pytest.mark.parametrize(
    "address",
    [
        "http:api/kernels",
        "https:/api/kernels",
        "/api/shutdown",
        "//evil.example/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "vscode://file/x",
        "https://user:password@evil.example",
        "https://",
        "mailto:?attach=x",
        "#there",
    ],
)
def test_only_absolute_addresses_are_links(address: str) -> None:
    """A link leads to http, https or mailto, in full; all else would resolve to the notebook's server."""
    assert read_html(to_html(f"[label]({address})")).addresses == []
    assert "label" in to_html(f"[label]({address})")


@pytest.mark.parametrize(
    "address", ["https://a.example/b?c=d&e=f#g", "http://a.example", "mailto:a@b.example"]
)
def test_honest_links_stay(address: str) -> None:
    """Absolute web and mail addresses are links that tell their target nothing of this page."""
    shown = to_html(f"[label]({address})")
    assert read_html(shown).addresses == [address]
    assert 'rel="noopener noreferrer nofollow"' in shown


def test_a_link_says_where_it_leads() -> None:
    """A link whose text is an address of another host names its true host."""
    assert "[leads to evil.example]" in to_html("[https://puffle.ai/login](https://evil.example/x)")
    assert "leads to" not in to_html(
        "https://puffle.ai and [www.puffle.ai](https://puffle.ai/x) and [N.js](http://n.example)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "**https://app.puffle.ai**",
        "app.*puffle*.ai",
        "`app.puffle.ai`",
        "(https://app.puffle.ai)",
        "\\[https://app.puffle.ai\\]",
        "sign in at app.puffle.ai, please",
        "app.puffle.agency",
        "app.puffle.md",
        "APP.PUFFLE.AI.",
        "app.puffle.ai:443",
        "//app.puffle.ai/x",
        "https://localhost:8888",
        "https://app.puffle.ai@evil.example/",
        "mara@puffle.ai",
        "app&period;puffle&#46;ai",
        "<b>app.puffle.ai</b>",
        "![https://app.puffle.ai](x.png)",
        "ａｐｐ．ｐｕｆｆｌｅ．ａｉ",
        "app。puffle。ai",
        "\u0430pp.puffle.ai",
        "app.puf\u00adfle.ai",
        "app.puf\u200dfle.ai",
    ],
)
def test_no_text_of_a_link_hides_where_it_leads(text: str) -> None:
    """Whatever marks, tags, brackets or letters it is written with, and wherever in the text."""
    assert "[leads to evil.example]" in text_of(to_html(f"[{text}](https://evil.example/x)"))
    assert "[leads to evil.example]" in text_of(to_html(f"[{text}][1]\n\n[1]: https://evil.example/x"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("https://\u0430pp.puffle.ai", "xn--pp-6kc.puffle.ai"),
        ("[\u0430pp.puffle.ai](https://\u0430pp.puffle.ai)", "xn--pp-6kc.puffle.ai"),
        ("[apple.com](https://xn--80ak6aa92e.com)", "xn--80ak6aa92e.com"),
        ("[https://evil.example@app.puffle.ai](https://app.puffle.ai)", "app.puffle.ai"),
        ("[mara@acme.example](mailto:mara@evil.example)", "mara@evil.example"),
        ("[mara@mail.example](mailto:eve@mail.example)", "eve@mail.example"),
    ],
)
def test_the_place_is_named_without_look_alikes(text: str, place: str) -> None:
    """A host of letters that look like others is named as the name service has it; a mailbox in full."""
    assert f"[leads to {place}]" in text_of(to_html(text))


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/x?y=https://b.example and <https://a.example:8080>",
        "[a.example](https://www.a.example/x) [**www.a.example**](https://a.example)",
        "[https://a.example/b…](https://a.example/bcd)",
        "[mara@a.example](mailto:mara@a.example) mara@a.example [mara@a.example](https://a.example)",
        "[report.pdf](https://a.example) [setup.py](https://a.example) [N.js](https://a.example)",
        "[v1.2](https://a.example) [3.5.1](https://a.example) [e.g. this: one](https://a.example)",
        "[**Acme Inc. Berlin**](https://a.example) [€4.2 M, 12:30](https://a.example)",
        "[müller.example](https://müller.example) https://müller.example [日本](https://a.example)",
    ],
)
def test_honest_links_are_left_alone(text: str) -> None:
    """A link that claims no place, or the one where it leads, says no more."""
    assert "leads to" not in to_html(text)


def test_images_become_text() -> None:
    """An image is never fetched: its description and address are shown as text."""
    assert "[image: a chart] https://x.example/p.png?q=secret" in text_of(
        to_html("![a chart](https://x.example/p.png?q=secret)")
    )
    assert "img" not in read_html(to_html("![a](https://x.example/p.png)")).elements


def test_tasks_keep_their_state() -> None:
    """Check boxes are form elements and go; what they say stays."""
    assert text_of(to_html("- [x] done\n- [ ] open")) == "☑ done☐ open"


def test_tables_code_and_lists_are_rendered() -> None:
    """Tables, strikethrough, autolinks, code and lists look like what they are."""
    shown = to_html(
        "| a | b |\n|:-|-:|\n| 1 | ~~2~~ |\n\n3. c\n\n`d` https://e.example\n\n```python\nf < g\n```"
    )
    assert {"table", "del", "ol", "code", "pre", "a"} <= set(read_html(shown).elements)
    assert "text-align:right" in shown
    assert 'start="3"' in shown
    assert "f < g" in text_of(shown)


def test_headings_stay_below_the_page() -> None:
    """Agent headings begin at h3 and leave no gap, so they neither outrank nor break a page's outline."""
    elements = read_html(to_html("# a\n\n### b\n\n# c\n\n###### d")).elements
    assert elements == ["h3", "h4", "h3", "h5"]


def test_control_characters_are_visible() -> None:
    """Overrides, tags and escape codes are shown as escapes in rendered text."""
    assert text_of(to_html("a\u202eb\U000e0041c\x1bd\r\ne")).strip() == "a\\u202eb\\udb40\\udc41c\\u001bd\ne"


@pytest.mark.parametrize("token", ["ab~~Secret~~", "www.secret.example", "Secret.x"])
def test_tokens_are_cut_out_before_markup_splits_them(token: str) -> None:
    """A token that Markdown would break up, by strikethrough or as a link, is redacted in full."""
    assert "ecret" not in to_html(f"Authorization: Bearer {token}")


def test_keys_are_cut_out() -> None:
    """A key is redacted, also when Markdown escapes stand inside it."""
    shown = to_html("pk_live_abc123 and pk\\_live\\_abc123 and Authorization: Bearer abc.def-123")
    assert "abc123" not in shown
    assert "def-123" not in shown
    assert "pk_live_…" in shown


@pytest.mark.cost
@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_pathological_input_ends(name: str) -> None:
    """Input made to be slow is rendered or shown as plain text within a second (CPU time)."""
    started = time.process_time()
    shown = to_html(PATHOLOGICAL[name])
    assert time.process_time() - started < 1.0
    assert shown


def test_fifty_marks_of_any_kind_are_too_deep() -> None:
    """Whatever marks a level is counted: quotes, bullets, numbers; a rule of as many hyphens is none."""
    marks = (">", "> ", ">    ", "- ", "* ", "+ ", "1. ", "123456789)  ")
    for mark in marks:
        assert too_much("text\n  " + mark * 50 + "deep")
        assert not too_much("text\n  " + mark * 49 + "deep")
    assert too_much("".join(marks[at % len(marks)] for at in range(50)))
    assert not too_much("-" * 80)


def test_plain_text_says_why() -> None:
    """What is too deep for Markdown is shown whole, as plain text, with the reason."""
    shown = to_html(">" * 200 + " deep & down")
    assert "deep &amp; down" in shown
    assert "nested more than 50 levels" in shown


def test_a_panic_of_the_renderer_is_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer that fails in its own way leaves the plain text."""

    class Panic(BaseException):
        pass

    def panic(text: str) -> str:
        raise Panic

    monkeypatch.setattr(markdown, "_renderer", lambda: panic)
    assert "<pre" in to_html("*a*")


def test_an_interrupt_is_not_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while rendering is still Ctrl-C."""

    def interrupted(text: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(markdown, "_renderer", lambda: interrupted)
    with pytest.raises(KeyboardInterrupt):
        to_html("a")


@pytest.mark.parametrize(
    "text",
    ["```\na\n\n\n \t\nb\n```", "```python\na = 1\n\n\nb = 2\n```", "<!-- a\n\nb -->", "<pre>\n\nb</pre>"],
)
@pytest.mark.parametrize("highlighted", [True, False])
def test_no_blank_line_ends_the_html(text: str, highlighted: bool) -> None:
    """In Markdown a blank line would end the block of HTML, and what follows would be rendered once more."""
    assert not re.search(r"\n[ \t]*\n", to_html(text, highlighted=highlighted).rstrip("\n"))


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| `a|b` | either a or b |", ["a|b", "either a or b"]),
        ("`a|b` | ``c`|`` ", ["a|b", "c`|"]),
        ("| 1 | 2 | 3 | 4 |", ["1", "2 | 3 | 4"]),
        ("1|2|3", ["1", "2|3"]),
        (r"| a\|b | c |", ["a|b", "c"]),
        (r"| a | b | c\|", ["a", "b | c|"]),
        ("\N{NO-BREAK SPACE}| a | b", ["\N{NO-BREAK SPACE}", "a | b"]),
        ("| 1 |", ["1", ""]),
        (f"| `{'a' * 3_000}|b` | long | row |", [f"{'a' * 3_000}|b", "long | row"]),
        ("`` a ` | b `` | `c` | ```d|", ["a ` | b", "c | ```d"]),
    ],
)
@pytest.mark.parametrize("before", ["", "> ", ">", ">> ", " > > "])
def test_no_cell_of_a_table_is_dropped(row: str, cells: list[str], before: str) -> None:
    """GFM drops what is more than the header; a bar in code is meant as one. In block quotes too."""
    shown = to_html("\n".join(f"{before}{line}" for line in ("| x | y |", "|---|---|", row)))
    body = shown.partition("<tbody>")[2]
    assert [text_of(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", body)] == cells


TABLE = ("|a|b|", "|-|-|", "|1|2|last|")


@pytest.mark.parametrize(
    ("first", "further"),
    [
        ("- ", "  "),
        ("- x\n  - ", "    "),
        ("- x\n  - y\n    - ", "      "),
        ("1.  ", "    "),
        ("10. x\n\n    ", "    "),
        ("- > ", "  > "),
        ("> - ", ">   "),
        ("- ```\n  code\n  ```\n\n", ""),
        ("1. ```\n   code\n   ```\n\n   ", "   "),
        ("> ```\n> code\n\n", ""),
        ("``` not`fence ```\n", ""),
        ("text\n  ", ""),
    ],
)
def test_no_cell_is_dropped_wherever_the_table_is(first: str, further: str) -> None:
    """In lists and quotes of any depth, and after code or what only looks like it. A row may have no bar."""
    shown = to_html(first + f"\n{further}".join((*TABLE, "no bar", TABLE[-1])))
    cells = [text_of(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", shown)]
    assert cells == ["1", "2|last", "no bar", "", "1", "2|last"]


@pytest.mark.parametrize(
    ("first", "further", "after"),
    [
        ("- ```\n  ", "  ", "\n  ```"),
        ("1. ```\n   ", "   ", "\n   ```"),
        ("> - ```\n>   ", ">   ", "\n>   ```"),
        ("<pre>\n", "", "\n</pre>"),
        ("    ", "    ", ""),
        ("- x\n\n      ", "      ", ""),
    ],
)
def test_no_backslash_is_added_to_code(first: str, further: str, after: str) -> None:
    """What looks like a table within code stays as it was written."""
    shown = text_of(to_html(first + f"\n{further}".join(TABLE) + after))
    assert "\n".join(TABLE) in shown


def test_code_and_honest_rows_are_left_alone() -> None:
    """Nothing is escaped in a fence, nor outside a table."""
    fenced = "```\n|a|\n|-|\n|1|2|3|\n```\n\n1|2|3\n"
    assert "|1|2|3|" in text_of(to_html(fenced))
    assert "\\" not in text_of(to_html(fenced))
    for text in (
        "> ```\n> |a|\n> |-|\n> |1|2|3|\n> ```",
        "```\n> |a|\n> |-|\n> |1|2|3|\n```",
        "> ```\n> > |a|\n> > |-|\n> > |1|2|3|\n> ```",
        "> |a|\n> |-|\n\n|1|2|3|",
    ):
        assert keep_cells(text) == text


def test_emphasis_next_to_cjk_is_bold() -> None:
    """Chinese and Japanese have no spaces around words, so that CommonMark leaves the asterisks."""
    shown = to_html(
        "\u542b**\u300c\u91cd\u70b9\u300d**\u5185\u5bb9\u3002**\u6ce8\u610f\uff1a**\u8bf7\u770b\u3002"
    )
    assert "*" not in text_of(shown)
    assert shown.count("<strong ") == 2
