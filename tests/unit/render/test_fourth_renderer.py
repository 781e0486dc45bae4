"""A renderer more takes an outline and a few lines: here reStructuredText, in less than 60."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import puffle_jupyter.render
from puffle_jupyter.render.blocks import (
    AnswerAbove,
    Block,
    Call,
    Facts,
    LabelledJson,
    Prose,
    Reasoning,
    ResultElsewhere,
    State,
)
from puffle_jupyter.render.outline import Outline, block_of, outline_of
from tests.support.kinds import FAILED, RUN

RENDER = Path(puffle_jupyter.render.__file__).parent


def restructured(outline: Outline) -> Iterator[str]:
    """A run as reStructuredText."""
    yield from filter(None, (outline.sentence, literal(outline.error), literal(outline.answer.text)))
    for outlined in outline.messages():
        yield f"{outlined.message.role}\n{'-' * len(outlined.message.role)}"
        for part in outlined.message.parts:
            yield directive(block_of(part))
    yield from (directive(Call(call)) for call in outline.others)
    yield outline.ledger()


def directive(block: Block) -> str:
    """One block."""
    match block:
        case Prose() | State():
            return literal(block.text)
        case AnswerAbove():
            return ".. the answer above"
        case Reasoning():
            return f".. topic:: Reasoning\n\n{literal(block.text)}"
        case Call():
            return f":{block.call.name}: {block.call.state.value}"
        case ResultElsewhere():
            return f".. result of {block.title}"
        case Facts():
            return f":{block.kind.value}: " + ", ".join((block.name, *block.details, block.url or ""))
        case LabelledJson():
            return f".. code-block:: json\n\n{literal(block.value.compact())}"


def literal(text: str) -> str:
    """Text of others, indented so that it is no structure."""
    return textwrap.indent(text, "    ")


def test_a_fourth_renderer_needs_only_the_outline() -> None:
    """It shows every text and every call, and points at the answer, having decided nothing of that."""
    shown = "\n\n".join(restructured(outline_of(RUN)))
    transcript = RUN.transcript
    for call in transcript.tool_calls:
        assert f":{call.name}: {call.state.value}" in shown
    assert shown.count("\n" + "-" * 4) >= len({message.role for message in transcript.messages})
    assert outline_of(RUN).ledger() in RUN.to_text()
    assert outline_of(RUN).sentence in shown
    assert (FAILED.error or "?") in "\n".join(restructured(outline_of(FAILED)))


def test_it_is_short() -> None:
    """Three functions of together at most 60 lines."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    made = [node for node in tree.body if isinstance(node, ast.FunctionDef) and "test" not in node.name]
    assert sum((node.end_lineno or 0) - node.lineno + 1 for node in made) <= 60


def test_one_match_over_parts() -> None:
    """What a part is shown as is decided in the outline, once: no renderer looks at the kinds of parts."""
    matching = []
    for path in sorted(RENDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Match) and any("Part()" in ast.unparse(case) for case in node.cases):
                matching.append(str(path.relative_to(RENDER)))
    assert matching == ["outline.py"]
