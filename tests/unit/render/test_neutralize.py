"""Markdown that is exported has no raw HTML and no images of others, whatever a renderer allows."""

from __future__ import annotations

import comrak
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffle_jupyter.render.markdown.neutralize import neutralized

# What CommonMark decides by: fences, lists, quotes, tables, code spans, escapes, addresses.
_FENCES = ["```", "````", "~~~", "  ```", "\t```", "- ```", "```python"]
_STRUCTURE = ["\n", "\n\n", " ", "    ", "\t", "- ", "1. ", "> ", "# ", "|", "a|b\n-|-\n", "\u00a0", "---"]
_INLINE = ["`", "``", "\\", "\\\\", "a", "[a]", "](b)", "[a]: /u", '"', "<https://a`b>", "<https://a>", "!"]
_HARM = ["<b>", "<img src=x>", "<!-- x -->", "<?a?>", "</b>", "<script>\n", "![a](b)"]
TOKENS = st.lists(st.sampled_from([*_FENCES, *_STRUCTURE, *_INLINE, *_HARM]), max_size=24)


def rendered(text: str, *, escape: bool = False) -> str:
    """What a renderer makes of it that lets raw HTML through, or one that escapes it."""
    extensions, options = comrak.ExtensionOptions(), comrak.RenderOptions()
    extensions.table = extensions.autolink = extensions.strikethrough = True
    options.unsafe_, options.escape = not escape, escape
    return comrak.render_markdown(text, extension_options=extensions, render_options=options)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


@settings(max_examples=1000)
@given(TOKENS)
def test_nothing_raw_survives(tokens: list[str]) -> None:
    """No text leaves raw HTML or an image, standing alone or quoted as an export does."""
    text = neutralized("".join(tokens))
    for shown in (text, quoted(text)):
        assert rendered(shown) == rendered(shown, escape=True)
        assert "<img " not in rendered(shown)


@pytest.mark.parametrize(
    "text",
    [
        "\\<b>",
        "\\![a](b)",
        "``` a`b\n<b>",
        "```\n``` x\n```\n<b>",
        "- a\n  ```\n  x\nb <b>",
        "- ```\n\n```\n<b>",
        "`\n\n<b>\n\n`",
        "`\n# <b>\n`",
        "a `\nb ` <b> `",
        "|`|<b>`|\n|-|-|",
        "<https://a`b> <b> `",
        "\\``a` <b> `",
        "```\n\t```\n<b>\n```\n\n<b>",
    ],
)
def test_what_looks_like_code_and_is_none(text: str) -> None:
    """Where a backtick or a fence is not what it seems, what stands behind it is neutralized."""
    text = neutralized(text)
    for shown in (text, quoted(text)):
        assert rendered(shown) == rendered(shown, escape=True)
        assert "<img " not in rendered(shown)


@pytest.mark.parametrize(
    "text",
    [
        "`<b>` and ``<b>`<i>`` and `List<int>`",
        "```html\n<b>\n```",
        "~~~\n<b>\n```\n<i>\n~~~",
        "1. Run:\n   ```bash\n   a <b>\n\n   c\n   ```\n2. `<b>`",
        "<https://a.example> and a < b and Hello!",
    ],
)
def test_code_stays_as_it_is(text: str) -> None:
    """Code, addresses and comparisons get no backslash."""
    assert neutralized(text) == text
