"""Untrusted text as Markdown of ours: a code block, a quotation, a line without markup.

Each text is redacted before it is disarmed: what redaction puts in, such as ``[e-mail]``, could be half of a
link.
"""

from __future__ import annotations

import re

from ...json_value import JsonKind, JsonValue
from ...redact import redact
from ...safe_text import escape_invisible
from ...transcript.readable import readable
from ...untrusted import plain_label
from ..html.markdown import is_allowed_address
from .neutralize import neutralized

# Not between letters: an underscore there is no markup, nor is a backslash before one.
_MARKUP = re.compile(r"[`*\[\]<>#|~!${}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\\(?![A-Za-z0-9 ])|&(?=[#\w])")
# A list, a heading's underline, a rule.
_STRUCTURE = re.compile(r"[-+=]|(?<=\d)[.)]")
_FIRST_WORD = re.compile(r"\s*(?:[-+=]+|\d+[.)])")
_BARE = re.compile(r"[^\s<>`\\\[\]]+")


def fenced_json(value: JsonValue) -> str:
    """A JSON value for reading, in a code block."""
    return fenced(readable(value), "text" if value.kind is JsonKind.STRING else "json")


def fenced(text: str, language: str) -> str:
    """A code block whose fence is longer than any in ``text`` (CommonMark 0.31, section 4.5)."""
    text = redact(escape_invisible(text)).strip("\n")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def disarmed(text: str) -> str:
    """Markdown of others in which nothing is live: see `neutralized`."""
    return neutralized(redact(escape_invisible(text))).strip("\n")


def quoted(text: str) -> str:
    """The same as a quotation: none of it can pass for structure of ours."""
    return "\n".join(f"> {line}" if line else ">" for line in disarmed(text).split("\n"))


def word(text: str) -> str:
    """``text`` as one line that holds no markup; a web address is a link."""
    line = plain_label(text)
    if is_allowed_address(line) and _BARE.fullmatch(line):
        return f"<{line}>"
    line = _MARKUP.sub(_as_entity, line)
    first = _FIRST_WORD.match(line)
    return _STRUCTURE.sub(_as_entity, first[0]) + line[first.end() :] if first else line


def _as_entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
