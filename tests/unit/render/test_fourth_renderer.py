"""A renderer more takes one function over the blocks of a run: here reStructuredText, in under 60 lines."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import puffle_jupyter.render
from puffle_jupyter.render.blocks import (
    AnswerAbove,
    AnswerJson,
    AnswerText,
    Call,
    Facts,
    Failure,
    Heading,
    LabelledJson,
    Prose,
    Reasoning,
    Remark,
    ResultElsewhere,
    RunBlock,
    Sentence,
    Speaker,
    State,
    WhatItDid,
)
from puffle_jupyter.render.outline import Outline, outline_of
from puffle_jupyter.render.sections import sections
from tests.support.kinds import FAILED, RUN

RENDER = Path(puffle_jupyter.render.__file__).parent


def restructured(outline: Outline) -> str:
    """A run as reStructuredText."""
    return "\n\n".join(directive(block) for section in sections(outline) for block in section.blocks)


def directive(block: RunBlock) -> str:
    """One block."""
    match block:
        case Sentence() | Remark():
            return block.text
        case Failure() | AnswerText() | Prose() | State():
            return literal(block.text)
        case AnswerJson():
            return f".. code-block:: json\n\n{literal(block.value.compact())}"
        case WhatItDid():
            return f"*{block.deeds}* {block.failed}"
        case Heading() | Speaker():
            title = block.text if isinstance(block, Heading) else block.role
            return f"{title}\n{'-' * len(title)}"
        case AnswerAbove():
            return ".. the answer above"
        case Reasoning():
            return f".. topic:: Reasoning\n\n{literal(block.text)}"
        case Call():
            return f":{block.call.name}: {block.call.state.value}"
        case ResultElsewhere():
            return f".. result of {block.title}"
        case Facts():
            return f":{block.kind.value}: {', '.join(block.in_order())}"
        case LabelledJson():
            return f".. code-block:: json\n\n{literal(block.value.compact())}"


def literal(text: str) -> str:
    """Text of others, indented so that it is no structure."""
    return textwrap.indent(text, "    ")


def test_a_fourth_renderer_needs_only_the_outline() -> None:
    """It shows every text and every call, and points at the answer, having decided nothing of that."""
    shown = restructured(outline_of(RUN))
    transcript = RUN.transcript
    for call in transcript.tool_calls:
        assert f":{call.name}: {call.state.value}" in shown
    assert shown.count("\n" + "-" * 4) >= len({message.role for message in transcript.messages})
    assert outline_of(RUN).ledger() in RUN.to_text()
    assert outline_of(RUN).sentence in shown
    assert (FAILED.error or "?") in restructured(outline_of(FAILED))


def test_it_is_short() -> None:
    """Three functions of together at most 60 lines."""
    assert lines_of(Path(__file__), "restructured", "directive", "literal") <= 60


def test_ours_are_as_short() -> None:
    """Plain text, Markdown and html are each one function over blocks with its helpers: 80 lines at most."""
    visitor = ("block_html", "_reasoning", "state_fold", "_facts", "_file", "_source")
    assert 20 < lines_of(RENDER / "html" / "block.py", *visitor) <= 80
    assert 20 < lines_of(RENDER / "text.py", "_lines", "_call", "_indented") <= 80
    assert 20 < lines_of(RENDER / "markdown" / "run.py", "_block", "_call") <= 80


def lines_of(module: Path, *names: str) -> int:
    """How many lines its functions of these names have together."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    return sum((node.end_lineno or 0) - node.lineno + 1 for node in made)


def test_one_match_over_parts() -> None:
    """What a part is shown as is decided in the outline, once: no renderer looks at the kinds of parts."""
    matching = []
    for path in sorted(RENDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Match) and any("Part()" in ast.unparse(case) for case in node.cases):
                matching.append(str(path.relative_to(RENDER)))
    assert matching == ["outline.py"]
