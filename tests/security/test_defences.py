"""Each defence of the view alone: with it a hostile text does nothing, without it the text gets through."""

from __future__ import annotations

import html as standard_html
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from puffle_jupyter import untrusted
from puffle_jupyter.render.html import escape, markdown
from puffle_jupyter.render.html import run as html
from puffle_jupyter.render.html.page import POLICY
from puffle_jupyter.run import Run

Undefended = pytest.MonkeyPatch
KEY = "pk_live_0123456789abcdef"
TURNED = "invoice\u202efdp.exe"
ESCAPE = "\x1b]0;x\x07"


def shown(part: dict[str, Any] | None = None, **answer: Any) -> str:
    """A completed run with this answer, and with one message of one part, as a notebook shows it."""
    messages = [{"role": "assistant", "content": [part]}] if part else []
    run = Run.from_dict({"runId": "run_a", "status": "completed", "messages": messages, **answer})
    return html.run_fragment(run)


def unescaped_markdown() -> Callable[[str], str]:
    """comrak as it comes: raw HTML is let through."""
    import comrak

    options = comrak.RenderOptions()
    options.unsafe_ = True
    return lambda text: str(comrak.render_markdown(text, render_options=options))


def test_raw_html_is_escaped(monkeypatch: Undefended) -> None:
    """Raw HTML is words: without comrak's escaping an agent lays out a table of its own, and tags vanish."""
    text = "Dear <founder>, <table><tr><td>paid</td></tr></table>"
    assert "Dear &lt;founder&gt;" in markdown.to_html(text)
    assert "<table" not in markdown.to_html(text)
    monkeypatch.setattr(markdown, "_renderer", unescaped_markdown)
    assert "founder" not in markdown.to_html(text)
    assert "<table" in markdown.to_html(text)


def test_allow_list_holds_when_nothing_is_escaped(monkeypatch: Undefended) -> None:
    """nh3's allow-list is enough against scripts and handlers, and without it both get through."""
    text = "<script>alert(1)</script>\n\n<b onclick='alert(1)' style='position:fixed' data-x='1'>x</b>"
    monkeypatch.setattr(markdown, "_renderer", unescaped_markdown)
    assert not any(bad in markdown.to_html(text) for bad in ("<script", "onclick", "position", "data-x"))
    monkeypatch.setattr(markdown, "_cleaner", lambda: lambda untrusted: untrusted)
    assert all(bad in markdown.to_html(text) for bad in ("<script", "onclick", "position", "data-x"))


def test_allow_list_alone_stops_classes_and_titles(monkeypatch: Undefended) -> None:
    """The class of a fence and the title of a link are agent text in attributes: only nh3 drops them."""
    text = '```jp-Button\ncode\n```\n\n[a](https://example.com "deceiving")'
    assert not any(bad in markdown.to_html(text) for bad in ("jp-Button", "deceiving"))
    assert "noopener" in markdown.to_html(text)
    monkeypatch.setattr(markdown, "_cleaner", lambda: lambda untrusted: untrusted)
    assert all(bad in markdown.to_html(text) for bad in ('class="language-jp-Button"', 'title="deceiving"'))
    assert "noopener" not in markdown.to_html(text)


@pytest.mark.parametrize("address", ["http:api/kernels", "https:/api/shutdown"])
def test_addresses_are_checked_in_markdown(monkeypatch: Undefended, address: str) -> None:
    """A relative address in web clothes leads to the notebook's own server; nh3 does not see through it."""
    text = f"[x](<{address}>)"
    assert "href" not in markdown.to_html(text)
    monkeypatch.setattr(markdown, "is_allowed_address", lambda address: True)
    assert 'href="http' in markdown.to_html(text)


@pytest.mark.parametrize("address", ["javascript://x/%0aalert(1)", "//evil.example/x", "http:api/kernels"])
def test_addresses_are_checked_in_sources(monkeypatch: Undefended, address: str) -> None:
    """A source's address is never Markdown, so nothing but the address rule stands before a click."""
    source = {"type": "source", "sourceType": "url", "url": address, "title": "x"}
    assert "href" not in shown(source)
    monkeypatch.setattr(markdown, "is_allowed_address", lambda address: True)
    assert f'href="{address}"' in shown(source)


def test_links_say_where_they_lead(monkeypatch: Undefended) -> None:
    """A link whose text claims another host names the real one; without that the reader is led astray."""
    text = "[https://bank.example](https://evil.example/login)"
    assert "[leads to evil.example]" in markdown.to_html(text)
    monkeypatch.setattr(markdown, "misled_to", lambda address, content: "")
    assert "leads to" not in markdown.to_html(text)


def test_images_become_text(monkeypatch: Undefended) -> None:
    """An image's address is shown as text; without that rule nh3 drops it, and nobody sees it was there."""
    text = "![chart](https://tracker.example.com/p.png?leads=12)"
    assert "[image: chart] https://tracker.example.com/p.png?leads=12" in markdown.to_html(text)
    monkeypatch.setattr(markdown, "_image_as_text", lambda match: match[0])
    assert "tracker" not in markdown.to_html(text)


def test_images_become_text_before_they_are_dropped(monkeypatch: Undefended) -> None:
    """The image rule is enough to keep an image from being fetched when there is no allow-list."""
    text = "![chart](https://tracker.example.com/p.png)"
    monkeypatch.setattr(markdown, "_cleaner", lambda: lambda untrusted: untrusted)
    assert "<img" not in markdown.to_html(text)
    monkeypatch.setattr(markdown, "_image_as_text", lambda match: match[0])
    assert "<img" in markdown.to_html(text)


@pytest.mark.parametrize("hostile", [TURNED, ESCAPE, "\U000e0041"], ids=["bidi", "terminal", "tag"])
def test_deceiving_characters_are_visible(monkeypatch: Undefended, hostile: str) -> None:
    """Control, bidirectional and tag characters are escapes in Markdown, in names and in results."""

    def everywhere() -> tuple[str, ...]:
        call = {"toolName": hostile, "args": {hostile: hostile}, "result": hostile}
        return markdown.to_html(hostile), shown(toolCalls=[call]), shown({"type": hostile})

    raw = next(char for char in hostile if not char.isprintable())
    assert not any(raw in text for text in everywhere())
    monkeypatch.setattr(markdown, "escape_invisible", lambda text: text)
    monkeypatch.setattr(escape, "escape_invisible", lambda text: text)
    monkeypatch.setattr(untrusted, "one_line", lambda text: text)
    assert all(raw in text for text in everywhere())


@pytest.mark.parametrize(
    "answer",
    [
        {"toolCalls": [{"toolName": "<img src=x onerror=alert(1)>"}]},
        {"toolCalls": [{"toolName": "f", "args": {"<img src=x onerror=alert(1)>": 1}}]},
        {"toolCalls": [{"toolName": "f", "result": [{"a": "<img src=x onerror=alert(1)>"}]}]},
        {"toolCalls": [{"toolName": "f", "error": "<img src=x onerror=alert(1)>"}]},
        {"messages": [{"role": "<img src=x onerror=alert(1)>", "content": "x"}]},
        {"runId": "<img src=x onerror=alert(1)>"},
        {"status": "<img src=x onerror=alert(1)>"},
        {"status": "failed", "error": "<img src=x onerror=alert(1)>"},
    ],
    ids=["tool name", "argument key", "cell", "tool error", "role", "run id", "status", "error"],
)
def test_labels_are_escaped(monkeypatch: Undefended, answer: dict[str, Any]) -> None:
    """Escaping is all that stands between a name, an id, a status or an error and the page."""
    assert "<img" not in shown(**answer)
    monkeypatch.setattr(standard_html, "escape", lambda text, quote=True: text)
    assert "<img" in shown(**answer)


@pytest.mark.parametrize("secret", [KEY, "Bearer abcdef0123456789"])
def test_keys_are_redacted(monkeypatch: Undefended, secret: str) -> None:
    """Redaction is all that keeps a quoted key out of a saved notebook: text, call, result, raw view."""
    answer: dict[str, Any] = {
        "text": f"I used {secret}.",
        "toolCalls": [{"toolName": "f", "args": {"a": secret}}],
    }
    hidden = secret.removeprefix("Bearer ")
    assert hidden not in shown(**answer)
    monkeypatch.setattr(markdown, "redact", lambda text: text)
    assert shown(**answer).count(hidden) == 1
    monkeypatch.setattr(escape, "redact", lambda text: text)
    assert shown(**answer).count(hidden) >= 4


@pytest.mark.browser
def test_a_page_forbids_what_it_does_not_need(browser: Browser, monkeypatch: Undefended) -> None:
    """A page's policy is enough to stop scripts and requests when nothing at all is escaped."""

    def harm(page_html: str) -> tuple[bool, list[str]]:
        context = browser.new_context()
        requests: list[str] = []

        def answer(route: Route) -> None:
            requests.append(route.request.url)
            route.abort()

        context.route("**/*", answer)
        page = context.new_page()
        page.set_content(page_html, wait_until="domcontentloaded")
        page.wait_for_timeout(100)
        ran = bool(page.evaluate("window.ran === true"))
        context.close()
        return ran, requests

    text = "<script>window.ran = true</script><img src='https://tracker.example.com/p.png'>"
    monkeypatch.setattr(standard_html, "escape", lambda text, quote=True: text)
    page = html.run_page(Run.from_dict({"runId": "run_a", "status": "failed", "error": text}))
    assert "<script>" in page
    assert harm(page) == (False, [])
    ran, requests = harm(page.replace(POLICY, ""))
    assert ran
    assert set(requests) == {"https://tracker.example.com/p.png"}
