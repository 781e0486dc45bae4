"""Agent Markdown to safe HTML: the only place that renders rich untrusted text.

Each step guards something of its own:

1. comrak escapes raw HTML, so ``<founder>`` is shown and not lost;
2. images become text, because fetching one tells its server what the agent knows;
3. nh3 lets nothing through that `TAGS` and `_cleaner` do not name;
4. a link leads to an absolute web or mail address, and says where when its text claims another
   (`destination`).

Our own styles come after that: whole tags, as nh3 is known to write them, are replaced by literal ones,
and code is coloured (`highlight`).
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable

from ...redact import redact
from ...safe_text import escape_invisible
from . import style
from .destination import misled_to
from .direction import has_right_to_left, with_directions
from .escape import escaped, label, unbroken
from .highlight import in_colour, languages_of
from .markdown_limits import too_much
from .renderer import renderer as _renderer
from .table_cells import keep_cells

_TEXT_TAGS = ("p", "a", "em", "strong", "del", "code", "pre", "blockquote", "hr", "br")
_LIST_TAGS = ("ul", "ol", "li")
_TABLE_TAGS = ("table", "thead", "tbody", "tr", "th", "td")
_HEADING_TAGS = ("h1", "h2", "h3", "h4", "h5", "h6")
TAGS = frozenset((*_TEXT_TAGS, *_LIST_TAGS, *_TABLE_TAGS, *_HEADING_TAGS))
_ALIGNMENTS = {"left", "center", "right"}
# Absolute web and mail addresses only: `http:api/kernels` would resolve to the notebook's own server.
_ADDRESS = re.compile(
    r"(?:https?://[^\s\"<>\\/?#@]+(?:[/?#][^\s\"<>\\]*)?|mailto:[^\s\"<>\\:/?#]+@[^\s\"<>\\:/?#]+)", re.I
)

# nh3 writes the href first, because it is the only attribute that is let through. Most links have an
# allowed address, and a text that is the address itself or can be no other for want of a "." and a ":":
# to pass over those in the regex halves the cost of all.
_PASSED_OVER = r"(?:[\t\n -\-/-9;=-~]*|\1)</a>"  # ASCII without "." and ":"
_LINK = re.compile(
    rf'<a href="(?!((?i:{_ADDRESS.pattern}))"[^>]*>{_PASSED_OVER})([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL
)
_IMAGE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"(?: title="([^"]*)")? />')
_TASK = re.compile(r'<input type="checkbox"( checked="")? disabled="" /> ?')
# The tags of _STYLED_TAGS and no others: a match that is not replaced costs as much as one that is.
_TAG = re.compile(
    r'(<(?:t(?:[dh](?: align="[a-z]+")?|r|able)|p(?:re><code)?|li|strong|em|code|blockquote|[uo]l|hr'
    r"|/?h[1-6]|/table)>|<a href=|<ol start=)"
)
_HEADINGS = frozenset(f"<{slash}h{level}>" for slash in ("", "/") for level in range(1, 7))
_HIGHEST_HEADING = 3


def to_html(text: str, *, highlighted: bool = False) -> str:
    """Return ``text``, untrusted Markdown, as a safe HTML fragment of any length.

    What cannot be rendered within reason (`excess`: very long, very deep, rows of thousands of cells)
    comes back as plain text in ``<pre>``.

    Args:
        text: what an agent wrote.
        highlighted: colour code of a known language: for what is shown unfolded.
    """
    text = redact(escape_invisible(text))
    try:
        written, safe = unstyled(text)
    except Unrendered as why:
        return plain(text, str(why))
    shown = _styled(safe)
    languages = languages_of(written) if highlighted and "<pre><code class=" in written else []
    shown = in_colour(shown, style.CODE_BLOCK_START, languages) if any(languages) else shown
    if has_right_to_left(safe):
        shown = with_directions(shown)
    return unbroken(shown)


class Unrendered(Exception):
    """Why a text is shown as it is: a part of a sentence."""


def unstyled(text: str) -> tuple[str, str]:
    """``text`` as comrak wrote it, and that as safe HTML without any style.

    Args:
        text: Markdown without deceiving characters.

    Raises:
        Unrendered: it cannot be rendered within reason.
    """
    if why := too_much(text):
        raise Unrendered(why)
    try:
        written = rendered(text)
        safe = sanitised(written)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the Rust libraries is not an Exception
        raise Unrendered("it could not be read as Markdown") from None
    # Once more: only now are character references, `&…;`, what they stand for.
    return written, redact(escape_invisible(safe) if "&" in text and ";" in text else safe)


def plain(text: str, why: str) -> str:
    """``text`` unrendered, and the reason."""
    return (
        f'<pre style="{style.PRE}">{escaped(text)}</pre>'
        f'<p style="{style.SMALL};margin:0 0 8px">shown as plain text: {html.escape(why)}</p>'
    )


def rendered(text: str) -> str:
    """Markdown to HTML, raw HTML escaped, images and check boxes as text; not yet sanitised."""
    written = _renderer()(keep_cells(text))
    # One character in the text is found ten times as fast as a tag in the html.
    if "!" in text and "<img " in written:
        written = _IMAGE.sub(_image_as_text, written)
    if "[" in text and "<input " in written:
        written = _TASK.sub(lambda match: "☑ " if match[1] else "☐ ", written)
    if "|" in text:
        # An attribute is as much work to nh3 as a cell. Left is as our own style has it.
        written = written.replace(' align="left"', "")
    return written


def sanitised(untrusted: str) -> str:
    """``untrusted`` HTML reduced to the allow-list: no styles, classes, ids, images, scripts or forms.

    The addresses of links are checked on what nh3 wrote: the same filter as a callback of nh3 takes
    twice as long as all the rest, because it is asked about every attribute.
    """
    clean = _cleaner()(untrusted)
    return _LINK.sub(_checked_link, clean) if "<a " in clean else clean


def is_allowed_address(address: str) -> bool:
    """Whether a link may lead there: an absolute web or mail address, as text or as an attribute's value."""
    return _ADDRESS.fullmatch(address) is not None


@functools.cache
def _cleaner() -> Callable[[str], str]:
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(),
        # Without "*" nh3 would keep title and lang everywhere.
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        tag_attribute_values={"td": {"align": _ALIGNMENTS}, "th": {"align": _ALIGNMENTS}},
        allowed_classes={},
        generic_attribute_prefixes=set(),
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).clean


def _checked_link(match: re.Match[str]) -> str:
    """Drop an address that is not allowed; name where a link leads whose text claims another place."""
    address, attributes, content = match[2], match[3], match[4]
    if not is_allowed_address(address):
        return f"<a{attributes}>{content}</a>"
    place = misled_to(address, content)
    return f"{match[0]} [leads to {label(place)}]" if place else match[0]


def _image_as_text(match: re.Match[str]) -> str:
    address, alternative, title = match[1], match[2], match[3]
    named = f"{alternative} “{title}”" if title else alternative
    return f"[image: {named}] {address}".rstrip()


def _styled(safe: str) -> str:
    pieces = _TAG.split(safe)
    tags = pieces[1::2]
    styles = _styles_for(_HEADINGS.intersection(tags))
    pieces[1::2] = [styles.get(tag, tag) for tag in tags]
    return "".join(pieces)


@functools.cache
def _styles_for(headings: frozenset[str]) -> dict[str, str]:
    """What becomes of each tag of `_TAG`, in a text that has these ``headings``.

    They stay below those of any page, without gaps: the highest used becomes h3, the next h4, …
    """
    styles = dict(_STYLED_TAGS)
    for at, level in enumerate(sorted({heading[-2] for heading in headings})):
        new = min(6, _HIGHEST_HEADING + at)
        size = (16, 15, 14, 14)[new - _HIGHEST_HEADING]
        look = f"font-size:{size}px;font-weight:600;line-height:1.4;margin:14px 0 6px"
        styles[f"<h{level}>"] = f'<h{new} style="{look}">'
        styles[f"</h{level}>"] = f"</h{new}>"
    return styles


def _cell_styles() -> dict[str, str]:
    styles = {}
    for tag, look in (("th", f"{style.CELL};{style.BOLD}"), ("td", style.CELL)):
        styles[f"<{tag}>"] = f'<{tag} style="{look}">'
        for side in sorted(_ALIGNMENTS):
            aligned = look.replace("text-align:left", f"text-align:{side}")
            styles[f'<{tag} align="{side}">'] = f'<{tag} style="{aligned}">'
    return styles


_STYLED_TAGS = {
    "<p>": f'<p style="{style.PARAGRAPH}">',
    "<a href=": f'<a style="{style.LINK}" target="_blank" href=',
    "<pre><code>": style.CODE_BLOCK_START,
    "<code>": f'<code style="{style.CODE}">',
    "<blockquote>": f'<blockquote style="{style.QUOTE}">',
    "<ul>": f'<ul style="{style.LIST}">',
    "<ol>": f'<ol style="{style.LIST}">',
    "<ol start=": f'<ol style="{style.LIST}" start=',
    "<li>": f'<li style="{style.MARKS}">',
    "<strong>": f'<strong style="{style.BOLD}">',
    "<em>": f'<em style="{style.ITALIC}">',
    "<hr>": f'<hr style="border:0;border-top:1px solid {style.LINE};margin:12px 0">',
    "<table>": style.TABLE_START,
    "</table>": style.TABLE_END,
    "<tr>": f'<tr style="{style.ROW}">',
    **_cell_styles(),
}
