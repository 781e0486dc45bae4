"""Terminal IPython in a real pseudo-terminal, seen as a person sees it: a screen of characters."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte

from .environment import clean_environment

IPYTHON = ("IPython", "--no-banner", "--no-confirm-exit", "--colors=NoColor")
CONSOLE = ("jupyter_console", "--no-confirm-exit")
_PROMPT = re.compile(r"In \[(\d+)\]: ?")
_CURSOR_QUERY = "\x1b[6n"


class Terminal:
    """A running IPython. `screen` is what the pty shows now, `raw` all bytes that were ever written to it."""

    def __init__(self, process: pexpect.spawn, columns: int, rows: int) -> None:
        self.process = process
        self.raw = ""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def screen(self) -> str:
        return "\n".join(self.lines).rstrip()

    @property
    def input_line(self) -> str:
        """The line the cursor stands in: prompt and what was typed so far."""
        return self.lines[self._screen.cursor.y]

    @property
    def toolbar(self) -> str:
        """The last line of the screen that is not empty."""
        return next((line for line in reversed(self.lines) if line), "")

    def type(self, text: str) -> None:
        self.process.send(text)

    def run(self, line: str, *, timeout: float = 20) -> None:
        """Type a line, press Enter, wait for the next prompt."""
        before = self._prompt_number()
        self.type(line + "\r")
        self.wait(lambda: self._prompt_number() > before, timeout=timeout, what=f"the prompt after {line!r}")

    def _prompt_number(self) -> int:
        return max((int(number) for number in _PROMPT.findall(self.screen)), default=0)

    def wait(self, until: Callable[[], bool], *, timeout: float = 20, what: str = "it") -> None:
        """Read the terminal until `until()` holds; AssertionError with the screen after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not until():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout} s for {what}; the screen is\n{self.screen}")
            self._read()

    def wait_for(self, text: str, *, timeout: float = 20) -> None:
        self.wait(lambda: text in self.screen, timeout=timeout, what=repr(text))

    def _read(self) -> None:
        try:
            chunk = self.process.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            raise AssertionError(f"the terminal program ended; the screen was\n{self.screen}") from None
        self.raw += chunk
        self._stream.feed(chunk)
        for _ in range(
            chunk.count(_CURSOR_QUERY)
        ):  # prompt_toolkit asks where the cursor is, as it would a terminal
            self.process.send(f"\x1b[{self._screen.cursor.y + 1};{self._screen.cursor.x + 1}R")


@contextmanager
def running_terminal(
    folder: Path,
    *options: str,
    program: tuple[str, ...] = IPYTHON,
    columns: int = 110,
    rows: int = 40,
    **environment: str,
) -> Iterator[Terminal]:
    """Start IPython, or another `program` of Python's, in a pty of `columns` × `rows`; end it after."""
    settings = clean_environment(
        folder, TERM="xterm-256color", COLUMNS=str(columns), LINES=str(rows), **environment
    )
    command = ["-m", *program, *options]
    process = pexpect.spawn(
        sys.executable,
        command,
        env=settings,
        cwd=str(folder),
        dimensions=(rows, columns),
        encoding="utf-8",
        codec_errors="replace",
        timeout=30,
    )
    terminal = Terminal(process, columns, rows)
    try:
        terminal.wait(lambda: terminal._prompt_number() > 0, timeout=30, what="the first prompt")
        yield terminal
    finally:
        if process.isalive():
            process.kill(signal.SIGKILL)
            process.wait()
        process.close()
