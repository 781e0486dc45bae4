"""Printing to every kind of standard output there is, and to none."""

from __future__ import annotations

import ast
import io
import sys
from pathlib import Path
from typing import Any

import pytest

import puffle_jupyter
from puffle_jupyter.printing import encodable, is_terminal, say

LINE = "✓ completed · run_abc · “größte” …"


def written(encoding: str, errors: str = "strict") -> tuple[io.BytesIO, io.TextIOWrapper]:
    raw = io.BytesIO()
    return raw, io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="\n")


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("utf-8", LINE),
        ("utf-16-le", LINE),
        ("ascii", '* completed - run_abc - "gr??te" ...'),
        ("cp1252", "* completed · run_abc · “größte” …"),
        ("latin-1", '* completed · run_abc · "größte" ...'),
        ("cp437", '* completed · run_abc · "größte" ...'),
    ],
)
def test_what_cannot_be_encoded_is_replaced(
    monkeypatch: pytest.MonkeyPatch, encoding: str, line: str
) -> None:
    """Our own signs by plain ones, other characters by a question mark, and nothing that fits is touched."""
    raw, stream = written(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    say(LINE)
    assert raw.getvalue().decode(encoding) == line + "\n"


def test_the_signs_of_a_layout_are_replaced_by_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bullets, rules, quotations and check boxes can be told from text that was lost."""
    raw, stream = written("ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    say("◇ a • b │ c ── ☑ d ☐ e")
    assert raw.getvalue() == b"* a * b | c -- [x] d [ ] e\n"


def test_a_lone_surrogate_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even UTF-8 can hold one."""
    raw, stream = written("utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    say("a\ud800b")
    assert raw.getvalue() == b"a?b\n"


class Unknown(io.StringIO):
    """A stream that names an encoding which Python does not know."""

    encoding = "no-such-encoding"


class Liar:
    """A stream that does not say what it can write, and cannot write it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        text.encode("ascii")
        self.lines.append(text)

    def flush(self) -> None:
        """Nothing is kept back."""


def test_a_stream_of_somebodys_own_gets_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says of its encoding, or does not."""
    unknown, liar = Unknown(), Liar()
    for stream in (unknown, liar):
        monkeypatch.setattr(sys, "stdout", stream)
        say(LINE)
        assert not is_terminal()
    assert unknown.getvalue() == "".join(liar.lines) == '* completed - run_abc - "gr??te" ...\n'


def test_without_a_standard_output_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """pythonw has none, and a closed one takes nothing: neither ends a watch."""
    _, closed = written("utf-8")
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stdout", stream)
        say(LINE)
        assert not is_terminal()
        assert encodable("x", stream) == "x"


def test_a_full_disk_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that lacks what was printed must not look complete."""

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(OSError, match="No space left"):
        say(LINE)


def test_nothing_else_prints() -> None:
    """`say` is the one place: a print of its own would fail where the output is not UTF-8."""

    def prints(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"

    def to_stderr(call: Any) -> bool:  # whose encoding errors are "backslashreplace" everywhere
        return any(ast.unparse(keyword) == "file=sys.stderr" for keyword in call.keywords)

    package = Path(puffle_jupyter.__file__).parent
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if prints(node) and not to_stderr(node)
    }
    assert found == {"printing.py"}
