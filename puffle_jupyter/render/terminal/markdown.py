"""Agent Markdown as lines of a terminal: made of the same safe html that a page shows.

What Markdown means, which of it takes too long, where a link may lead and what is said of one that misleads
is decided in `render.html.markdown`. Here its few tags become indentation, marks and styles.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..html.markdown import Unrendered, unstyled
from .layout import Line, indented, lines_of

_INLINE_STYLES = {"em": "italic", "strong": "bold", "del": "strike", "code": "cyan", "a": "underline"}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_VOID = ("br", "hr")
_CELL_COLUMNS = 4  # a table with less room for each cell is shown as rows of text
_TABLE_ROWS = 200
_RULE = 20

_Justify = Literal["left", "center", "right"]
_SIDES: dict[str, _Justify] = {"center": "center", "right": "right"}


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Element | str] = field(default_factory=list)


class _Tree(HTMLParser):
    """Html as elements. It comes from nh3, which closes what it opens."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def markdown_lines(text: str, console: Console, columns: int) -> Iterator[Line]:
    """The lines of ``text``, one after the other; plain where it cannot be rendered within reason.

    Args:
        text: Markdown without deceiving characters.
        console: knows whether lines have styles.
        columns: of a line.
    """
    try:
        tree = _Tree()
        tree.feed(unstyled(text)[1])
        tree.close()
    except Unrendered as why:
        yield from lines_of(Text(text.strip("\n"), overflow="fold"), console, columns)
        yield from lines_of(Text(f"(shown as plain text: {why})", "dim"), console, columns)
        return
    yield from _Blocks(console).lines(tree.root.children, columns)


class _Blocks:
    def __init__(self, console: Console) -> None:
        self._console = console

    def lines(
        self, nodes: Iterable[_Element | str], columns: int, *, is_tight: bool = False
    ) -> Iterator[Line]:
        """The blocks of ``nodes``, a blank line between them but after a heading and in a tight list."""
        before = ""
        for tag, lines in self._blocks(nodes, columns):
            if before and before not in _HEADINGS and not is_tight:
                yield []
            yield from lines
            before = tag

    def _blocks(self, nodes: Iterable[_Element | str], columns: int) -> Iterator[tuple[str, Iterator[Line]]]:
        for is_inline, group in itertools.groupby(nodes, _is_inline):
            if not is_inline:
                for node in group:
                    assert isinstance(node, _Element)
                    yield node.tag, self._block(node, columns)
                continue
            said = _inline(group)
            if said.plain.strip():
                yield "p", self._text(said, columns)

    def _text(self, said: Text, columns: int) -> Iterator[Line]:
        return lines_of(said, self._console, columns)

    def _block(self, block: _Element, columns: int) -> Iterator[Line]:
        match block.tag:
            case "ul" | "ol":
                return self._list(block, columns)
            case "blockquote":
                inside = self.lines(block.children, columns - 2)
                return ([*Text("│ ", "dim").render(self._console), *line] for line in inside)
            case "pre":
                code = Text("".join(_strings(block)).strip("\n"), "cyan", overflow="fold")
                return indented(self._text(code, columns - 2), Text("  "), "  ", self._console)
            case "table":
                return self._table(block, columns)
            case "hr":
                return self._text(Text("─" * _RULE, "dim"), columns)
            case tag if tag in _HEADINGS:
                # A style says enough; without one the mark of Markdown does.
                mark = "" if self._console.color_system else f"{'#' * int(tag[1])} "
                return self._text(Text.assemble(mark, _inline(block.children), style="bold"), columns)
            case _:
                return self.lines(block.children, columns)

    def _list(self, block: _Element, columns: int) -> Iterator[Line]:
        items = list(_elements(block))
        first = int(block.attributes.get("start") or 1)
        is_tight = not any(node.tag == "p" for item in items for node in _elements(item))
        for at, item in enumerate(items):
            mark = "• " if block.tag == "ul" else f"{first + at}. "
            inside = self.lines(item.children, columns - len(mark), is_tight=is_tight)
            lines = indented(inside, Text(mark), " " * len(mark), self._console)
            empty = iter([list(Text(mark).render(self._console))])
            yield from itertools.chain([start], lines) if (start := next(lines, None)) is not None else empty

    def _table(self, block: _Element, columns: int) -> Iterator[Line]:
        """The rows; where a link in them leads is below it, so that a row stays a line if it can."""
        places: dict[str, None] = {}
        rows = [
            [(_inline(cell.children, places), cell.attributes.get("align", "")) for cell in _elements(row)]
            for row in itertools.islice(_rows(block), _TABLE_ROWS)
        ]
        heads, *body = rows or [[]]
        if not heads:
            return
        if len(heads) * _CELL_COLUMNS > columns:
            for row in rows:
                yield from self._text(Text(" | ").join(cell for cell, _ in row), columns)
        else:
            table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
            for head, side in heads:
                table.add_column(head, justify=_SIDES.get(side, "left"), overflow="fold")
            for row in body:
                table.add_row(*(cell for cell, _ in row))
            yield from lines_of(table, self._console, columns)
        if places:
            yield from self._text(Text(" · ".join(places), "dim", overflow="fold"), columns)


def _is_inline(node: _Element | str) -> bool:
    return isinstance(node, str) or node.tag in _INLINE_STYLES or node.tag == "br"


@dataclass(slots=True)
class _Open:
    """An inline element whose children are being appended, from ``start`` on in the text."""

    element: _Element
    rest: Iterator[_Element | str]
    styles: frozenset[str]
    start: int = 0


def _inline(nodes: Iterable[_Element | str], places: dict[str, None] | None = None) -> Text:
    """The texts of ``nodes`` with their styles, and where links lead.

    Without recursion: an answer may hold emphasis a thousand levels deep.

    Args:
        nodes: strings and inline elements.
        places: takes where links lead, when there is no room for it in the text.
    """
    said = Text(overflow="fold")
    stack = [_Open(_Element(""), iter(nodes), frozenset())]
    at_start = True
    while stack:
        now = stack[-1]
        node = next(now.rest, None)
        if isinstance(node, str):
            text = node.replace("\n", " ").replace("\t", " ")
            said.append(text.lstrip(" ") if at_start else text, " ".join(sorted(now.styles)))
            at_start = False
        elif node is None:
            stack.pop()
            said.append("~~" if now.element.tag == "del" else "")
            if address := now.element.attributes.get("href", ""):
                _append_address(said, said.plain[now.start :], address.removeprefix("mailto:"), places)
        elif node.tag == "br":
            said.append("\n")
            at_start = True
        else:
            said.append("~~" if node.tag == "del" else "")
            styles = now.styles.union([_INLINE_STYLES[node.tag]])
            stack.append(_Open(node, iter(node.children), styles, len(said)))
    said.rstrip()
    return said


def _append_address(said: Text, label: str, address: str, places: dict[str, None] | None) -> None:
    if label.strip() in (address, address.partition("://")[2].removesuffix("/")):
        return
    if places is None:
        said.append(f" ({address})", "dim")
    else:
        places[f"{label}: {address}"] = None


def _elements(of: _Element) -> Iterator[_Element]:
    return (node for node in of.children if isinstance(node, _Element))


def _rows(table: _Element) -> Iterator[_Element]:
    for part in _elements(table):
        yield from [part] if part.tag == "tr" else _elements(part)


def _strings(of: _Element) -> Iterator[str]:
    for node in of.children:
        if isinstance(node, str):
            yield node
        else:
            yield from _strings(node)
