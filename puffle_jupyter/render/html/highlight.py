"""Code in colour: fenced code whose language is known, a span for each token that has one.

Pygments costs eleven times what rendering Markdown does, so only code that is shown unfolded is given
here, and not more of it than a reader sees at once. It only says where a token ends: its text is escaped
by `escape`, as all text is.

No colour is readable on white and on black (WCAG 2.2 asks for 4.5), so they are made for the ground that
every block of code has (`style.CODE_BLOCK_START`), with a known language or without.
"""

from __future__ import annotations

import functools
import html
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .escape import escaped

MAX_CHARACTERS = 4_000
"""Characters of one text's code that are coloured; what comes after them is plain."""

# A language is named by the agent. Those whose lexers take quadratic time for some text are left out: C, C++,
# Java and Markdown take most of a second for 4,000 line breaks.
_NAMES = (
    "bash css diff go html http ini javascript js json jsx php powershell py python r ruby rust sh shell sql",
    "toml ts tsx typescript xml yaml yml",
)
LANGUAGES = frozenset(name for line in _NAMES for name in line.split(" "))
_ALIASES = {"shell": "bash", "jsx": "javascript"}

# Each on style.CODE_BACKGROUND has a contrast of at least 6.
COLOURS = {
    "Keyword": "#d2a8ff",
    "Name.Tag": "#7ee0e6",
    "Name.Attribute": "#7ee0e6",
    "Name.Function": "#8ec7ff",
    "Name.Class": "#8ec7ff",
    "Name.Builtin": "#8ec7ff",
    "Literal.String": "#a8dba8",
    "Literal.Number": "#f5b88a",
    "Comment": "#aab2c2",
    "Generic.Deleted": "#ffa8a8",
    "Generic.Inserted": "#a8dba8",
    "Generic.Heading": "#8ec7ff",
}

_FENCE = re.compile(r'<pre><code(?: class="language-([^"\s]*)[^"]*")?>')


def languages_of(rendered: str) -> list[str]:
    """The language of each code block of what comrak wrote, in order; "" where none is named or known."""
    named = [html.unescape(match[1] or "").lower() for match in _FENCE.finditer(rendered)]
    return [name if name in LANGUAGES else "" for name in named]


def in_colour(safe: str, start: str, languages: Iterable[str]) -> str:
    """``safe`` HTML with its code blocks coloured, which all begin with ``start``.

    >>> in_colour("<pre>x = 1</code></pre>", "<pre>", ["cobol"])
    '<pre>x = 1</code></pre>'
    """
    before, *blocks = safe.split(start)
    left, shown = MAX_CHARACTERS, [before]
    for language, block in zip(languages, blocks, strict=True):
        code, end, after = block.partition("</code></pre>")
        if language not in LANGUAGES or left <= 0:
            shown.append(start + block)
            continue
        text = html.unescape(code)
        spans = "".join(_spans(text[:left], _tokens(language))) + escaped(text[left:])
        shown.append(f"{start}{spans}{end}{after}")
        left -= len(text)
    return "".join(shown)


def _spans(text: str, tokens: Callable[[str], Iterator[tuple[Any, str]]]) -> Iterator[str]:
    for colour, group in itertools.groupby(tokens(text), key=lambda token: _colour(token[0])):
        content = escaped("".join(token for _, token in group))
        yield f'<span style="color:{colour}">{content}</span>' if colour else content


@functools.cache
def _tokens(language: str) -> Callable[[str], Iterator[tuple[Any, str]]]:
    from pygments.lexers import get_lexer_by_name

    # As it stands: Pygments would strip blank lines and add a newline.
    lexer = get_lexer_by_name(_ALIASES.get(language, language), stripnl=False, ensurenl=False)
    tokens: Callable[[str], Iterator[tuple[Any, str]]] = lexer.get_tokens
    return tokens


@functools.cache
def _colour(kind: Any) -> str | None:
    """The colour of a token's kind, or of what that is a kind of: Name.Function.Magic is Name.Function."""
    names = str(kind).removeprefix("Token.").split(".")
    kinds = [".".join(names[:end]) for end in range(len(names), 0, -1)]
    return next((COLOURS[name] for name in kinds if name in COLOURS), None)
