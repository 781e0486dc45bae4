"""What can be taken along from a run that is on the screen: its answer, its page, its tables.

Nothing of it is rendered, encoded or sent before somebody asks for it: a closed panel is one button.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets

from ...render.html import style
from ...render.html.escape import escaped
from ...render.markdown.run import answer_markdown
from ...render.words import count_words, size_words
from ...run import Run
from ...safe_text import shortened
from ...tables.csv_text import tab_separated
from ...tables.table import Table
from ..front_end import FrontEnd
from .close_widgets import LateHTML, close_with_layout
from .downloads import Download, answer_download, page_download, table_download
from .table_panel import TablePanel, chooser

COPY_LIMIT = 100_000
"""Characters that a field to copy from may hold."""
TITLE = "Save, copy, sort"
_TABLES = 100  # that can be chosen
_NAME = 60  # characters of a table's name in the list
HOW_TO_COPY = "To copy: click into the text, then Ctrl+A and Ctrl+C (on a Mac ⌘A and ⌘C)."


@dataclass(frozen=True, slots=True)
class _Choice:
    """Something to save: a table, or a file with a text to copy; "" when there is none."""

    title: str
    download: Download | None = None
    text: Callable[[], str] = str
    table: Table | None = None


def _choices(run: Run) -> list[_Choice]:
    tables = run.tables
    found = [_Choice("the answer (Markdown)", answer_download(run), lambda: answer_markdown(run))]
    found += [_Choice(_title(table), table=table) for table in tables[:_TABLES]]
    return [*found, _Choice("the whole page (HTML)", page_download(run))]


def _title(table: Table) -> str:
    return f"table {shortened(table.name, _NAME)}, {count_words(len(table), 'row')} (CSV)"


class FilesPanel(ipywidgets.VBox):  # type: ignore[misc]
    """A list of what ``run`` has; below it what was chosen, as a link, a field to copy from, or a table.

    Made on the main thread, by the click that opens it.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._choices = _choices(run)
        self._what = chooser("Save", [(each.title, at) for at, each in enumerate(self._choices)])
        self._table = TablePanel(self._show_table)
        self._link = LateHTML("")
        self._copy = ipywidgets.Textarea(
            description="Copy",
            rows=6,
            continuous_update=False,
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="auto", max_width="60em"),
        )
        self._hint = LateHTML("")
        super().__init__(
            [self._what, self._link, self._table, self._copy, self._hint],
            layout=ipywidgets.Layout(
                border=f"1px solid {style.LINE}",
                padding="6px 10px",
                margin="4px 6px 10px 0",
                max_width="100%",
            ),
        )
        self._what.observe(lambda change: self._show(self._choices[change["new"]]), "value")
        self._show(self._choices[0])

    def close(self) -> None:
        """Close it, its layout and its parts; may be called again."""
        super().close()
        self.layout.close()
        self._table.close()
        parts = (self._what, self._link, self._copy, self._hint)
        close_with_layout(*(part for part in parts if part.comm is not None))

    def _show(self, choice: _Choice) -> None:
        self._table.layout.display = "none" if choice.table is None else ""
        if choice.table is not None:
            self._table.show(choice.table)
        elif choice.download is not None:
            self._offer(choice.download, choice.text())

    def _show_table(self, table: Table, is_sorted: bool) -> None:
        self._offer(table_download(self._run, table, is_sorted=is_sorted), tab_separated(table.shown))

    def _offer(self, download: Download, text: str) -> None:
        self._link.value = style.in_widget(download.link(), announced=True)
        fits = 0 < len(text) <= COPY_LIMIT
        self._copy.value = text if fits else ""
        self._copy.layout.display = "" if fits else "none"
        self._hint.value = style.in_widget(_hint(text, fits=fits))


class FilesButton(ipywidgets.ToggleButton):  # type: ignore[misc]
    """Opens a `FilesPanel` in ``box``, below its first child, and closes it; hidden without a run.

    Args:
        box: where the panel is to be.
        front_end: where the box is shown; where it does not save what a link holds, nothing is offered.
    """

    def __init__(self, box: ipywidgets.Box, front_end: FrontEnd) -> None:
        self._box = box
        # A click comes on one thread, the end of the run or of the widget on another.
        self._lock = threading.RLock()
        self._is_closed = False
        self._run: Run | None = None
        self._panel: FilesPanel | None = None
        self._is_offered = front_end.saves_links
        super().__init__(
            value=False,
            description=TITLE,
            tooltip="Save or copy the answer and the tables, sort a table, save the page",
            layout=ipywidgets.Layout(width="auto", height="28px", display="none"),
        )
        self.observe(lambda change: self._open() if change["new"] else self._shut(), "value")

    def show_run(self, run: Run | None) -> None:
        """Offer ``run`` from now on; a panel of another run is closed. For any thread."""
        self.value = False
        with self._lock:
            self._run = None if self._is_closed else run
        self.layout.display = "" if run is not None and self._is_offered else "none"

    def close(self) -> None:
        """Close it and its panel, and let go of the run; may be called again."""
        with self._lock:
            self._is_closed = True
            self._run = None
            self._shut()
        super().close()

    def _open(self) -> None:
        with self._lock:
            if self._run is None or self._panel is not None:
                return
            self._panel = panel = FilesPanel(self._run)
            first, *others = self._box.children
            self._box.children = (first, panel, *others)

    def _shut(self) -> None:
        with self._lock:
            panel, self._panel = self._panel, None
            if panel is not None:
                self._box.children = tuple(child for child in self._box.children if child is not panel)
                panel.close()


def _hint(text: str, *, fits: bool) -> str:
    if not text:
        return ""
    said = HOW_TO_COPY if fits else f"{size_words(len(text))} are too much to copy from here: use the link."
    return f'<p style="{style.PARAGRAPH}"><span style="{style.SMALL}">{escaped(said)}</span></p>'
