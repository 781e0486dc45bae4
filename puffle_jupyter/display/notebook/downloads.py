"""Files of a run as links that hold the whole file: no server of ours, and no script, is needed to save one.

A browser saves what a ``data:`` address holds when the link has a ``download`` attribute, under the name that
is in it. Everything in such a name may come from a server.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from ...render.html.escape import attribute, escaped, label
from ...render.html.style import CODE, LINK, PARAGRAPH, SMALL
from ...render.words import size_words
from ...run import Run
from ...tables.table import Table, csv_of
from ...untrusted import plain_label

LINK_LIMIT = 1_000_000
"""Bytes of a file that a link may hold: in base64 it is a third more, and a front end keeps all of it."""
_NAME_BYTES = 200  # of the 255 that file systems allow
_NOT_OF_A_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Download:
    """A file that somebody may ask for; nothing is rendered or encoded before.

    Attributes:
        name: the name of the file, made by `file_name`.
        media_type: what is in it.
        in_python: the line that writes the same file.
        make: makes what is in it.
        at_least: bytes that it has in any case, known without making it.
        differs: in what the line of Python does otherwise, such as "rows as sent".
    """

    name: str
    media_type: str
    in_python: str
    make: Callable[[], bytes]
    at_least: int = 0
    differs: str = ""

    def link(self) -> str:
        """The link as HTML; for a file above `LINK_LIMIT` how to write it in Python."""
        if self.at_least > LINK_LIMIT:
            return self._too_large(f"more than {size_words(self.at_least)}")
        content = self.make()
        if len(content) > LINK_LIMIT:
            return self._too_large(size_words(len(content)))
        address = f"data:{self.media_type};charset=utf-8;base64,{base64.b64encode(content).decode()}"
        name = f'download="{attribute(self.name)}"'
        link = f'<a href="{address}" {name} style="{LINK}">Download {escaped(self.name)}</a>'
        small = f'<span style="{SMALL}">{size_words(len(content))} · {self._python_line()}</span>'
        return _line(f"{link} {small}")

    def _too_large(self, size: str) -> str:
        return _line(f"{escaped(self.name)}: {size} are too much for a link · {self._python_line()}")

    def _python_line(self) -> str:
        differs = f", {self.differs}" if self.differs else ""
        return f'in Python{differs}: <code style="{CODE}">{label(self.in_python, 300)}</code>'


def answer_download(run: Run) -> Download:
    """The answer and a line of what was done, as Markdown."""
    name = file_name(run.run_id, "answer", ending="md")
    code = f'open("{name}", "w", encoding="utf-8").write(run.to_markdown("answer"))'
    return Download(name, "text/markdown", code, lambda: run.to_markdown("answer").encode())


def page_download(run: Run) -> Download:
    """The whole run as a page; it holds the JSON of the run too."""
    name = file_name(run.run_id, ending="html")
    size = len(run.body.encoded)
    return Download(name, "text/html", f'run.save("{name}")', lambda: run.to_html().encode(), size)


def table_download(run: Run, table: Table, *, is_sorted: bool = False) -> Download:
    """A table as CSV that is safe to open in a spreadsheet, its rows in the order they have here."""
    name = file_name(run.run_id, table.name, ending="csv")
    code = f'run.tables[{table.name!a}].to_csv("{name}")'
    differs = "rows as sent" if is_sorted else ""
    return Download(name, "text/csv", code, lambda: csv_of(table).encoded(), differs=differs)


def file_name(*words: str, ending: str) -> str:
    """A name for a file from ``words`` that may be anybody's: letters, digits, ``_`` and ``-`` only.

    It begins with ``run``: it is no hidden file, no option of a program and no device of Windows.

    >>> file_name("run_abc", "../leads.exe", ending="csv")
    'run_abc-leads-exe.csv'
    """
    kept = [_NOT_OF_A_NAME.sub("-", unicodedata.normalize("NFC", plain_label(word))) for word in words]
    name = "-".join(word for part in kept if (word := part.strip("-")))
    if not name.startswith("run"):
        name = f"run-{name}" if name else "run"
    return f"{name.encode()[:_NAME_BYTES].decode(errors='ignore')}.{ending}"


def _line(content: str) -> str:
    return f'<p style="{PARAGRAPH}">{content}</p>'
