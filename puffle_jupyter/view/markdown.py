"""Agent Markdown to safe HTML: the only place that renders rich text of others.

Four defences, each enough for what it guards: comrak escapes raw HTML, so `<founder>` is shown and not
lost; images become text, because fetching one tells its server what the agent knows; nh3's allow-list comes
last and lets nothing through that is not named here; links must match a full pattern.
Our own styles are put on after that, by replacing whole tags the allow-list is known to have written.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable

from . import style
from .escape import escaped
from .redact import redact
from .visible import visible

MAX_CHARACTERS = 1_000_000
MAX_ROW_CELLS = 500  # comrak is quadratic in the cells of one row: 20,000 take it a second
MAX_CELLS = 100_000
MAX_NESTING = 50  # nh3 is quadratic in depth, and browsers stop at 512

_TEXT_TAGS = ("p", "a", "em", "strong", "del", "code", "pre", "blockquote", "hr", "br")
_LIST_TAGS = ("ul", "ol", "li")
_TABLE_TAGS = ("table", "thead", "tbody", "tr", "th", "td")
_HEADING_TAGS = ("h1", "h2", "h3", "h4", "h5", "h6")
TAGS = frozenset((*_TEXT_TAGS, *_LIST_TAGS, *_TABLE_TAGS, *_HEADING_TAGS))
_ALIGNMENTS = {"left", "center", "right"}
# Absolute web and mail addresses only: `http:api/kernels` would resolve to the notebook's own server.
_HREF = re.compile(
    r"(?:https?://[^\s\"<>\\/?#@]+(?:[/?#][^\s\"<>\\]*)?|mailto:[^\s\"<>\\:/?#]+@[^\s\"<>\\:/?#]+)", re.I
)

_IMAGE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"(?: title="([^"]*)")? />')
_TASK = re.compile(r'<input type="checkbox"( checked="")? disabled="" /> ?')
_NESTED = re.compile(rf"(?m)^[ \t]*(?:>[ \t]?|[-*+][ \t]+|\d{{1,9}}[.)][ \t]+){{{MAX_NESTING}}}")
_HEADING = re.compile(r"<(/?)h([1-6])>")
_HIGHEST_HEADING = 3


def to_html(text: str) -> str:
    """Return ``text``, untrusted Markdown, as a safe HTML fragment of any length.

    What cannot be rendered within reason (over a million characters, rows of thousands of cells, deep
    nesting) comes back as plain text in ``<pre>``.
    """
    text = redact(visible(text))
    if why := too_much(text):
        return plain(text, why)
    try:
        safe = sanitised(rendered(text))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the Rust libraries is not an Exception
        return plain(text, "it could not be read as Markdown")
    # Once more: `pk\_live\_x` has lost its backslashes only now.
    return redact(_styled(safe))


def plain(text: str, why: str) -> str:
    """``text`` unrendered, and the reason."""
    return (
        f'<pre style="{style.PRE}">{escaped(text)}</pre>'
        f'<p style="{style.SMALL};margin:0 0 8px">shown as plain text: {html.escape(why)}</p>'
    )


def too_much(text: str) -> str:
    """Why ``text`` is not to be rendered as Markdown; "" when it is."""
    if len(text) > MAX_CHARACTERS:
        return f"it is longer than {MAX_CHARACTERS:,} characters"
    if text.count("|") > MAX_ROW_CELLS:
        pipes = [line.count("|") for line in text.split("\n")]
        if max(pipes) > MAX_ROW_CELLS:
            return f"it has table rows of more than {MAX_ROW_CELLS} cells"
        # Short rows are filled up to the width of the widest.
        if max(pipes) * sum(map(bool, pipes)) > MAX_CELLS:
            return f"it has tables of more than {MAX_CELLS:,} cells"
    if _NESTED.search(text):
        return f"it is nested more than {MAX_NESTING} levels deep"
    return ""


def rendered(text: str) -> str:
    """Markdown to HTML, raw HTML escaped, images and check boxes as text; not yet sanitised."""
    written = _renderer()(text)
    if "<img " in written:
        written = _IMAGE.sub(_image_as_text, written)
    if "<input " in written:
        written = _TASK.sub(lambda match: "☑ " if match[1] else "☐ ", written)
    return written


def sanitised(untrusted: str) -> str:
    """``untrusted`` HTML reduced to the allow-list: no styles, classes, ids, images, scripts or forms."""
    return _cleaner()(untrusted)


def allowed_href(element: str, attribute: str, value: str) -> str | None:
    """The attribute filter: every attribute passes but an ``href`` that is not an absolute address."""
    if attribute == "href" and not _HREF.fullmatch(value):
        return None
    return value


@functools.cache
def _renderer() -> Callable[[str], str]:
    import comrak

    extensions = comrak.ExtensionOptions()
    extensions.table = extensions.strikethrough = extensions.autolink = extensions.tasklist = True
    options = comrak.RenderOptions()
    options.escape = True
    return functools.partial(comrak.render_markdown, extension_options=extensions, render_options=options)


@functools.cache
def _cleaner() -> Callable[[str], str]:
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(),
        # Without "*" nh3 would keep title and lang everywhere.
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        tag_attribute_values={"td": {"align": _ALIGNMENTS}, "th": {"align": _ALIGNMENTS}},
        attribute_filter=allowed_href,
        allowed_classes={},
        generic_attribute_prefixes=set(),
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).clean


def _image_as_text(match: re.Match[str]) -> str:
    address, alternative, title = match[1], match[2], match[3]
    named = f"{alternative} “{title}”" if title else alternative
    return f"[image: {named}] {address}".rstrip()


def _styled(safe: str) -> str:
    for tag, with_style in _STYLED_TAGS.items():
        if tag in safe:
            safe = safe.replace(tag, with_style)
    return _HEADING.sub(_headings(safe), safe) if "<h" in safe else safe


def _headings(safe: str) -> Callable[[re.Match[str]], str]:
    """Headings below those of any page, without gaps: the highest used becomes h3, the next h4, …"""
    used = sorted({match[2] for match in _HEADING.finditer(safe)})
    level = {old: min(6, _HIGHEST_HEADING + at) for at, old in enumerate(used)}

    def replaced(match: re.Match[str]) -> str:
        if match[1]:
            return f"</h{level[match[2]]}>"
        new = level[match[2]]
        size = (16, 15, 14, 14)[new - _HIGHEST_HEADING]
        return f'<h{new} style="font-size:{size}px;font-weight:600;line-height:1.4;margin:14px 0 6px">'

    return replaced


def _cell_styles() -> dict[str, str]:
    styles = {}
    for tag in ("th", "td"):
        # A heading inherits a font weight of its own; the tag says enough.
        styles[f"<{tag}>"] = f'<{tag} style="{style.CELL}">'
        for side in sorted(_ALIGNMENTS):
            aligned = style.CELL.replace("text-align:left", f"text-align:{side}")
            styles[f'<{tag} align="{side}">'] = f'<{tag} style="{aligned}">'
    return styles


_STYLED_TAGS = {
    "<p>": f'<p style="{style.PARAGRAPH}">',
    "<a href=": f'<a style="{style.LINK}" target="_blank" href=',
    "<pre><code>": f'<pre style="{style.PRE}"><code style="background:none;color:inherit;padding:0">',
    "<code>": f'<code style="{style.CODE}">',
    "<blockquote>": f'<blockquote style="{style.QUOTE}">',
    "<ul>": '<ul style="margin:0 0 8px;padding-left:22px">',
    "<ol>": '<ol style="margin:0 0 8px;padding-left:22px">',
    "<hr>": f'<hr style="border:0;border-top:1px solid {style.LINE};margin:12px 0">',
    "<table>": style.TABLE_START,
    "</table>": style.TABLE_END,
    "<tr>": f'<tr style="{style.ROW}">',
    **_cell_styles(),
}
