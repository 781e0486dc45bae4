"""What can be taken along from a run on the screen: links that hold files, fields to copy from, an order."""

from __future__ import annotations

import base64
import gc
import re
import weakref
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from puffle_jupyter import Run, TranscriptWidget
from puffle_jupyter.display.front_end import FrontEnd
from puffle_jupyter.display.notebook import files_panel, transcript_widget
from puffle_jupyter.display.notebook.close_widgets import close_left, open_widgets
from puffle_jupyter.display.notebook.downloads import LINK_LIMIT, file_name, page_download
from puffle_jupyter.display.notebook.files_panel import COPY_LIMIT, TITLE

pytestmark = pytest.mark.usefixtures("background")
ROWS = [{"name": "Bo", "fit": 9}, {"name": "=1+1", "fit": 10}, {"name": "Ada", "fit": None}]


def run_of(text: str = "Two **founders**.", run_id: str = "run_a", rows: Any = ROWS) -> Run:
    call = {"type": "tool-call", "toolCallId": "c", "toolName": "search", "input": {}}
    result = {"type": "tool-result", "toolCallId": "c", "toolName": "search"}
    messages = [
        {"role": "assistant", "content": [call]},
        {"role": "tool", "content": [{**result, "output": {"type": "json", "value": rows}}]},
    ]
    return Run.from_dict({"runId": run_id, "status": "completed", "text": text, "messages": messages})


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Whatever a test opens, closing the transcript closes all of it."""
    before = set(open_widgets())
    yield
    assert set(open_widgets()) == before


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[TranscriptWidget]:
    """A transcript in a live notebook."""
    monkeypatch.setattr(transcript_widget, "front_end_of", lambda shell: FrontEnd.LIVE)
    widget = TranscriptWidget(run_of())
    yield widget
    widget.close()


def of_kind(widget: Any, kind: type) -> list[Any]:
    children = [found for child in getattr(widget, "children", ()) for found in of_kind(child, kind)]
    return [*([widget] if isinstance(widget, kind) else []), *children]


def button(widget: TranscriptWidget) -> Any:
    (found,) = (one for one in of_kind(widget, ipywidgets.ToggleButton) if one.description == TITLE)
    return found


def choose(widget: TranscriptWidget, description: str, wanted: str) -> None:
    """Choose the option that begins so, as a person does in a list."""
    (chooser,) = (one for one in of_kind(widget, ipywidgets.Dropdown) if one.description == description)
    labels = [option[0] for option in chooser.options]
    chooser.index = next(at for at, label in enumerate(labels) if label.startswith(wanted))


def link(widget: TranscriptWidget) -> tuple[str, str, str]:
    """Name, type and content of the file that the one link holds."""
    values = "".join(html.value for html in of_kind(widget, ipywidgets.HTML))
    pattern = r'<a href="data:([\w/]+);charset=utf-8;base64,([\w+/=]+)" download="([^"]+)"'
    ((kind, content, name),) = re.findall(pattern, values)
    return name, kind, base64.b64decode(content).decode("utf-8-sig")


def to_copy(widget: TranscriptWidget) -> str | None:
    (field,) = of_kind(widget, ipywidgets.Textarea)
    return None if field.layout.display == "none" else str(field.value)


def test_a_closed_panel_costs_nothing(shown: TranscriptWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is opened no table is looked for, nothing is encoded, and there is one button."""
    monkeypatch.setattr(Run, "tables", property(lambda run: pytest.fail("nobody asked")))
    shown.show_run(run_of())
    assert len(shown.children) == 2
    assert "data:" not in "".join(html.value for html in of_kind(shown, ipywidgets.HTML))
    assert button(shown).layout.display == ""


def test_answer_table_and_page_are_links(shown: TranscriptWidget) -> None:
    """Each is what the exports give: `to_markdown("answer")`, `to_csv`, `to_html`."""
    run = run_of()
    button(shown).value = True
    assert link(shown) == ("run_a-answer.md", "text/markdown", run.to_markdown("answer"))
    assert to_copy(shown) == "Two **founders**."
    choose(shown, "Save", "table search")
    name, kind, content = link(shown)
    assert (name, kind) == ("run_a-search.csv", "text/csv")
    assert content.splitlines() == ['"name","fit"', '"Bo","9"', '"\'=1+1","10"', '"Ada",""']
    choose(shown, "Save", "the whole page")
    assert link(shown) == ("run_a.html", "text/html", run.to_html())
    assert to_copy(shown) is None


def test_a_table_is_sorted_by_a_list(shown: TranscriptWidget) -> None:
    """What is shown, saved and copied has the chosen order; another table begins as it was sent."""
    button(shown).value = True
    choose(shown, "Save", "table search")
    choose(shown, "Sort by", "fit")
    choose(shown, "Order", "largest")
    wanted = ["=1+1", "Bo", "Ada"]
    (table,) = (html.value for html in of_kind(shown, ipywidgets.HTML) if "result of search" in html.value)
    assert re.findall("|".join(map(re.escape, wanted)), table) == wanted
    assert [line.split('"')[1].strip("'") for line in link(shown)[2].splitlines()[1:]] == wanted
    assert str(to_copy(shown)).splitlines() == ["name\tfit", "'=1+1\t10", "Bo\t9", "Ada\t"]
    choose(shown, "Save", "the answer")
    choose(shown, "Save", "table search")
    assert str(to_copy(shown)).splitlines()[1] == "Bo\t9"


def test_it_closes_again(shown: TranscriptWidget) -> None:
    """The button closes what it opened; another run closes what belonged to the one before."""
    before = len(open_widgets())
    for _ in range(2):
        button(shown).value = True
        assert len(open_widgets()) > before
        button(shown).value = False
        assert (len(open_widgets()), len(shown.children)) == (before, 2)
    button(shown).value = True
    shown.show_run(run_of("Another."))
    assert (len(open_widgets()), button(shown).value) == (before, False)
    button(shown).value = True  # and closing the transcript closes all: `nothing_left`
    assert to_copy(shown) == "Another."


@pytest.mark.parametrize("front_end", [one for one in FrontEnd if one is not FrontEnd.LIVE])
def test_nothing_is_offered_that_the_front_end_cannot(
    front_end: FrontEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a link is not known to save a file, the button is hidden."""
    monkeypatch.setattr(transcript_widget, "front_end_of", lambda shell: front_end)
    widget = TranscriptWidget(run_of())
    assert button(widget).layout.display == "none"
    widget.close()


def test_what_is_too_large_says_how_to_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large page is not even rendered; a large text has no field to copy from."""
    monkeypatch.setattr(Run, "to_html", lambda run: pytest.fail("rendered"))
    link = page_download(run_of("x" * LINK_LIMIT)).link()
    assert "href" not in link
    assert "run.save(&quot;run_a.html&quot;)" in link
    panel = files_panel.FilesPanel(run_of("word " * (COPY_LIMIT // 5 + 1)))
    assert to_copy(panel) is None
    assert any("too much to copy" in html.value for html in of_kind(panel, ipywidgets.HTML))
    panel.close()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("run_abc", "search_leads 2"), "run_abc-search_leads-2.md"),
        (("run_../../etc/passwd",), "run_-etc-passwd.md"),
        (('run_"><img src=x onerror=alert(1)>',), "run_-img-src-x-onerror-alert-1.md"),
        (("CON", "\u202egpj.exe"), "run-CON-u202egpj-exe.md"),
        (("--help", ".."), "run-help.md"),
        (("", "\n"), "run-n.md"),
        (("run_a", "Städte 北京"), "run_a-Städte-北京.md"),
        (("run_a", "北" * 400), f"run_a-{'北' * 64}.md"),
    ],
)
def test_a_file_name_is_only_a_name(words: tuple[str, ...], name: str) -> None:
    """No part of it is a path, an option, a device, hidden, or an attribute of the link."""
    assert file_name(*words, ending="md") == name


def test_what_others_wrote_is_text_everywhere() -> None:
    """Neither the names of a table and of its columns nor the answer become html of the panel."""
    evil = '"><img src=x onerror=alert(1)>'
    panel = files_panel.FilesPanel(run_of(evil, run_id=f"run_{evil}", rows=[{evil: evil}]))
    for at in range(3):
        of_kind(panel, ipywidgets.Dropdown)[0].index = at
        values = "".join(html.value for html in of_kind(panel, ipywidgets.HTML))
        assert "<img" not in values
    panel.close()


def test_a_key_is_in_none_of_it() -> None:
    """What an agent quotes of a key is removed from links, names, lists and fields as from every export."""
    key = "pk_live_0123456789abcdef"
    panel = files_panel.FilesPanel(run_of(f"Key {key}.", rows=[{key: f"it is {key}", "n": 1}]))
    for at in range(3):
        of_kind(panel, ipywidgets.Dropdown)[0].index = at
        labels = [option[0] for list_ in of_kind(panel, ipywidgets.Dropdown) for option in list_.options]
        values = [html.value for html in of_kind(panel, ipywidgets.HTML)]
        assert key not in "".join([*labels, *values, *link(panel), to_copy(panel) or ""])
    panel.close()


def test_done_closes_an_open_panel(shown: TranscriptWidget) -> None:
    """What `explore()` leaves as plain html is the same when the panel was open; the run is let go."""
    run = run_of()
    gone = weakref.ref(run)
    others = set(open_widgets()) - {shown, shown.body}
    others -= {*of_kind(shown, ipywidgets.Widget)}
    shown.show_run(run)
    button(shown).value = True
    shown.leave_html(lambda: "<p>left</p>")
    shown.close_rest()
    del run
    gc.collect()
    assert gone() is None
    left = set(open_widgets()) - others
    assert left == {shown, shown.body}
    close_left()
