"""Hostile texts, and runs that hold one in every place where a run can hold a text.

The corpora stand in the folder that PUFFLE_CORPORA names; without it there is a short list of our own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from puffle_jupyter.display.badge import badge_clock, badge_status
from puffle_jupyter.display.snapshot import snapshot_fragment
from puffle_jupyter.render.arrangement import BRIEF
from puffle_jupyter.render.html import run as html
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.watching.snapshot import RetryState, WatchPhase, WatchSnapshot

At = Callable[[str], str]
"""Gives the text for the position of that name."""

# One of each kind: elements, attributes, addresses, ends of elements, Markdown, and odd characters.
OWN = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://tracker.example.com/p.png>",
    "<svg onload=alert(1)></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<input autofocus onfocus=alert(1)>",
    "<video src=x onerror=alert(1)></video>",
    "<object data=javascript:alert(1)></object>",
    "<a href=javascript:alert(1)>x</a>",
    "<button data-commandlinker-command='x'>x</button>",
    "<form action=https://tracker.example.com><button>x</button></form>",
    "<base href=https://tracker.example.com/>",
    "<meta http-equiv=refresh content='0;url=https://tracker.example.com/'>",
    "<link rel=stylesheet href=https://tracker.example.com/x.css>",
    "<style>body{background:url(https://tracker.example.com/x)}</style>",
    "<b style='position:fixed;inset:0;background:url(https://tracker.example.com/x)' id=x class=y>x</b>",
    "</pre></td></table></details></div><img src=x onerror=alert(1)>",
    "</title></style></textarea></noscript></template><img src=x onerror=alert(1)>",
    "--><img src=x onerror=alert(1)><!--",
    "]]><img src=x onerror=alert(1)><![CDATA[",
    '" onmouseover="alert(1)" autofocus onfocus="alert(1)" x="',
    "' onmouseover='alert(1)' autofocus onfocus='alert(1)' x='",
    '" style="position:fixed;inset:0" x="',
    "&lt;img src=x onerror=alert(1)&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "<<script>alert(1)//<</script>",
    "<img\x00 src=x\x0b onerror=alert(1)>",
    "javascript:alert(1)",
    "JaVaScRiPt&colon;alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:alert(1)",
    "http:api/kernels",
    "//tracker.example.com/x.png",
    'https://user@tracker.example.com/" onmouseover="alert(1)',
    "https://tracker.example.com/?q=<img src=x onerror=alert(1)>",
    'mailto:a@example.com?body=x" onfocus="alert(1)',
    "[x](javascript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "![x](https://tracker.example.com/p.png)",
    '![x" onerror="alert(1)](x "y\' onerror=alert(1)")',
    "[x]: javascript:alert(1)\n[x]",
    "<javascript:alert(1)>",
    "```html\n<img src=x onerror=alert(1)>",
    "`<img src=x onerror=alert(1)>",
    "| <img src=x onerror=alert(1)> |\n|---|\n| \\|<svg onload=alert(1)> |",
    "- [x] <img src=x onerror=alert(1)>",
    "# <img src=x onerror=alert(1)>",
    "\u202e<img src=x onerror=alert(1)>\u2066",
    "\ufeff<script\u2028>alert(1)</script\u2029>",
    "\ud800<img src=x onerror=alert(1)>\udfff",
    "＜img src=x onerror=alert(1)＞",
    "",
)


def corpora() -> list[str]:
    """Every hostile text of the corpora: 6,613 + 223 + 515 of them; none without PUFFLE_CORPORA."""
    if "PUFFLE_CORPORA" not in os.environ:
        return []
    folder = Path(os.environ["PUFFLE_CORPORA"]) / "xss"
    lines = (folder / "payloadbox.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    found = [line.removesuffix("\r") for line in lines if line.strip()]
    for name in ("dompurify.json", "blns.json"):
        found += json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def completed_run(at: At) -> Run:
    """A completed run with a text of others in every place of every shape the view treats on its own."""
    return Run.from_dict(
        {
            "runId": at("run id"),
            "status": "completed",
            "text": at("final text"),
            "messages": [*_speakers(at), *_markdown(at), *_parts(at), *_calls(at)],
            "toolCalls": [
                {"toolName": at("listed tool name"), "args": {at("listed key"): at("listed value")}},
                at("item of toolCalls"),
            ],
            at("key of the answer"): at("value of the answer"),
        }
    )


def short_run(at: At) -> Run:
    """A completed run with a text of others in the positions that every transcript has."""
    speakers = [{"role": role, "content": at(f"{role} text")} for role in ("user", "assistant", "system")]
    markdown = (
        f"[x]({at('link target')})\n\n```html\n{at('code fence')}\n```\n\n"
        f"| a |\n|---|\n| {at('table cell')} |"
    )
    file = {"type": "file", "mediaType": "text/csv", "filename": at("file name"), "url": at("file url")}
    called = {
        "type": "tool-call",
        "toolCallId": "a",
        "toolName": at("tool name"),
        "input": {at("argument key"): at("argument value")},
    }
    answers: list[Any] = [
        {"type": "text", "value": at("result text")},
        {"type": "json", "value": ["x", at("result in a list")]},
        {"type": "error-text", "value": at("tool error")},
    ]
    results = [
        {"type": "tool-result", "toolCallId": id, "toolName": "f", "output": output}
        for id, output in zip("abc", answers, strict=True)
    ]
    parts = [{"type": "text", "text": markdown}, file, called]
    messages = [*speakers, {"role": "assistant", "content": parts}, {"role": "tool", "content": results}]
    tool = {"role": "tool", "content": at("tool text")}
    return Run.from_dict(
        {"runId": "run_a", "status": "completed", "text": at("final text"), "messages": [*messages, tool]}
    )


def failed_run(at: At) -> Run:
    """A run that failed with a text of others as its error."""
    return Run.from_dict({"runId": at("failed run id"), "status": "failed", "error": at("error")})


def oddly_failed_run(at: At) -> Run:
    """A run that failed with an object as its error."""
    return Run.from_dict({"runId": "run_odd", "status": "failed", "error": {"message": at("error message")}})


def strange_run(at: At) -> Run:
    """A run with a status that nobody documented."""
    return Run.from_dict({"runId": "run_strange", "status": at("status"), "text": at("text of no end")})


def watches(at: At) -> list[WatchSnapshot]:
    """Watches in every phase that shows a text of others."""
    failure = RetryState(at("reason of failure"), 1.0, 9.0)
    return [
        WatchSnapshot(at("watched id"), WatchPhase.WATCHING, RunStatus.UNKNOWN, at("watched status")),
        WatchSnapshot("run_lost", WatchPhase.UNREACHABLE, RunStatus.RUNNING, "running", failure=failure),
        WatchSnapshot("run_refused", WatchPhase.REFUSED, error=at("watch error")),
        WatchSnapshot("run_stopped", WatchPhase.STOPPED, error=at("reason of stopping")),
    ]


@dataclass(frozen=True)
class Places:
    """Runs and watches with a text of others in many positions."""

    runs: tuple[Callable[[At], Run], ...]
    watches: Callable[[At], list[WatchSnapshot]] = lambda at: []

    def fragment(self, at: At) -> str:
        """All of them as a notebook shows them, whole and brief."""
        runs = [run(at) for run in self.runs]
        shown = [*map(html.run_fragment, runs), *(html.arranged_body(run, BRIEF) for run in runs)]
        for watch in self.watches(at):
            shown += [badge_status(watch), badge_clock(watch, 5.0), snapshot_fragment(watch, "01:37:06")]
        return "".join(shown)

    def pages(self, at: At) -> list[str]:
        """The runs as standalone pages."""
        return [html.run_page(run(at)) for run in self.runs]

    @property
    def positions(self) -> tuple[str, ...]:
        """The names of all positions, in the order they are asked for."""
        asked: dict[str, None] = {}

        def at(position: str) -> str:
            assert position not in asked, f"two positions called {position!r}"
            asked[position] = None
            return position

        for build in (*self.runs, self.watches):
            build(at)
        return tuple(asked)


EVERYWHERE = Places((completed_run, failed_run, oddly_failed_run, strange_run), watches)
NAMED = Places((short_run, failed_run))
"""The positions in which a text of others most often stands; small, so that every text can visit them all."""


def rotation(payloads: Sequence[str], turn: int, positions: Sequence[str]) -> At:
    """The texts of one turn: after as many turns as there are payloads, each was in each position once."""
    step = max(1, len(payloads) // len(positions))
    text_at = {name: payloads[(turn + at * step) % len(payloads)] for at, name in enumerate(positions)}
    return text_at.__getitem__


def _speakers(at: At) -> list[Any]:
    roles = ("user", "assistant", "system", "developer", "tool")
    return [
        *({"role": role, "content": at(f"{role} text")} for role in roles),
        {"role": at("role"), "content": "hello", "id": at("message id")},
        {"role": "assistant", "content": [{"type": "text", "text": at("text part")}]},
        {"role": "assistant", "content": [{"type": "reasoning", "text": at("reasoning")}]},
        {"role": "assistant", "content": None, "refusal": at("refusal")},
        {"role": "user", "content": {"odd": at("content of unknown shape")}},
        {at("key of an unknown message"): at("value of an unknown message")},
        at("message that is a text"),
    ]


def _markdown(at: At) -> list[Any]:
    texts = [
        f"[x]({at('link target')})",
        f"[x](<{at('link target in brackets')}>)",
        f'[x](https://example.com "{at("link title")}")',
        f"[{at('link text')}](https://example.com)",
        f"[x]\n\n[x]: {at('link reference')}",
        f"<{at('autolink')}>",
        f"https://example.com/{at('bare address')}",
        f"![x]({at('image target')})",
        f"![{at('image text')}](https://example.com/x.png)",
        f'![x](https://example.com/x.png "{at("image title")}")',
        f"```{at('code fence info')}\ncode\n```",
        f"```html\n{at('code fence')}\n```",
        f"`{at('code span')}`",
        f"    {at('indented code')}",
        f"| {at('table heading')} | b |\n|:-|-:|\n| {at('table cell')} | d |",
        f"# {at('heading')}\n\n- {at('list item')}\n\n> {at('quote')}\n\n- [ ] {at('task')}",
        f"**{at('bold')}** ~~{at('deleted')}~~\n\n<b>{at('between tags')}</b>",
        f'<b title="{at("attribute of raw HTML")}">',
    ]
    return [{"role": "assistant", "content": [{"type": "text", "text": text}]} for text in texts]


def _parts(at: At) -> list[Any]:
    file = {"type": "file", "mediaType": at("media type"), "filename": at("file name"), "url": at("file url")}
    parts = [
        file,
        {"type": "file", "filename": "x", "url": f"https://example.com/{at('path of a file url')}"},
        {"type": "source-url", "url": at("source url"), "title": at("source title")},
        {"type": "source-url", "url": f"https://example.com/{at('path of a source url')}", "title": "x"},
        {"type": at("part type"), at("part key"): at("part value")},
        {"type": f"data-{at('data part')}", "data": at("data")},
        {"type": "step-start"},
    ]
    return [
        {"role": "assistant", "parts": parts},
        {"role": "user", "content": [{"type": "image", "image": at("image")}]},
        {"role": "assistant", "content": [{"type": "custom", "kind": at("custom kind")}]},
        {"role": "user", "content": "x", "experimental_attachments": [{"url": at("attachment url")}]},
    ]


def _calls(at: At) -> list[Any]:
    result = {"type": "tool-result", "toolCallId": "list", "toolName": "search"}
    rows = [{at("row key"): at("row cell"), "n": 1}, {"n": 2, "other": at("second row cell")}]
    ui = {"type": "tool-search", "toolCallId": "ui", "input": {}}
    called = [
        *(
            {"type": "tool-call", "toolCallId": id, "toolName": "search", "input": {}}
            for id in ("text", "list", "rows", "object", "denied", "error", "json")
        ),
        {
            "type": "tool-call",
            "toolCallId": at("call id"),
            "toolName": at("tool name"),
            "title": at("tool title"),
            "input": {at("argument key"): at("argument value"), "deep": {at("deep key"): [at("deep value")]}},
        },
        {"type": "tool-call", "toolCallId": "bare", "toolName": "search", "input": at("argument as a text")},
    ]
    outputs: dict[str, Any] = {
        "text": {"type": "text", "value": at("result text")},
        "list": {"type": "json", "value": ["x", at("result in a list")]},
        "rows": {
            "type": "json",
            "value": {at("name of the rows"): rows, at("key beside"): at("value beside")},
        },
        "object": {"type": "json", "value": {at("result key"): {"deep": at("result value")}}},
        "denied": {"type": "execution-denied", "reason": at("reason of denial")},
        "error": {"type": "error-text", "value": at("tool error")},
        "json": {"type": "text", "value": json.dumps({"text": at("JSON in a text")})},
    }
    orphan = {
        "type": "tool-result",
        "toolCallId": at("orphan id"),
        "toolName": at("orphan name"),
        "result": 1,
    }
    return [
        {"role": "assistant", "content": called},
        {"role": "tool", "content": [{**result, "toolCallId": id, "output": o} for id, o in outputs.items()]},
        {"role": "tool", "content": [orphan]},
        {
            "role": "assistant",
            "parts": [{**ui, "state": "output-error", "errorText": at("error of a UI tool")}],
        },
        {"role": "assistant", "parts": [{**ui, "toolCallId": "odd", "state": at("state of a UI tool")}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "o", "function": {"name": at("OpenAI name"), "arguments": at("OpenAI arguments")}}
            ],
        },
    ]
