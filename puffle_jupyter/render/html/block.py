"""One block of a message as HTML: the visitor of this notation."""

from __future__ import annotations

import html

from ..blocks import (
    AnswerAbove,
    Block,
    Call,
    Facts,
    FactsKind,
    LabelledJson,
    Prose,
    Reasoning,
    ResultElsewhere,
    State,
)
from ..limits import Limits
from ..words import ANSWER_IS_ABOVE, count_words
from . import style
from .anchors import NO_IDS, Anchors
from .escape import label
from .fold import details, markdown_block, small, text_block
from .link import link
from .marks import marked
from .style import Severity, status_label
from .tool_call import json_block, tool_call

_REASONING = f"{style.QUOTE};margin-top:4px"


def block_html(block: Block, limits: Limits, is_open: bool = False, anchors: Anchors = NO_IDS) -> str:
    """One block; ``is_open`` where it is in no closed fold."""
    match block:
        case Prose():
            return markdown_block(block.text, limits, is_open=is_open)
        case AnswerAbove():
            return f'<p style="{style.PARAGRAPH}">{small(ANSWER_IS_ABOVE)}</p>'
        case Reasoning():
            return _reasoning(block, limits)
        case Call():
            return tool_call(block.call, limits, anchors=anchors)
        case ResultElsewhere():
            said = f"result of {html.escape(block.title)}: shown with its call"
            return f'<p style="{style.PARAGRAPH}">{small(said)}</p>'
        case Facts():
            return f'<div style="margin:4px 0 8px">{marked(_facts(block), limits)}</div>'
        case LabelledJson():
            name = small(marked(label(block.label), limits))
            said = f"{status_label('? unknown part', Severity.UNKNOWN)} {name}" if block.is_unknown else name
            return f'<div style="margin:6px 0">{said}{json_block(block.value, limits)}</div>'
        case State():
            return state_fold(block.text, limits)


def _reasoning(block: Reasoning, limits: Limits) -> str:
    if block.hidden is not None:
        return details(small("reasoning, hidden by the provider"), json_block(block.hidden, limits), limits)
    said = small(f"reasoning, {count_words(len(block.text), 'character')}")
    # An edge of its own: opened, it must not read like the answer that follows it.
    return details(said, f'<div style="{_REASONING}">{markdown_block(block.text, limits)}</div>', limits)


def state_fold(state: str, limits: Limits) -> str:
    """The agent's internal state, folded."""
    said = small(f"internal state of the agent, {count_words(len(state), 'character')}")
    return details(said, text_block(state, limits), limits)


def _facts(block: Facts) -> str:
    match block.kind:
        case FactsKind.FILE:
            return f"▤ {_file(block)}"
        case FactsKind.SOURCE:
            return f"↗ {_source(block)}"
        case FactsKind.NOTE:
            return small(": ".join([label(block.name), *(label(text, 400) for text in block.details)]))


def _file(block: Facts) -> str:
    name = label(block.name) if block.name else "file without a name"
    facts = " · ".join(map(label, block.details))
    said = f"{style.bold(name)} {small(facts)}" if facts else style.bold(name)
    return f"{said} {small(link(block.url, block.url))}" if block.url else said


def _source(block: Facts) -> str:
    quote = "".join(f" {small(f'“{label(quote, 2000)}”')}" for quote in block.details)
    if not block.url:
        return label(block.name or "source without a title", 200) + quote
    shown = link(block.url, block.name or block.url)
    return (f"{shown} {small(label(block.url, 200))}" if block.name else shown) + quote
