"""The badge: honest about the in-betweens, small, and the same words in html and text."""

from __future__ import annotations

import pytest
from harness.html_check import foreign_parts, text_of
from harness.payloads import SAMPLE

from puffle_jupyter.api.run import Run, RunStatus
from puffle_jupyter.view import html, text
from puffle_jupyter.view.style import Tone
from puffle_jupyter.watching.snapshot import Trouble, WatchPhase, WatchSnapshot

NOW = 64.0


def snapshot(
    phase: WatchPhase = WatchPhase.WATCHING,
    status: str = "running",
    *,
    trouble: Trouble | None = None,
    error: str | None = None,
    ended_at: float | None = None,
    run_id: str = "run_abc",
    run: Run | None = None,
) -> WatchSnapshot:
    return WatchSnapshot(run_id, phase, RunStatus.read(status), status, run, 3, 0.0, ended_at, trouble, error)


def rate_limited() -> WatchSnapshot:
    return snapshot(WatchPhase.RATE_LIMITED, trouble=Trouble("429", 60.0, 75.2))


def unreachable(reason: str = "connection refused") -> WatchSnapshot:
    return snapshot(WatchPhase.UNREACHABLE, trouble=Trouble(reason, 50.0, 66.0))


CASES = [
    (snapshot(), "◐ running · run_abc · 1 min 04 s · 3 polls"),
    (snapshot(status="queued"), "○ queued · run_abc · 1 min 04 s · 3 polls"),
    (snapshot(WatchPhase.ENDED, "completed", ended_at=12.9), "✓ completed · run_abc · 12 s · 3 polls"),
    (snapshot(WatchPhase.ENDED, "failed", ended_at=1.0), "✗ failed · run_abc · 1 s · 3 polls"),
    (snapshot(WatchPhase.ENDED, "cancelled", ended_at=1.0), "⊘ cancelled · run_abc · 1 s · 3 polls"),
    (snapshot(status="DEQUEUED"), "? DEQUEUED · run_abc · 1 min 04 s · 3 polls"),
    (snapshot(WatchPhase.STARTING, ""), "○ connecting · run_abc · 1 min 04 s · 3 polls"),
    (rate_limited(), "◐ running · run_abc · 1 min 04 s · 3 polls · rate limited, next try in 12 s"),
    (
        unreachable(),
        "◐ running · run_abc · 1 min 04 s · 3 polls · "
        "unreachable since 14 s, still trying (connection refused); next try in 2 s",
    ),
    (
        snapshot(WatchPhase.STOPPED, ended_at=9.0),
        "◐ last seen running · run_abc · 9 s · 3 polls · stopped watching; the run goes on",
    ),
    (
        snapshot(WatchPhase.REFUSED, "", error="Puffle refused the key", ended_at=1.0),
        "✗ refused · run_abc · 1 s · 3 polls · Puffle refused the key",
    ),
]


@pytest.mark.parametrize(("shown", "line"), CASES)
def test_badge_words(shown: WatchSnapshot, line: str) -> None:
    """Every state has a symbol and a word, and says what is in the way and what happens next."""
    assert text.badge_line(shown, NOW) == line


@pytest.mark.parametrize(("shown", "line"), CASES)
def test_html_says_the_same(shown: WatchSnapshot, line: str) -> None:
    """The html badge reads like the text one."""
    assert text_of(html.badge(shown, NOW)).replace(" · ", " ") == line.replace(" · ", " ")


def test_not_found_yet() -> None:
    """A 404 within the grace is told as "not found yet", not as the end."""
    line = text.badge_line(snapshot(WatchPhase.NOT_FOUND, "", trouble=Trouble("404", 60.0, 66.0)), NOW)
    assert "not found yet…" in line
    assert "next try in 2 s" in line


def test_a_due_try_is_now() -> None:
    """A next try that is due is no negative time."""
    assert "trying again now" in text.badge_line(rate_limited(), 80.0)


@pytest.mark.parametrize(("shown", "_line"), CASES)
def test_an_update_is_small(shown: WatchSnapshot, _line: str) -> None:
    """What a widget is sent of the pill, and of the clock, each leaves room for a message under 1 kB."""
    assert len(html.live_status(shown).encode()) < 700
    assert len(html.live_clock(shown, NOW).encode()) < 400


def test_a_change_is_announced_politely_and_a_tick_is_not() -> None:
    """The pill is a status to screen readers, with the trouble in words; the clock is none."""
    told = html.live_status(snapshot(WatchPhase.RATE_LIMITED))
    assert told.startswith('<div role="status"')
    assert "rate limited" in told
    assert "role" not in html.live_clock(snapshot(), NOW)


def test_widgets_bring_their_ground_to_vs_code() -> None:
    """VS Code's white below widgets is covered by the theme's own ground, which only VS Code names."""
    for shown in (html.live_status(snapshot()), html.live_clock(snapshot(), NOW)):
        assert "background:var(--vscode-editor-background,transparent)" in shown
        assert "color:var(--vscode-editor-foreground,inherit)" in shown


def test_a_tick_changes_the_clock_only() -> None:
    """When only time passed, the pill is the same string and need not be sent."""
    assert html.badge_status(snapshot()) == html.badge_status(snapshot(WatchPhase.RATE_LIMITED))
    assert html.badge_clock(snapshot(), 1.0) != html.badge_clock(snapshot(), 2.0)


@pytest.mark.parametrize("payload", SAMPLE)
def test_hostile_strings_in_a_badge(payload: str) -> None:
    """Run id, status, reason and error cannot bring markup or controls into a badge."""
    shown = (
        snapshot(status=payload, run_id=payload),
        unreachable(payload),
        snapshot(WatchPhase.REFUSED, payload, error=payload),
        snapshot(WatchPhase.STOPPED, payload, error=payload),
    )
    for one in shown:
        assert foreign_parts(html.badge(one, NOW)) == []
        assert text.badge_line(one, NOW).isprintable()


@pytest.mark.parametrize("secret", [" pk_live_s3cret", " Bearer s3cret1"])
def test_no_key_in_a_badge(secret: str) -> None:
    """A key in an error is cut out before the line is cut to length, so no beginning of it stays."""
    for length in range(130, 162):
        error = "x" * length + secret
        for shown in (unreachable(error), snapshot(WatchPhase.REFUSED, error=error)):
            line = html.badge(shown, NOW) + text.badge_line(shown, NOW)
            assert "_s" not in line
            assert "Bearer s" not in line


@pytest.mark.parametrize("tone", list(Tone))
def test_pill_contrast(tone: Tone) -> None:
    """White on every pill reaches 4.5:1 (WCAG 2.2, 1.4.3)."""
    channels = (int(tone.value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5
