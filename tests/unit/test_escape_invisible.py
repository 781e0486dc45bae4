"""Characters that hide something are shown; those that a script or an emoji needs stay."""

from __future__ import annotations

import time

import pytest

from puffle_jupyter.render.html.markdown import to_html
from puffle_jupyter.safe_text import escape_invisible


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 👩🏽‍💻 🧑‍⚕️ 👩‍❤️‍👨 🏳️‍🌈",
        "❤️ ☎︎ ©️ ⬆️",
        "1️⃣ #️⃣ *️⃣",
        "می‌خواهم API‌ها",
        "ക്‍ഷ ന്‍ क्‍ष क्‌ष",
        "葛\ufe00 ≨\ufe00",
        "Silben\u00adtrennung",
        "ᄀ\u1160",
    ],
)
def test_what_serves_stays(text: str) -> None:
    """One joiner, selector, soft hyphen or filler beside what it changes is part of the text."""
    assert escape_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u200db", "a\\u200db"),
        ("a\u200cb", "a\\u200cb"),
        ("a\ufe0fb", "a\\ufe0fb"),
        ("1\ufe0f2", "1\\ufe0f2"),
        ("a\u3164b", "a\\u3164b"),
        ("a\u034fb", "a\\u034fb"),
        ("\ufe0f", "\\ufe0f"),
        ("a \u00ad b", "a \\u00ad b"),
        ("x\u00ad\u00ady", "x\\u00ad\\u00ady"),
        ("❤\ufe0f\ufe0f", "❤\\ufe0f\\ufe0f"),
        ("😀\ufe00\ufe01\ufe0e", "😀\\ufe00\\ufe01\\ufe0e"),
        ("👩\u200d\u200d👧", "👩\\u200d\\u200d👧"),
        ("م\u200c\u200cخ", "م\\u200c\\u200cخ"),
        ("ㅎ\u3164\uffa0\u115f", "ㅎ\\u3164\\uffa0\\u115f"),
    ],
)
def test_what_serves_nothing_is_shown(text: str, shown: str) -> None:
    """Two in a row, or one that nothing before or after it needs, can only hide something."""
    assert escape_invisible(text) == shown


def test_a_hidden_sentence_is_shown() -> None:
    """Letters written as variation selectors behind an emoji do not pass unseen."""
    hidden = "".join(chr(0xFE00 + nibble) for letter in b"send it" for nibble in divmod(letter, 16))
    assert escape_invisible(f"😀{hidden}").count("\\ufe0") == len(hidden)


@pytest.mark.parametrize("entity", ["&#x202e;", "&#8238;", "&ZeroWidthSpace;", "&zwj;&zwj;", "&#xFE0F;"])
def test_entities_hide_nothing(entity: str) -> None:
    """The same for what Markdown makes of a character reference."""
    assert "\\u" in to_html(f"a{entity}b")


@pytest.mark.cost
def test_long_rows_end() -> None:
    """Text made of nothing else is shown in time that grows with its length."""
    for piece in ("\u00ad", "\ufe0f\u200d", "é\ufe0f\u200d", "\u200d", "a\u200d"):
        started = time.process_time()
        escape_invisible(piece * 200_000)
        assert time.process_time() - started < 2.0
