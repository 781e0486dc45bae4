"""Code in colour: the same text, readable on any page, harmless, and never slow."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping

import pytest

from puffle_jupyter.render.html import highlight, markdown, style
from puffle_jupyter.run import Run
from tests.support.html_check import foreign_parts

CODE = "\n\ndef leads(city):\n    # <b>all</b> of them\n    return 'x&y' + 1\n"
# What took some lexer long.
TOKENS = ["\n", "!", "&", "/", "<", "(", '"', '"\\', "a "]
HOSTILE = ["<img src=x onerror=alert(1)>", "</code></pre><script>x</script>", "&lt;b&gt;"]


def fenced(code: str, language: str = "python") -> str:
    return f"Before\n\n```{language}\n{code}```\n\nafter"


def text_of(shown: str) -> str:
    return html.unescape(re.sub("<[^>]+>", "", shown))


def is_coloured(shown: str) -> bool:
    return '<span style="color:#' in shown


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [style.CODE_COLOR, *highlight.COLOURS.values()])
def test_colours_are_readable(colour: str) -> None:
    """Every colour stands out from the ground that comes with it, with the contrast its comment promises."""
    assert (luminance(colour) + 0.05) / (luminance(style.CODE_BACKGROUND) + 0.05) >= 6


@pytest.mark.parametrize("language", sorted(highlight.LANGUAGES))
def test_colours_change_no_character(language: str) -> None:
    """The code is the same with colours and without, blank lines and spaces included."""
    text = fenced(CODE, language)
    assert text_of(markdown.to_html(text, highlighted=True)) == text_of(markdown.to_html(text))


def test_each_block_has_its_own_language() -> None:
    """Indented, nameless and unknown code stays plain, and does not shift the language of what follows."""
    line = "x = 1\n"
    text = "\n\n".join(["    indented = 1", fenced(line, ""), fenced(line, "cobol"), fenced(line)])
    shown = markdown.to_html(text, highlighted=True).split(style.CODE_BLOCK_START)[1:]
    assert [is_coloured(block) for block in shown] == [False, False, False, True]


def test_code_has_one_look() -> None:
    """The same ground and ink with a language, without one, indented, and where it is folded."""
    text = "\n\n".join([fenced("x = 1\n"), fenced("x = 1\n", ""), "    indented = 1"])
    for highlighted in (True, False):
        shown = markdown.to_html(text, highlighted=highlighted)
        assert shown.count("<pre") == shown.count(style.CODE_BLOCK_START) == 3


@pytest.mark.parametrize("code", HOSTILE)
@pytest.mark.parametrize("language", ["html", "python", "php"])
def test_code_stays_text(code: str, language: str) -> None:
    """Colouring brings no element, attribute or address into the page but its own spans."""
    shown = markdown.to_html(fenced(code, language), highlighted=True)
    assert foreign_parts(shown) == []
    assert code in text_of(shown)


def test_a_hostile_language_is_none() -> None:
    """What stands after the fence is compared with a list and goes no further."""
    shown = markdown.to_html(fenced("x = 1\n", 'python"><script>'), highlighted=True)
    assert not is_coloured(shown)
    assert foreign_parts(shown) == []


def test_only_a_screenful_is_coloured() -> None:
    """Code beyond what a reader sees at once is plain, and all there."""
    code = "x = 1\n" * 2_000
    shown = markdown.to_html(fenced(code), highlighted=True)
    assert shown.count("<span") <= highlight.MAX_CHARACTERS
    assert shown.endswith("after</p>")
    assert text_of(shown) == text_of(markdown.to_html(fenced(code)))


def test_what_is_folded_is_plain() -> None:
    """The answer and open messages are coloured; reasoning, system messages and long transcripts are not."""

    def coloured(*messages: Mapping[str, object], **answer: object) -> bool:
        answer = {"runId": "run_a", "status": "completed", "messages": list(messages), **answer}
        return is_coloured(Run.from_dict(answer)._repr_html_())

    said = {"role": "assistant", "content": fenced(CODE)}
    assert coloured(text=fenced(CODE))
    assert coloured(said)
    assert not coloured({"role": "system", "content": fenced(CODE)})
    assert not coloured({"role": "assistant", "content": [{"type": "reasoning", "text": fenced(CODE)}]})
    assert not coloured(*[said] * 41)


@pytest.mark.cost
def test_no_text_is_slow() -> None:
    """No repetition of a token takes a lexer long: one text is coloured in a moment, whatever it is."""
    slowest = 0.0
    for language in sorted(highlight.LANGUAGES):
        for token in TOKENS:
            code = (token * highlight.MAX_CHARACTERS)[: highlight.MAX_CHARACTERS]
            started = time.process_time()
            highlight.in_colour(f"<pre>{html.escape(code)}</code></pre>", "<pre>", [language])
            slowest = max(slowest, time.process_time() - started)
    assert slowest < 1.0
