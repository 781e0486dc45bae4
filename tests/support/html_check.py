"""Reads rendered HTML the way a browser would and names everything in it that is not ours."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from puffle_jupyter.render.html.markdown import TAGS, is_allowed_address
from puffle_jupyter.render.html.style import PRINT

ELEMENTS = TAGS | {"b", "details", "div", "span", "summary"}
# Exact values where there are few; a pattern for the rest.
ATTRIBUTES = {
    "style": re.compile(r"[a-z-]+:[\w #%.,()-]+(;[a-z-]+:[\w #%.,()-]+)*"),
    "dir": re.compile(r"auto|ltr"),
    "start": re.compile(r"\d+"),
    "cellpadding": re.compile(r"5"),
    "class": re.compile(r"mathjax_ignore tex2jax_ignore"),
    "title": re.compile(r"[\d,]+ polls?"),
    "tabindex": re.compile(r"0"),
    "target": re.compile(r"_blank"),
    "rel": re.compile(r"noopener noreferrer nofollow"),
}
# What a page has besides, written by `chips` and `part_classes` alone.
PAGE_ELEMENTS = {"input", "label"}
PAGE_ATTRIBUTES = {
    "class": re.compile(r"puffle-[a-z-]+( puffle-error)?"),
    "role": re.compile(r"radiogroup|status"),
    "aria-label": re.compile(r"Show in the transcript"),
    "type": re.compile(r"radio"),
    "name": re.compile(r"[\w-]*show", re.ASCII),
    "value": re.compile(r"all|text|call|reasoning|error"),
}
_OWN_ID = re.compile(r"(?:call|message)-\d+|contents")
_FETCHING = re.compile(r"url\(|expression|image|@import|var\(", re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self, is_page: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.is_page = is_page
        self.ids: list[str] = []
        self.links: list[str] = []
        self.problems: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []
        self.elements: list[str] = []
        self.classes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag not in ELEMENTS and not (self.is_page and tag in PAGE_ELEMENTS):
            self.problems.append(f"<{tag}>")
        for name, value in attrs:
            if not self._is_ours(tag, name, value):
                self.problems.append(f"<{tag} {name}={value!r}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.problems.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.problems.append(f"<![{data}]>")

    def _is_ours(self, tag: str, name: str, value: str | None) -> bool:
        if name == "open":
            return tag == "details"
        if self.is_page and name == "id":
            self.ids.append(value or "")
            return bool(_OWN_ID.fullmatch(value or ""))
        if self.is_page and name == "href" and (value or "").startswith("#"):
            self.links.append((value or "")[1:])
            return tag == "a"
        if self.is_page and name in ("hidden", "checked"):
            return value is None and tag in ("div", "span", "input")
        if self.is_page and name in PAGE_ATTRIBUTES and PAGE_ATTRIBUTES[name].fullmatch(value or ""):
            self.classes += (value or "").split() if name == "class" else []
            return True
        if name == "href":
            self.addresses.append(value or "")
            return tag == "a" and is_allowed_address(value or "")
        allowed = ATTRIBUTES.get(name)
        return bool(allowed and allowed.fullmatch(value or "") and not _FETCHING.search(value or ""))


def read_html(fragment: str) -> _Reader:
    """Parse ``fragment``: its ``problems``, ``elements``, ``addresses`` and pieces of ``text``."""
    reader = _Reader()
    reader.feed(fragment.replace(PRINT, ""))
    reader.close()
    return reader


def foreign_parts(fragment: str) -> list[str]:
    """Elements, attributes, comments and declarations that our views never write; empty when all is well."""
    return read_html(fragment).problems


def foreign_parts_of_page(page: str) -> list[str]:
    """The same for what is within ``main``: it has ids of ours, each once, and links that lead to those."""
    reader = read_page(page)
    twice = sorted({found for found in reader.ids if reader.ids.count(found) > 1})
    return reader.problems + twice + sorted(set(reader.links) - set(reader.ids))


def read_page(page: str) -> _Reader:
    """Parse what is within ``main``: as `read_html`, and its ``ids``, ``links`` to ids and ``classes``."""
    reader = _Reader(is_page=True)
    body = page.partition("<main>")[2].partition("</main>")[0]
    reader.feed(re.sub("</?h[12]>", "", body).replace(PRINT, ""))
    reader.close()
    return reader


def text_of(fragment: str) -> str:
    """What a reader sees, folds opened."""
    return "".join(read_html(fragment).text)
