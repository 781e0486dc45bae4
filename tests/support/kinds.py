"""One output of each kind that we make: every element, every label, every kind of part, every phase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from puffle_jupyter.display.badge import live_clock, live_status
from puffle_jupyter.display.snapshot import snapshot_fragment
from puffle_jupyter.render.arrangement import Search
from puffle_jupyter.render.html import markdown, style
from puffle_jupyter.render.html import run as html
from puffle_jupyter.render.html.found import found_html
from puffle_jupyter.render.html.tool_call import tool_call
from puffle_jupyter.render.limits import NOTEBOOK
from puffle_jupyter.render.words import label_of_status
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.transcript.model import ToolCall, ToolCallState
from puffle_jupyter.watching.snapshot import RetryState, WatchPhase, WatchSnapshot

MARKDOWN = """# First heading

Text with **bold**, *emphasis*, ~~struck~~, `inline code`, [a link](https://example.com) and <b>HTML</b>.

## Second heading

```python
def leads(city: str = "Berlin") -> list[dict[str, int]]:  # a comment
    return [{"fit": 94, "team": 0x22}] if city else sorted(range(3))
```

```
plain code: no language, (brackets) and "names"
```

```json
{"name": "Ada", "scores": [1, 2.5, null], "nested": {"is": true}}
```

```diff
@@ -1 +1 @@
-old
+new
```

```html
<a href="https://example.com" class="x">text</a>
```

    indented code

> A quotation with `code` and a [link](https://example.com).

1. one with `code`
2. two

- [x] done
- [ ] open

| Name | Code | Fit |
|:--|:-:|--:|
| Ada | `a = 1` | **94** |
| [Bob](https://example.com) | *x* | 7 |

### Third heading

---

[https://example.com](https://elsewhere.example) ![an image](https://example.com/x.png)
"""
PARTS: list[dict[str, Any]] = [
    {"type": "reasoning", "text": MARKDOWN},
    {"type": "text", "text": MARKDOWN},
    {"type": "file", "filename": "leads.csv", "mediaType": "text/csv", "data": "YQ=="},
    {"type": "source", "sourceType": "url", "url": "https://example.com", "title": "A source"},
    {"type": "no-such-part", "value": 1},
]
LEADS = [{"name": f"Lead {at}", "site": "https://example.com", "fit": at} for at in range(30)]
CALLS = [
    {"toolCallId": "call_1", "toolName": "search_leads", "args": {"city": "Berlin"}, "result": LEADS},
    {"toolCallId": "call_2", "toolName": "enrich", "args": {"id": 1}, "result": {"deep": {"er": [1, "x"]}}},
]
RUN = Run.from_dict(
    {
        "runId": "run_all",
        "status": "completed",
        "text": MARKDOWN,
        "messages": [
            {"role": "system", "content": "Be brief. `code`"},
            {"role": "user", "content": "Find `fintech` founders.\n\n```sql\nselect 1 -- all\n```"},
            {"role": "assistant", "content": PARTS},
            {"role": "no-role", "content": "x"},
            {"role": "assistant", "content": ""},
        ],
        "toolCalls": CALLS,
    }
)
FAILED = Run.from_dict(
    {"runId": "run_bad", "status": "failed", "error": "model overloaded (529)", "toolCalls": CALLS}
)
CANCELLED = Run.from_dict({"runId": "run_off", "status": "cancelled"})
_WATCHED = WatchSnapshot("run_abc", status=RunStatus.RUNNING, status_text="running", polls=3)
_FAILURE = RetryState("connection refused", 0.0, 9.0)


def kinds() -> dict[str, str]:
    """The html of each kind of output by its name."""
    found = {f"run, {run.status.value}": html.run_fragment(run) for run in (RUN, FAILED, CANCELLED)}
    for phase in WatchPhase:
        watched = replace(_WATCHED, phase=phase, failure=_FAILURE, error="the key is not an admin's")
        found[f"watch, {phase.value}"] = snapshot_fragment(watched, "01:37:06")
        found[f"live, {phase.value}"] = live_status(watched) + live_clock(watched, 5.0)
    found |= {f"label, {status.value}": _label(status) for status in RunStatus}
    found |= {f"call, {state.value}": _call(state) for state in ToolCallState}
    for word in ("a", "text", "code"):
        found[f"found, {word}"] = style.in_widget(found_html(RUN, Search(word)).html)
    found["not rendered"] = markdown.plain("a <b> text", "it is too long")
    return found


def _label(status: RunStatus) -> str:
    shown = label_of_status(status, status.value)
    return style.status_label(str(shown), shown.severity)


def _call(state: ToolCallState) -> str:
    return tool_call(ToolCall("call_1", "search_leads", state), NOTEBOOK)
