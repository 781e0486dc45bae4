"""Lines of a terminal: rich breaks texts into them, and says what a style is there.

rich is given `Text` objects alone, never strings: it reads no markup of its own out of untrusted text, makes
no hyperlink and no emoji of it.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, RenderableType, detect_legacy_windows
from rich.segment import Segment, Segments
from rich.text import Text

from ...safe_text import escape_invisible

Line = list[Segment]

_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """How text is put on lines.

    Attributes:
        columns: of a line.
        styled: whether bold and colours are written; else only characters.
    """

    columns: int
    styled: bool


def console_for(layout: Layout) -> Console:
    """A console that writes to nobody, and knows how wide and how colourful the terminal is."""
    styled = layout.styled and not detect_legacy_windows()
    return Console(
        file=io.StringIO(),
        width=max(layout.columns, _NARROWEST),
        force_terminal=styled,
        color_system="auto" if styled else None,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def lines_of(renderable: RenderableType, console: Console, columns: int) -> Iterator[Line]:
    """The lines of ``renderable``, each at most ``columns`` wide."""
    options = console.options.update(width=max(columns, 1))
    return iter(console.render_lines(renderable, options, pad=False))


def indented(lines: Iterable[Line], first: Text, others: str, console: Console) -> Iterator[Line]:
    """``lines`` behind ``first``, those that follow behind ``others``, which is as wide; blank ones alone."""
    beginning = list(first.render(console))
    for line in lines:
        yield [*beginning, *line] if line else []
        beginning = [Segment(others)] if line else beginning


def at_most(lines: Iterable[Line], count: int, otherwise: Iterable[Line]) -> Iterator[Line]:
    """The first ``count`` of ``lines``, and where there are more ``otherwise``. The others are never made."""
    lines = iter(lines)
    yield from itertools.islice(lines, count)
    if next(lines, None) is not None:
        yield from otherwise


def written(lines: Iterable[Line], console: Console) -> str:
    """The lines as one text, a line break between them; what deceives in them is escaped as the last step."""
    for line in lines:
        pieces = Segments([*_escaped(line), Segment.line()])
        console.print(pieces, end="", soft_wrap=True)
    said: str = console.file.getvalue()  # type: ignore[attr-defined]
    return said.removesuffix("\n")


def _escaped(line: Line) -> Iterator[Segment]:
    """The segments of ``line`` without the spaces at its end."""
    last = max((at for at, segment in enumerate(line) if segment.text.strip()), default=-1)
    for at, segment in enumerate(line[: last + 1]):
        text = segment.text.rstrip() if at == last else segment.text
        yield Segment(escape_invisible(text), segment.style)
