"""The key is in one header and nowhere else, though the server echoes it wherever an answer has words."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from puffle_jupyter import ApiKey, AsyncPuffleClient, InvalidApiKey, PuffleClient
from puffle_jupyter.background.loop import poll_loop, result_of
from puffle_jupyter.client.credentials import Account
from tests.support.kernel import Kernel, running_kernel
from tests.support.notebooks import WIDGET_STATE, execute
from tests.support.paths import PACKAGE
from tests.tools.faults.echo_kinds import ECHO_KINDS, ENDS_WITH_ECHO
from tests.tools.faults.exchange import Kind
from tests.tools.faults.leaks import PARTS, XMODES, leaks_in, places
from tests.tools.faults.plans import QUEUED, RUNNING, Plan
from tests.tools.faults.runs import KEY
from tests.tools.faults.server import FaultyPuffle

pytestmark = pytest.mark.usefixtures("background")
ECHOES = {kind.name: kind for kind in (*ECHO_KINDS, *ENDS_WITH_ECHO)}
REFUSED = ECHOES["echo in an error object"]


class Serving:
    """Faulty Puffles on the background loop, for a kernel of another process."""

    def __init__(self) -> None:
        self._open: list[FaultyPuffle] = []

    def __call__(self, run_id: str, *steps: Kind) -> str:
        puffle = FaultyPuffle(Plan(run_id, steps, "completed"), echoes=True)
        result_of(poll_loop.submit(puffle.__aenter__()))
        self._open.append(puffle)
        return puffle.base_url

    def close(self) -> None:
        for puffle in self._open:
            result_of(poll_loop.submit(puffle.__aexit__()))


@pytest.fixture
def serving(background: None) -> Iterator[Serving]:
    serving = Serving()
    yield serving
    serving.close()


def test_no_kind_of_fault_brings_the_key_to_light() -> None:
    """Watches, runs, errors, exports, tracebacks in every %xmode and DEBUG logs, over all kinds with echo."""
    looked_into = dict(places())
    assert len(looked_into) > 1000
    assert "DEBUG logs" in looked_into
    assert {name for name, text in looked_into.items() if leaks_in(text)} == set()


def test_every_part_of_the_key_is_looked_for() -> None:
    """The parts make up the whole key but its public prefix: half a key is a leak too."""
    assert "pk_live_" + "".join(PARTS) == KEY
    assert all(leaks_in(f"…{part}…") == leaks_in(f"…{part}…".encode()) == [part] for part in PARTS)


WHAT_PEOPLE_DO = [
    "import logging; logging.basicConfig(level=logging.DEBUG, force=True)\n%load_ext puffle_jupyter",
    "run = %puffle_wait run_echo -i 0.1",
    "run",
    "run.run, run.run.text, run.run.messages, run.run.tool_calls, run.run.raw, run.run.transcript",
    "from IPython.display import HTML, Markdown\nHTML(run.run.to_html())",
    "print(run.run.to_markdown(), run.run.to_text(), run.run.to_dict())",
    "import pathlib\npathlib.Path('run.html').write_text(run.run.to_html())\n"
    "pathlib.Path('run.md').write_text(run.run.to_markdown())",
    "import puffle_jupyter\nwidget = puffle_jupyter.RunWidget('run_echo')\nwidget",
    "from ipywidgets import HBox, Label\nHBox([Label('drawn as widgets:'), widget])",
    "import pickle\n"
    "for thing in (run.run, run.client, run):\n"
    "    try: print(pickle.dumps(thing))\n"
    "    except Exception as error: print(repr(error))",
    "print(vars(run), vars(run.client), vars(puffle_jupyter.PuffleClient()))",
    "print(In, Out, dir(), globals())",
]


def test_an_executed_notebook_holds_no_key(tmp_path: Path, serving: Serving) -> None:
    """Neither the .ipynb with its widget state nor any file of the kernel's folder."""
    base_url = serving("run_echo", QUEUED, ECHOES["echo as status"], RUNNING, ECHOES["echo in a transcript"])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in WHAT_PEOPLE_DO])
    done = execute(notebook, tmp_path, PUFFLE_API_KEY=KEY, PUFFLE_BASE_URL=base_url)
    text = json.dumps(done)
    assert "HTTP Request: GET" in text
    assert WIDGET_STATE in text
    assert "completed" in text
    assert leaks_in(text) == []
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"run.html", "run.md"} <= files.keys()
    assert {name for name, content in files.items() if leaks_in(content)} == set()


@pytest.mark.kernel
def test_a_kernel_says_no_key(tmp_path: Path, serving: Serving) -> None:
    """After %puffle_login: no message, no In or Out, no traceback in any %xmode, no log, no history."""
    base_url = serving("run_echo", *[REFUSED] * 40)
    with running_kernel(tmp_path, PUFFLE_BASE_URL=base_url) as kernel:
        kernel.run(WHAT_PEOPLE_DO[0])
        _log_in(kernel)
        for mode in XMODES:
            kernel.run(f"%xmode {mode}\nimport puffle_jupyter\nclient = puffle_jupyter.PuffleClient()")
            for code in ("client.get_run('run_echo')", "puffle_jupyter.watch('run_echo').wait()"):
                assert "Unauthorized" in str(kernel.run(code, ok=False).error)
            kernel.run("%puffle_wait run_echo -b", ok=False)
        kernel.run("client.close()\nprint(In, Out, globals())\n%history -g")
        kernel.run("get_ipython().history_manager.writeout_cache()")
        said = repr(kernel.messages)
    assert "HTTP Request: GET" in said
    assert leaks_in(said) == []
    (history,) = tmp_path.rglob("history.sqlite")
    assert b"puffle_login" in history.read_bytes()
    assert leaks_in(history.read_bytes()) == []


def _log_in(kernel: Kernel) -> None:
    cell = kernel.start("%puffle_login")
    assert kernel.client.get_stdin_msg(timeout=10)["content"]["password"] is True
    kernel.client.input(KEY)
    kernel.finish(cell)


UNUSABLE = {
    "newline": f"{KEY}\n",
    "newline within": f"{KEY[:20]}\n{KEY[20:]}",
    "header": f"{KEY}\r\nX-Evil: 1",
    "NUL": f"{KEY[:20]}\0{KEY[20:]}",
    "smart quotes": f"“{KEY}”",
    "space before": f" {KEY}",
    "space within": f"{KEY[:20]} {KEY[20:]}",
    "no-break space": f"{KEY[:20]}\u00a0{KEY[20:]}",
    "bytes": KEY.encode(),
    "endless": KEY * 100,
}


@pytest.mark.parametrize("secret", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_key_is_refused_and_no_part_of_it_said(secret: str) -> None:
    """However it is given; the text, the repr and the frames of the refusal hold none of it."""
    for use in (ApiKey, PuffleClient, AsyncPuffleClient):
        with pytest.raises(InvalidApiKey) as caught:
            use(secret)
        error = caught.value
        inner = [entry for entry in caught.traceback if Path(entry.path).is_relative_to(PACKAGE)]
        assert inner
        assert leaks_in("".join(traceback.format_exception(error))) == []
        assert leaks_in(f"{error!r} {error.args}") == []
        values = [value for entry in inner for value in entry.frame.f_locals.values()]
        assert [value for value in values if isinstance(value, str | bytes) and leaks_in(value)] == []


def test_an_unusable_key_of_the_environment_is_refused_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is checked like an argument, before any request."""
    monkeypatch.setenv("PUFFLE_API_KEY", f"{KEY}\n")
    with pytest.raises(InvalidApiKey) as caught:
        Account.find()
    assert leaks_in("".join(traceback.format_exception(caught.value))) == []
