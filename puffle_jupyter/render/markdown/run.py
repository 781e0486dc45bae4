"""A run as a Markdown document, for files, issues and mails.

Whoever renders it later may trust Markdown more than we do, so raw HTML, images and script links in
untrusted text become entities (`disarm`), and everything but the answer is quoted: no text can pass for
structure of ours. Each text is redacted before that: what redaction puts in, such as ``[e-mail]``, could be
half of a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...json_value import JsonKind, JsonValue
from ...redact import redact
from ...run_data import RunData
from ...safe_text import escape_invisible
from ...transcript.answer import Answer
from ...transcript.model import ToolCall
from ...transcript.readable import readable
from ...untrusted import plain_label
from ..blocks import (
    AnswerAbove,
    Block,
    Call,
    Facts,
    FactsKind,
    LabelledJson,
    OutlinedMessage,
    Prose,
    Reasoning,
    ResultElsewhere,
    State,
    values_of,
)
from ..html.markdown import is_allowed_address
from ..outline import block_of, outline_of
from ..words import (
    ANSWER_IS_ABOVE,
    LABEL_BY_CALL_STATE,
    call_title,
    calls_words,
    label_of_status,
    state_words,
)
from .neutralize import neutralized

# Not between letters: an underscore there is no markup, nor is a backslash before one.
_MARKUP = re.compile(r"[`*\[\]<>#|~!${}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\\(?![A-Za-z0-9 ])|&(?=[#\w])")
# A list, a heading's underline, a rule.
_STRUCTURE = re.compile(r"[-+=]|(?<=\d)[.)]")
_FIRST_WORD = re.compile(r"\s*(?:[-+=]+|\d+[.)])")
_BARE = re.compile(r"[^\s<>`\\\[\]]+")


def run_markdown(run: RunData) -> str:
    """A run as one Markdown document with everything in it."""
    return "\n\n".join(_blocks(run)) + "\n"


def _blocks(run: RunData) -> Iterator[str]:
    yield f"# Puffle run {_word(run.run_id)}"
    yield f"**{_word(str(label_of_status(run.status, run.status_text)))}**"
    outline = outline_of(run)
    if outline.sentence:
        yield outline.sentence
    if outline.error:
        yield _fenced(outline.error, "text")
    yield from _answer(outline.answer)
    if outline.transcript.messages:
        yield "## Transcript"
    for outlined in outline.messages():
        yield from _message(outlined)
    if outline.others:
        yield f"## {calls_words(outline.others)} not mentioned in the messages"
        for call in outline.others:
            yield _call(call)
    if counted := outline.ledger():
        yield f"*{counted}*"


def _answer(answer: Answer) -> Iterator[str]:
    if answer.text:
        yield _disarmed(answer.text)
    if answer.json is not None:
        yield "*The final text is not a string, shown as JSON:*\n\n" + _fenced_json(answer.json)
    if answer.state:
        yield f"*{state_words(answer.state)}*"


def _message(outlined: OutlinedMessage) -> Iterator[str]:
    yield f"### {_word(outlined.message.role) or '(no role)'}"
    if facts := outlined.message.facts:
        yield f"*{facts}*"
    for part in outlined.message.parts:
        yield _block(block_of(part, is_answer=outlined.is_answer))


def _block(block: Block) -> str:
    match block:
        case Prose():
            return _quoted(block.text)
        case AnswerAbove():
            return f"*{ANSWER_IS_ABOVE}*"
        case Reasoning():
            said = _quoted(block.text) if block.hidden is None else _fenced_json(block.hidden)
            return "*Reasoning:*\n\n" + said
        case Call():
            return _call(block.call)
        case ResultElsewhere():
            return f"*Result of {_word(block.title)}: with its call.*"
        case Facts():
            return _facts_line(block)
        case LabelledJson():
            heading = f"Unknown part: {_word(block.label)}" if block.is_unknown else _word(block.label)
            return f"*{heading}*\n\n" + _fenced_json(block.value)
        case State():
            return f"*{state_words(block.text)}*"


def _facts_line(block: Facts) -> str:
    if block.kind is FactsKind.FILE:
        return "File: " + _facts(block.name or "without a name", *block.details, block.url)
    if block.kind is FactsKind.SOURCE:
        return "Source: " + _facts(block.name, block.url, *block.details)
    return _facts(block.name, *block.details)


def _call(call: ToolCall) -> str:
    lines = [f"**{_word(call_title(call.name))}** {LABEL_BY_CALL_STATE[call.state]}"]
    lines += [f"*{_word(note)}*" for note in call.notes]
    lines += [f"{name.capitalize()}:\n\n{_fenced_json(value)}" for name, value in values_of(call)]
    return "\n\n".join(lines)


def _fenced_json(value: JsonValue) -> str:
    return _fenced(readable(value), "text" if value.kind is JsonKind.STRING else "json")


def _fenced(text: str, language: str) -> str:
    """A code block whose fence is longer than any in ``text`` (CommonMark 0.31, section 4.5)."""
    text = redact(escape_invisible(text)).strip("\n")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _disarmed(text: str) -> str:
    return neutralized(redact(escape_invisible(text))).strip("\n")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in _disarmed(text).split("\n"))


def _facts(*facts: str | None) -> str:
    return " · ".join(_word(fact) for fact in facts if fact)


def _word(text: str) -> str:
    """``text`` as one line that holds no markup; a web address is a link."""
    line = plain_label(text)
    if is_allowed_address(line) and _BARE.fullmatch(line):
        return f"<{line}>"
    line = _MARKUP.sub(_as_entity, line)
    first = _FIRST_WORD.match(line)
    return _STRUCTURE.sub(_as_entity, first[0]) + line[first.end() :] if first else line


def _as_entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
