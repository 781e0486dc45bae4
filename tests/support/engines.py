"""Markdown engines that let raw HTML and any link through, and what is live in what they write."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import cmarkgfm
import comrak
import markdown_it
from cmarkgfm.cmark import Options
from nbconvert.filters.markdown_mistune import markdown2html_mistune


def with_comrak(text: str) -> str:
    extensions, options = comrak.ExtensionOptions(), comrak.RenderOptions()
    extensions.table = extensions.autolink = extensions.strikethrough = True
    extensions.tasklist = extensions.footnotes = True
    options.unsafe_ = True
    return comrak.render_markdown(text, extension_options=extensions, render_options=options)


def with_cmark_gfm(text: str) -> str:
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
    names = ["table", "autolink", "strikethrough", "tasklist"]
    return cmarkgfm.markdown_to_html_with_extensions(text, options, names)


def with_mistune(text: str) -> str:
    """As nbconvert writes the Markdown cells of a notebook."""
    return markdown2html_mistune(text)


def with_markdown_it(text: str) -> str:
    parser = markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser.render(text)


ENGINES: dict[str, Callable[[str], str]] = {
    "comrak": with_comrak,
    "cmark-gfm": with_cmark_gfm,
    "mistune": with_mistune,
    "markdown-it": with_markdown_it,
}

_PROSE = {"p", "br", "hr", "em", "strong", "del", "s", "code", "pre", "a", "blockquote", "ul", "ol", "li"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_FOOTNOTES = {"sup", "section", "input", "span", "div"}
ELEMENTS = {*_PROSE, *_TABLES, *_FOOTNOTES, *(f"h{level}" for level in range(1, 7))}
_PLAIN = {"class", "id", "title", "start", "align", "type", "checked", "disabled", "lang", "aria-label"}
_ALIGNED = re.compile(r"text-align: ?(left|right|center);?")
# Bare ftp, xmpp and `x-mailto:` addresses become links in GitHub's Markdown, whatever is written.
_ADDRESS = re.compile(r"(?:https?|ftp)://[^/?#]|[\w.-]*mailto:.|xmpp:.", re.IGNORECASE | re.DOTALL)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.live: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.live.append(f"<{tag}>")
        values = dict(attrs)
        if tag == "input" and values.get("type") != "checkbox":
            self.live.append(f"<input {attrs}>")
        for name, value in attrs:
            if not self._is_harmless(tag, name, value or "", values):
                self.live.append(f"<{tag} {name}={value!r}>")

    @staticmethod
    def _is_harmless(tag: str, name: str, value: str, values: dict[str, str | None]) -> bool:
        if name == "href":
            is_ours = "anchor-link" in (values.get("class") or "") or "data-footnote" in "".join(values)
            return tag == "a" and bool((is_ours and value[:1] == "#") or _ADDRESS.match(value))
        if name == "style":
            return bool(_ALIGNED.fullmatch(value))
        return name in _PLAIN or name.startswith("data-footnote")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.live.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.live.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.live.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.live.append(f"<![{data}]>")


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


def live_parts(html: str) -> list[str]:
    """Elements, attributes and links of ``html`` that plain Markdown does not make; empty if none."""
    return _read(html).live


def text_of(html: str) -> str:
    """What a reader sees of ``html``."""
    return "".join(_read(html).text)
