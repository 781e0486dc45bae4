"""What safe HTML of what an agent wrote costs, beside doing less: not sanitising, not laying out."""

from __future__ import annotations

import functools
import html
import json
import time
from collections.abc import Callable
from unittest.mock import patch

import cmarkgfm
import comrak

from puffle_jupyter.background.responsive import responsive_rendering
from puffle_jupyter.json_value import JsonValue
from puffle_jupyter.render.html import markdown
from puffle_jupyter.render.html.escape import escaped
from puffle_jupyter.render.html.run import run_page
from puffle_jupyter.run import Run
from puffle_jupyter.transcript.readable import readable

from . import agent_messages
from .figure import Figure
from .side_by_side import Way, ratios

KINDS = {
    "ordinary": agent_messages.ordinary,
    "nothing but tables": agent_messages.table_heavy,
    "nothing but links": agent_messages.link_heavy,
    "half code": agent_messages.code_heavy,
}


def measure(quick: bool) -> list[Figure]:
    times = 3 if quick else 11
    return [
        *markdown_figures(times),
        *linear_figures(times),
        *highlighting_figures(times),
        json_figure(times),
        decoding_figure(times),
    ]


def markdown_figures(times: int) -> list[Figure]:
    """1,000 messages, about a megabyte, against the faster of comrak and cmarkgfm, which do not sanitise."""
    ways = [markdown.to_html, unsanitised(), cmarkgfm.github_flavored_markdown_to_html]
    return [
        Figure(
            f"1,000 messages, {kind}, to safe HTML / unsanitised, the fastest renderer",
            ratios(ways, written(1000), times),
            4.5 if kind == "ordinary" else 6,
        )
        for kind, written in KINDS.items()
    ]


def unsanitised() -> Way:
    """comrak as fast as it is, with the extensions that agents' Markdown needs."""
    extensions = comrak.ExtensionOptions()
    extensions.table = extensions.strikethrough = extensions.autolink = extensions.tasklist = True
    return functools.partial(comrak.render_markdown, extension_options=extensions)


def linear_figures(times: int) -> list[Figure]:
    """10,000 messages against 1,000 of them, for each message: alone, and as a whole page."""
    many = agent_messages.ordinary(10_000)
    few = many[:1000]
    all_of = functools.partial(map, markdown.to_html)
    return [
        Figure(
            "a message of 10,000 to safe HTML / of 1,000",
            [_cpu(lambda: list(all_of(many))) / 10 / _cpu(lambda: list(all_of(few))) for _ in range(times)],
            1.3,
        ),
        Figure(
            "a message of a page of 10,000 / of 1,000",
            [_page_seconds(many) / 10 / _page_seconds(few) for _ in range(times)],
            1.3,
        ),
    ]


def highlighting_figures(times: int) -> list[Figure]:
    """With code in colour against without: in every message, and in a view, which colours what it unfolds."""
    coloured = functools.partial(markdown.to_html, highlighted=True)
    figures = [
        Figure(
            "1,000 messages, ordinary, all code in colour / without",
            ratios([coloured, markdown.to_html], KINDS["ordinary"](1000), times),
            2,
        )
    ]
    for kind in ("ordinary", "half code"):
        texts = KINDS[kind](1000)
        found = [_page_seconds(texts) / _page_seconds_without_colour(texts) for _ in range(times)]
        figures.append(Figure(f"a page of 1,000 messages, {kind}, code in colour / without", found, 2))
    return figures


def json_figure(times: int) -> Figure:
    """The arguments and results of tool calls, laid out and escaped, against escaped as they came."""
    calls = [json.dumps(tool_result(number)) for number in range(500)]

    def laid_out(call: str) -> str:
        return escaped(readable(JsonValue(call.encode())))

    return Figure(
        "JSON of 500 tool calls laid out and escaped / escaped",
        ratios([laid_out, html.escape], calls, times),
        3,
    )


def decoding_figure(times: int) -> Figure:
    """A completed run of some megabytes as the client reads it, against json.loads of the same bytes."""
    body = completed_run(2000)
    Run.from_json(body)
    return Figure(
        f"a run of {len(body) / 1e6:.1f} MB decoded / json.loads",
        [_cpu(lambda: Run.from_json(body)) / _cpu(lambda: json.loads(body)) for _ in range(times)],
        0.25,
    )


def tool_result(number: int) -> dict[str, object]:
    """A result of a kilobyte or two: leads found."""
    lead = {"name": f"Lead {number}", "title": "VP Sales & Growth", "score": 81.50, "tags": ["a", "<b>"]}
    return {"query": f"founders {number}", "total": 10**18 + number, "leads": [lead] * 12, "next": None}


def completed_run(messages: int) -> bytes:
    """A completed run of so many messages, each followed by a tool call and its result."""
    told: list[dict[str, object]] = []
    for number, text in enumerate(agent_messages.ordinary(messages)):
        call = {"type": "tool-call", "toolCallId": f"c{number}", "toolName": "search_leads"}
        result = {**call, "type": "tool-result", "output": {"type": "json", "value": tool_result(number)}}
        said = [{"type": "text", "text": text}, {**call, "input": {"query": f"founders {number}"}}]
        told += [{"role": "assistant", "content": said}, {"role": "tool", "content": [result]}]
    run = {"runId": "run_large", "status": "completed", "text": "Done.", "messages": told, "toolCalls": []}
    return json.dumps(run).encode()


def _page_seconds(texts: list[str]) -> float:
    told = [{"role": "assistant", "content": text} for text in texts]
    run = Run.from_dict({"runId": "run_a", "status": "completed", "text": "Done.", "messages": told})
    with responsive_rendering():  # as the view thread does
        return _cpu(lambda: run_page(run))


def _page_seconds_without_colour(texts: list[str]) -> float:
    with patch.object(markdown, "languages_of", lambda written: []):
        return _page_seconds(texts)


def _cpu(function: Callable[[], object]) -> float:
    started = time.thread_time()
    function()
    return time.thread_time() - started
