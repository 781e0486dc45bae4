"""The filter of a page: a row of chips, one for each kind of part; the style sheet does what they say.

They are radio buttons, so the keyboard reaches and moves them, and a screen reader counts them. They are
``hidden``: only a browser that can filter shows them (`page_style`). Where a host drops the style sheet and
the attribute, they still read as a count of what is on the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...transcript.kinds import Only
from ..outline import Outline, block_of
from ..words import count_words
from .anchors import Anchors
from .part_classes import PREFIX, Kind, kinds_of, kinds_of_call

CHIPS = f"{PREFIX}chips"
ALL = "all"
EXCEPTION = f"{PREFIX}exception"
FEWEST = 8
"""Parts; fewer are seen at a glance."""
LABELS = {
    Kind.TEXT: Only.TEXTS.label,
    Kind.CALL: Only.CALLS.label,
    Kind.REASONING: Only.REASONING.label,
    Kind.ERROR: "Errors",  # more than failed calls: a message can have an error of its own
}


def chips_html(outline: Outline, anchors: Anchors) -> str:
    """The row; "" in a notebook, for a short transcript, and where all parts are of one kind."""
    if not anchors.is_page:
        return ""
    parts = list(_parts(outline))
    count_by_kind = Counter(kind for kinds in parts for kind in kinds)
    offered = {kind: count_by_kind[kind] for kind in LABELS if 0 < count_by_kind[kind] < len(parts)}
    if len(parts) < FEWEST or not offered:
        return ""
    chips = [_chip(ALL, Only.EVERYTHING.label, len(parts), anchors)]
    chips += [_chip(kind.value, LABELS[kind], count, anchors) for kind, count in offered.items()]
    said = [_said(kind, len(parts) - count, len(parts)) for kind, count in offered.items()]
    exception = f'<span class="{EXCEPTION}" hidden> What the link led to is shown.</span>'
    return (
        f'<div class="{CHIPS}" role="radiogroup" aria-label="Show in the transcript" hidden>'
        f'<span>Show</span> {" ".join(chips)} <p role="status">{"".join(said)}{exception}</p></div>'
    )


def _parts(outline: Outline) -> Iterator[tuple[Kind, ...]]:
    """What each part of the transcript is, as many as the page shows."""
    for outlined in outline.messages():
        for part in outlined.message.parts:
            yield kinds_of(block_of(part))
    yield from map(kinds_of_call, outline.others)


def _chip(value: str, word: str, count: int, anchors: Anchors) -> str:
    checked = " checked" if value == ALL else ""
    button = f'<input type="radio" name="{anchors.prefix}show" value="{value}"{checked}>'
    return f"<label>{button} {word} {count:,}</label>"


def _said(kind: Kind, hidden: int, of: int) -> str:
    verb = "is" if hidden == 1 else "are"
    said = f"{LABELS[kind]} only: {hidden:,} of {count_words(of, 'part')} {verb} hidden."
    return f'<span class="{PREFIX}only-{kind.value}" hidden>{said}</span>'
