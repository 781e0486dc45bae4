"""Markdown of others for a renderer that trusts Markdown: raw HTML, images and script links become text.

What could be markup is written as an entity (``&lt;``). A backslash is not enough: in GitHub's Markdown a
bare address, ``https://a.example/x\\<img …>``, takes the backslash into its link and leaves the tag. For the
same reason a backtick does not begin code when an address before it may have taken it along.

Code needs none of that, and would show it. What is code is decided as CommonMark 0.31 does where that is
easy (fences: section 4.5, code spans: 6.1); where it is not, such as next to a backtick without a partner, an
entity too many does no harm: a tag too many would. One pass over the text, whatever is in it.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from ...safe_text import escape_invisible
from . import formulas

_FENCE = re.compile(r"( {0,3})(`{3,}(?=[^`]*$)|~{3,})")
_FENCE_ELSEWHERE = re.compile(r"[ \t>*+\d.)-]*(?:```|~~~)")
_FENCE_INFO = re.compile(r"([ \t>*+\d.)-]*(?:`{3,}|~{3,}))(.*)")
# nbconvert writes mermaid unescaped; {…} makes raw HTML or a directive of a block in Pandoc and MyST; to some
# a line with a | is the head of a table first.
_PLAIN_INFO = re.compile(r"[ \t]*(?!mermaid)[\w+#.-]*(?:[ \t][^{}&|\\<]*)?", re.IGNORECASE)
_CLOSING = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*")
_TOKEN = re.compile(
    r"(?P<ticks>`+)"
    r"|<(?:https?://|mailto:)[^\s<>`\\]+>"
    r"|\\?(?P<tag><)(?=[A-Za-z/!?])"
    r"|\\?(?P<image>!)(?=\[)"
    r"|(?P<link>\\?\])\("
    r"|(?P<definition>\\?\]):"
    r"|(?P<entity>(?:&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,31});)+)"
    r"|(?P<script>\\(?=href\b))"  # MathJax makes a link of it
    rf"|(?P<formula>{formulas.BEGINS})"
    r"|(?P<struck>~~)"
    # A backslash takes what follows it along, so that the two of `\\` are not taken for one before a tick.
    r"|\\."
    r"|(?P<address>(?:https?|ftp)://|www\.|mailto:|xmpp:)",
    re.IGNORECASE,
)
# One of these is in every token. A set of characters is looked for 50 times as fast as the tokens.
_IN_A_TOKEN = re.compile(r"[`<!\]\\&$~:.]")
_ENTITY = {"tag": "&lt;", "image": "&#33;", "script": "&#92;"}
# An absolute web or mail address, as `markdown.is_allowed_address` has it; how it goes on is of no account.
_DESTINATION = re.compile(r"[ \t]*<?(?=https?://[^\s\\/?#&<>()]|mailto:[^\s\\&<>()])", re.IGNORECASE)
_END_OF_LINK = re.compile(r"[^\s()<>`]*(?:\([^\s()<>`]*\)[^\s()<>`]*)*>?\)")
# After a definition's address comes the end of the line or a title; anything else is prose.
_PROSE = re.compile(r"[ \t]*[^\s<]\S*[ \t]+[^\s\"'(]")
_BEFORE_DEFINITION = re.compile(r"[ \t>*+\d.)-]*")
_RUN = re.compile("`+")
# A no-break space ends no address.
_SPACE = re.compile("[ \t]")
_OPEN_LABEL = re.compile(r"([ \t>*+\d.)-]*)\[((?:[^\\\[\]]|\\.)*\\?)")
_BRACKET = re.compile(r"(?<!\\)[\[\]]")
_DEFINITIONS = 8
"""In a line; more than one is odd already."""


def neutralized(text: str) -> str:
    """Markdown whose raw HTML, images and links to anything but the web or a mailbox are text.

    Code stays as it is, and a fence that is left open is closed.

    >>> neutralized("<b> and `<b>`")
    '&lt;b> and `<b>`'
    """
    return "\n".join(_lines(escape_invisible(text)))


@dataclass(slots=True)
class _Paragraph:
    """What is known of the paragraph that a line belongs to."""

    paired: bool = True
    """Every backtick so far has its partner."""
    in_math: bool = False
    """Something that may begin a formula stood outside of code."""
    is_struck: bool = False
    """``~~`` stood outside of code."""
    math_ends: bool = True
    """Every displayed formula that begins in it ends in it, without code between."""


def _lines(text: str) -> Iterator[str]:
    fence, indent = "", 0  # the open fence, and the spaces before it
    known = True  # whether it is known which lines are fenced
    doubtful = False  # whether a fence outside of lists and quotes may be open
    paragraph: _Paragraph | None = None
    lines = text.split("\n")
    for at, line in enumerate(lines):
        is_blank = not line.strip(" \t")
        if fence and indent and not is_blank and not line.startswith(" " * indent):
            yield " " * indent + fence  # the list it is in may have ended here, and the fence with it
            fence = ""
        if fence:
            closing = _CLOSING.fullmatch(line)
            if closing and closing[2].startswith(fence):
                is_certain = len(closing[1]) < 4 and "\t" not in closing[1]
                # Within a list, more space closes too, elsewhere that is code: written so that it closes.
                if not is_certain and (indent or "\t" in closing[1]):
                    line, is_certain = " " * indent + closing[2], True
                fence = "" if is_certain else fence
            yield line
        elif known and (opening := _FENCE.match(line)):
            indent, fence, paragraph = len(opening[1]), opening[2], None
            yield _with_plain_info(line)
        elif is_blank:
            paragraph = None
            yield line
        else:
            if _FENCE_ELSEWHERE.match(line):
                known, line, paragraph = False, _with_plain_info(line), None
            if (label := _OPEN_LABEL.fullmatch(line)) and not _label_ends(lines, at):
                line = f"{label[1]}&#91;{label[2]}"
            doubtful = doubtful or _FENCE.match(line) is not None
            paragraph = paragraph or _Paragraph(math_ends=_math_ends(lines, at))
            yield _line(line, paragraph, known)
    if fence:
        yield " " * indent + fence
    elif doubtful:
        yield from _closed(text)


def _closed(text: str) -> Iterator[str]:
    """Lines that close a fence of ``text`` whether or not one is open: what has a language only opens."""
    for tick in "`~":
        if longest := max(map(len, re.findall(f"{tick}{{3,}}", text)), default=0):
            yield f"{tick * longest}text"
            yield tick * longest


def _with_plain_info(line: str) -> str:
    """The first line of a code block, its language nothing but a name."""
    found = _FENCE_INFO.match(line)
    if found is None or _PLAIN_INFO.fullmatch(found[2]):
        return line
    return f"{found[1]}text"


def _is_in_paragraph(line: str) -> bool:
    return bool(line.strip(" \t")) and not _FENCE_ELSEWHERE.match(line)


def _label_ends(lines: list[str], start: int) -> bool:
    """Whether the label that is open after line ``start`` ends in its paragraph.

    nbconvert looks for its end, and for the address that it means, in the code after it as well.
    """
    for at in range(start + 1, len(lines)):
        if not _is_in_paragraph(lines[at]):
            return False
        if bracket := _BRACKET.search(lines[at]):
            return bracket[0] == "]"
    return False


def _math_ends(lines: list[str], start: int) -> bool:
    """Whether every displayed formula of the paragraph that begins at line ``start`` ends in it."""
    end = start + 1
    while end < len(lines) and _is_in_paragraph(lines[end]):
        end += 1
    return formulas.all_end("\n".join(lines[start:end]))


def _line(line: str, paragraph: _Paragraph, known: bool) -> str:
    """``line`` neutralized.

    Args:
        line: a line of an agent's Markdown.
        paragraph: what is known so far; brought up to date.
        known: it is known that the line is in no code block.
    """
    if not _IN_A_TOKEN.search(line):
        return line
    closing = _runs(line) if known and paragraph.paired and "`" in line else {}
    done, at, checked, definitions = [], 0, 0, 0
    while token := _TOKEN.search(line, at):
        done.append(line[at : token.start()])
        shown, at = token[0], token.end()
        if token["address"]:
            if paragraph.paired and at > checked:
                space = _SPACE.search(line, at)
                checked = space.start() if space else len(line)
                # A bare address takes backticks along.
                paragraph.paired = "`" not in line[at:checked]
        elif token["ticks"]:
            end = _end_of_span(closing.get(len(shown), []), at, len(shown)) if paragraph.paired else 0
            paragraph.paired = end > 0 and _is_code(line[at:end], paragraph)
            at = end if paragraph.paired else at
            shown = line[token.start() : at]
        elif token["formula"]:
            paragraph.in_math = True
            if not paragraph.math_ends:
                shown = formulas.escaped_beginning(shown)
        elif token["definition"]:
            definitions += 1
            destination = _DESTINATION.match(line, at)
            if destination:
                at = destination.end()
                shown = line[token.start() : at]
            elif definitions > _DEFINITIONS or _may_define(line, token.start(), at):
                shown = f"{token['definition']}&#58;"
        elif token["link"]:
            destination = _DESTINATION.match(line, at)
            # The bracket of `](<https://…>)` is no tag.
            at = destination.end() if destination else at
            shown = line[token.start() : at] if destination else f"{token['link']}&#40;"
            if destination and not _END_OF_LINK.match(line, at):
                paragraph.paired = False  # a title may take backticks along
        elif token["struck"]:
            paragraph.is_struck = True
        else:
            shown = _harmless(token)
        done.append(shown)
    return "".join([*done, line[at:]])


def _is_code(span: str, paragraph: _Paragraph) -> bool:
    # The cells of a table are split before their code is looked for. To nbconvert formulas and what is struck
    # out come before it, too.
    if "|" in span or formulas.may_display(span) or (paragraph.is_struck and "~~" in span):
        return False
    return not (paragraph.in_math and formulas.may_hold(span))


def _harmless(token: re.Match[str]) -> str:
    """What is written for a tag, an image, entities, or what needs nothing."""
    if token["entity"]:
        among_letters = f"é{html.unescape(token[0])}é"
        return (
            token[0] if escape_invisible(among_letters) == among_letters else token[0].replace("&", "&amp;")
        )
    return _ENTITY.get(token.lastgroup or "", token[0])


def _may_define(line: str, start: int, end: int) -> bool:
    """Whether the ``]:`` there may say where links lead, and is not a bracket and a colon in prose."""
    if _PROSE.match(line, end):
        return False
    label = line.rfind("[", 0, start)
    before = line[: max(label, 0)]
    # A label may begin on a line before this one, and may hold brackets behind a backslash.
    return "[" in before or before.endswith("\\") or bool(_BEFORE_DEFINITION.fullmatch(before))


def _runs(line: str) -> dict[int, list[int]]:
    """Where the runs of backticks begin, by their length."""
    found: dict[int, list[int]] = {}
    for run in _RUN.finditer(line):
        found.setdefault(len(run[0]), []).append(run.start())
    return found


def _end_of_span(starts: list[int], at: int, length: int) -> int:
    """Where the code span ends that began before ``at``; 0 when it does not end in this line."""
    index = bisect_left(starts, at)
    return starts[index] + length if index < len(starts) else 0
