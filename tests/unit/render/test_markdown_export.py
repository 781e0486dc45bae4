"""An exported Markdown document, rendered by engines that let raw HTML and any link through."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.render.markdown.neutralize import neutralized
from puffle_jupyter.render.markdown.run import run_markdown
from puffle_jupyter.run import Run
from puffle_jupyter.settings import Personal, current_settings
from tests.support import hostile
from tests.support.engines import ENGINES, live_parts, text_of

_STARTS = ["", "http://a.example/x", "HTTPS://a.example/x", "www.a.example/x", "ftp://a.example/"]
STARTS = [*_STARTS, "mailto:a@b.example", "xmpp:a@b.example/", "a@b.example", "<https://a.example>"]
BETWEEN = ["", "\\", "\\\\", "`", "$", "$$", " ", "!"]
TAGS = [
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=x",
    "<script>alert(1)</script>",
    "<iframe src=//x.example>",
    "<svg/onload=x>",
    "<a href=javascript:x>y</a>",
    "<details open ontoggle=x>",
    "<!-- x -->",
    "<![CDATA[x]]>",
    "<?php x ?>",
    "<!DOCTYPE x>",
    "</div>",
    "![x](https://e.example/p)",
    "![x][y]\n\n[y]: https://e.example/p",
    "[x](javascript:alert(1))",
    "[x](<javascript:a>)",
    "[x](java&#115;cript:a)",
    "[x](java\\script:a)",
    "[x](\njavascript:a)",
    "[x](http:api/kernels)",
    "[x]()",
    "[x]\n\n[x]: data:text/html,y",
    "[x]\n\n[x]:\n  vbscript:y",
    "[x]\n\n> - [x]: /y 'title'",
    "<javascript:alert(1)>",
]
ENDS = ["", "`", "$$"]
GRID = ["".join(pieces) for pieces in itertools.product(STARTS, BETWEEN, TAGS, ENDS)]
# Every text visits every position with PUFFLE_XSS=all.
STEP = 1 if os.environ.get("PUFFLE_XSS") == "all" else 149
STEP_OF_CORPORA = 1 if STEP == 1 else 97

# What may follow an answer: code that holds what would end other code, or a formula.
AFTER = "\n\n## T\n\n````text\n```\n<img src=x>\n````\n\n~~~~text\n~~~\n$$ \\\\] \\end{a} <img src=x>\n~~~~\n"
_FENCES = [
    "```",
    "````",
    "~~~",
    "  ```",
    "\t```",
    "- ```",
    "```python",
    "> ```",
    "   ```",
    "1. ```",
    "mermaid",
]
_LINES = ["\n", "\n\n", " ", "    ", "\t", "- ", "1. ", "> ", "# ", "|", "a|b\n-|-\n", "\n  ", "\n   ", "---"]
_INLINE = ["`", "``", "\\", "\\\\", "a", "[a]", "](b)", "[a]: /u", "<https://a`b>", "<https://a>", "!", "&"]
_OTHER = [
    "$",
    "$$",
    "\\\\[",
    "\\\\]",
    "\\begin{a}",
    "\\end{a}",
    "https://a.example/",
    "www.a.example",
    "]:",
    "~~",
    ' "t',
    '")',
    "](https://a",
]
_HARM = ["<b>", "<img src=x>", "<!-- x -->", "<?a?>", "<script>\n", "![a](b)", "[x](javascript:a)"]
PIECES = st.lists(
    st.one_of(*map(st.sampled_from, (_FENCES, _LINES, _INLINE, _OTHER, _HARM))), max_size=16
).map("".join)


def completed(answer: str = "done", **fields: Any) -> Run:
    return Run.from_dict({"runId": "run_a", "status": "completed", "text": answer, **fields})


def live(document: str) -> list[tuple[str, list[str]]]:
    """What is live of ``document``, by engine."""
    return [(name, parts) for name, render in ENGINES.items() if (parts := live_parts(render(document)))]


def test_the_engines_are_dangerous() -> None:
    """The detector works: raw, most of these texts are live in every engine."""
    for render in ENGINES.values():
        assert sum(bool(live_parts(render(tag))) for tag in TAGS) >= len(TAGS) - 4


@pytest.mark.parametrize("start", STARTS)
def test_no_text_is_live(start: str) -> None:
    """After nothing or an address, escaped or not: no tag, image or script link is live in an answer."""
    for between, tag, end in itertools.product(BETWEEN, TAGS, ENDS):
        document = neutralized(f"{start}{between}{tag}{end}")
        assert live(document) == [], document


@pytest.mark.parametrize("places", [hostile.EVERYWHERE, hostile.NAMED], ids=["everywhere", "named"])
def test_nothing_is_live_in_any_position(places: hostile.Places) -> None:
    """Roles, tool names, sources, files, refusals, notes, ids, JSON: the same wherever a text can be."""
    texts = [*hostile.OWN, *GRID, *hostile.corpora()[::STEP_OF_CORPORA]]
    for turn in range(0, len(texts), STEP):
        at = hostile.rotation(texts, turn, places.positions)
        for run in places.runs:
            document = run_markdown(run(at))
            assert live(document) == [], document


def test_the_corpora_are_not_live() -> None:
    """No text of the XSS corpora is live as an answer."""
    texts = hostile.corpora()
    if not texts:
        pytest.skip("PUFFLE_CORPORA is not set")
    step = 1 if STEP == 1 else 7
    assert [text for text in texts[::step] if live(neutralized(text))] == []


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_no_text_brings_another_to_life(text: str) -> None:
    """Fences, quotes, tables and formulas that do not end change nothing of the code that follows them."""
    shown = neutralized(text)
    quoted = "\n".join(f"> {line}" if line else ">" for line in shown.split("\n"))
    for document in (shown + AFTER, quoted + AFTER):
        assert live(document) == [], document


@pytest.mark.parametrize(
    "text",
    [
        "```\nopen",
        "- ```\n\n```\nopen",
        "$$ open",
        "`$$` open",
        "\\\\[ open",
        "\\\\begin{a} open",
        "```mermaid\n<img src=x>\n```",
        "~~~ &#109;ermaid\n<img src=x>\n~~~",
        "~~~ a|b\n-|-\n<img src=x>|c\n~~~",
        "$x` $ <img src=x> `",
        "www.a.example<b>`<img src=x>`",
        "www.a.example/\u00a0`<img src=x>`",
        "[a\n```\nb]: c\n```",
        "~~b `x~~ <img src=x>`",
        '[a](https://c.example "t`x") <img src=x>`',
        '[a](https://c.example\n"t`x") <img src=x>`',
        "[a](<https://c.example/ `x>) <img src=x>`",
        "\\href{javascript:alert(1)}{x} $\\href{javascript:alert(1)}{x}$",
    ],
)
def test_what_is_live_in_one_engine_only(text: str) -> None:
    """Open fences and formulas, diagrams, and code that is none to some engine."""
    shown = neutralized(text)
    assert live(shown + AFTER) == []
    assert "\\href{javascript" not in shown


@pytest.fixture
def personal() -> Iterator[None]:
    current_settings.change(redact=frozenset(Personal))
    yield
    current_settings.reset(["redact"])


@pytest.mark.parametrize("said", ["a@b.example", "+49 30 1234567"])
@pytest.mark.usefixtures("personal")
def test_redaction_makes_no_markup(said: str) -> None:
    """What is put for an address or a number is no half of an image, a link or a definition."""
    text = f"!{said}(https://e.example/p) {said}(javascript:a)\n\n{said}: javascript:a"
    document = completed(text, messages=[{"role": text, "content": text}]).to_markdown()
    assert said not in document
    assert live(document) == []


ORDINARY = """# Leads

We found **3 of 12**, see [the list](https://a.example/x_y?b=1&c=2#d "title") and <https://b.example>, or
[mail us](mailto:a@b.example); a < b, x <- y, R&D, AT&T; 5 * 3 * 2; snake_case; C:\\Users\\x. It costs
$5 or $6.

| a | b |
|:--|--:|
| `x <b>` | 2 |

1. Run:
   ```bash
   curl https://a.example | grep '<b>' && echo "![x](y)"
   ```
2. `https://a.example/<id>` and `[x](y)` and `List<int>`

- [ ] open
- [x] done

$$
a < b
$$

The range [1, 2]: both ends. As in [1]: see page 3. What is `$HOME`?

[ref]: https://a.example/ref "title"

```python
print("<img>")
```"""


def test_ordinary_markdown_stays_as_it_is() -> None:
    """Prose, lists, tables, code, formulas and real links: not one character is changed."""
    assert neutralized(ORDINARY) == ORDINARY
    assert ORDINARY in completed(ORDINARY).to_markdown()


def test_what_is_disarmed_reads_as_it_was_written() -> None:
    """Each engine shows the tags, images and addresses of a text as the text had them."""
    text = "a <b>b</b> ![i](http://x.example) [x](y.md) <javascript:z> \\<i> <!-- c -->"
    for render in ENGINES.values():
        assert text_of(render(neutralized(text))).strip() == text.replace("\\<", "<").replace(
            "[i](http://x.example)", text_of(render("[i](http://x.example)")).strip()
        )


@pytest.mark.parametrize(
    "name",
    [
        "a_b",
        "_a_",
        "*a*",
        "a`b",
        "[x](y)",
        "<b>",
        "1. a",
        "- a",
        "# a",
        "R&D &lt; &",
        "$a$",
        "\\a \\* \\\\",
        "~a~",
    ],
)
def test_names_read_as_they_were_written(name: str) -> None:
    """A role, a tool, a file and a refusal are shown letter by letter, and are no structure."""
    parts = [{"type": "file", "mediaType": "text/csv", "filename": name}]
    messages = [{"role": name, "content": "x", "refusal": name}, {"role": "user", "parts": parts}]
    calls = [{"toolName": name, "args": {}}]
    document = completed(messages=messages, toolCalls=calls).to_markdown()
    for render in ENGINES.values():
        html = render(document)
        assert text_of(html).count(name) >= 3
        assert "<ol" not in html
        assert "<ul" not in html


def test_addresses_of_sources_are_links() -> None:
    """The address of a source is a link that leads where it says, underscores and all."""
    address = "https://a.example/_x_/y__z*?a=b&c=d"
    parts = [{"type": "source-url", "sourceId": "s", "url": address, "title": "T"}]
    document = completed(messages=[{"role": "assistant", "parts": parts}]).to_markdown()
    assert f"<{address}>" in document


def test_disarming_ends() -> None:
    """Text made to be slow is neutralized in time that grows with its length."""
    pieces = [
        "\\",
        "]:",
        "](",
        "www.",
        "`",
        "``a`",
        "$$",
        "\\begin{a}",
        "<",
        "[",
        "&a",
        "https://",
        "\n```",
        "\n- ```",
    ]
    for piece in pieces:
        assert neutralized(piece * 100_000)
