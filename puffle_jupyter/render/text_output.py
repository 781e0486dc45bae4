"""The plain text of a run within the budget of a notebook output."""

from __future__ import annotations

from ..run_data import RunData
from .limits import NOTEBOOK_TEXT, shown_words
from .outline import Outline, outline_of
from .sections import Counted
from .text import run_line, text_sections
from .words import count_words


def run_output(run: RunData, head: str = "") -> str:
    """A run as plain text, as much of it as a notebook output may hold; ``head`` is its first line.

    What there is no room for is never built. The last line says exactly what is missing.
    """
    outline = outline_of(run)
    kept: list[str] = []
    limits = NOTEBOOK_TEXT
    whole = dict.fromkeys(Counted, 0)
    for section, pieces in text_sections(outline, head or run_line(run)):
        for piece in pieces:
            if not limits.fit(piece):
                shown = piece.encode()[: limits.output].decode(errors="ignore")
                return "".join([*kept, shown, "\n", _missing(len(shown), len(piece), whole, outline)])
            kept.append(piece)
            limits = limits.without([piece])
        whole[section.counted] += section.count
    return "".join(kept)


def _missing(shown: int, of: int, whole: dict[Counted, int], outline: Outline) -> str:
    count_by_noun = {Counted.MESSAGE: outline.message_count, Counted.TOOL_CALL: len(outline.others)}
    said = [shown_words(shown, of, "character")]
    said += [
        f"{whole[counted]:,} of {count_words(count, counted.value)} in whole"
        for counted, count in count_by_noun.items()
        if count
    ]
    return f"… {', '.join(said)}; run.to_text() has all of them"
