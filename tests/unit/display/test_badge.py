"""The badge: honest about the in-betweens, small, and the same words in html and text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from puffle_jupyter.display.badge import badge_clock, badge_status, live_clock, live_status, static_badge
from puffle_jupyter.display.snapshot import badge_line, static_line, static_text
from puffle_jupyter.display.watch_words import label_of_watch, waiting_sentence
from puffle_jupyter.render.html.style import Severity
from puffle_jupyter.run import Run
from puffle_jupyter.run_data import RunStatus
from puffle_jupyter.watching.snapshot import RetryState, WatchPhase, WatchSnapshot
from tests.support.html_check import foreign_parts, text_of
from tests.support.payloads import SAMPLE

NOW = 64.0
AS_OF = "01:37:06"


def snapshot(
    phase: WatchPhase = WatchPhase.WATCHING,
    status: str = "running",
    *,
    failure: RetryState | None = None,
    error: str | None = None,
    ended_at: float | None = None,
    run_id: str = "run_abc",
    run: Run | None = None,
) -> WatchSnapshot:
    return WatchSnapshot(run_id, phase, RunStatus.read(status), status, run, 3, 0.0, ended_at, failure, error)


def rate_limited() -> WatchSnapshot:
    return snapshot(WatchPhase.RATE_LIMITED, failure=RetryState("429", 60.0, 75.2))


def unreachable(reason: str = "connection refused") -> WatchSnapshot:
    return snapshot(WatchPhase.UNREACHABLE, failure=RetryState(reason, 50.0, 66.0))


def answered_503(short: str = "Puffle answered 503") -> WatchSnapshot:
    reason = "Puffle answered 503: it cannot serve this request now. Try again later."
    return snapshot(WatchPhase.ERROR_ANSWER, failure=RetryState(reason, 50.0, 66.0, short))


CASES = [
    (snapshot(), "◐ running · run_abc · 1 min 04 s"),
    (snapshot(status="queued"), "○ queued · run_abc · 1 min 04 s"),
    (snapshot(WatchPhase.ENDED, "completed", ended_at=12.9), "✓ completed · run_abc · 12 s"),
    (snapshot(WatchPhase.ENDED, "failed", ended_at=1.0), "✗ failed · run_abc · 1 s"),
    (snapshot(WatchPhase.ENDED, "cancelled", ended_at=1.0), "⊘ cancelled · run_abc · 1 s"),
    (snapshot(status="DEQUEUED"), "? DEQUEUED · run_abc · 1 min 04 s"),
    (snapshot(WatchPhase.STARTING, ""), "○ connecting · run_abc · 1 min 04 s"),
    (
        replace(snapshot(), stretched_to=4.0),
        "◐ running · run_abc · 1 min 04 s · polling every 4 s: many runs",
    ),
    (
        replace(snapshot(), stretched_to=6.0, is_limited=True),
        "◐ running · run_abc · 1 min 04 s · polling every 6 s: rate limited",
    ),
    (rate_limited(), "◐ running · run_abc · 1 min 04 s · rate limited; retrying in 12 s"),
    (
        unreachable(),
        "◐ running · run_abc · 1 min 04 s · "
        "unreachable; retrying in 2 s, failing for 14 s (connection refused)",
    ),
    (
        snapshot(WatchPhase.UNREACHABLE, failure=RetryState("connection refused", 63.5, 66.0)),
        "◐ running · run_abc · 1 min 04 s · unreachable; retrying in 2 s (connection refused)",
    ),
    (
        answered_503(),
        "◐ running · run_abc · 1 min 04 s · Puffle answered 503; retrying in 2 s, failing for 14 s",
    ),
    (
        snapshot(WatchPhase.STOPPED, ended_at=9.0),
        "◐ last seen running · run_abc · 9 s · Stopped watching; the run continues",
    ),
    (
        snapshot(WatchPhase.MISSING, "", error="no run with this id for your key", ended_at=12.0),
        "? not found · run_abc · 12 s · no run with this id for your key",
    ),
    (
        snapshot(WatchPhase.REFUSED, "", error="Puffle refused the key", ended_at=1.0),
        "✗ refused · run_abc · 1 s · Puffle refused the key",
    ),
]


@pytest.mark.parametrize(("shown", "line"), CASES)
def test_badge_words(shown: WatchSnapshot, line: str) -> None:
    """Every state has a symbol and a word, and says what is in the way and what happens next."""
    assert badge_line(shown, NOW) == line


@pytest.mark.parametrize(("shown", "line"), CASES)
def test_html_says_the_same(shown: WatchSnapshot, line: str) -> None:
    """The html badge reads like the text one, live and in an output that nothing updates."""
    live = f"{badge_status(shown)} {badge_clock(shown, NOW)}"
    if not shown.phase.is_final:
        assert text_of(live).replace(" · ", " ") == line.replace(" · ", " ")
    assert text_of(static_badge(shown, AS_OF)).replace(" · ", " ") == static_line(shown, AS_OF).replace(
        " · ", " "
    )


@pytest.mark.parametrize(("shown", "_line"), CASES)
def test_what_nothing_updates_does_not_look_alive(shown: WatchSnapshot, _line: str) -> None:
    """It tells the time at which it was so, no running time and no next try, and what to do."""
    said = static_line(shown, AS_OF)
    assert not re.search(r"\d s\b|\d polls?\b|retrying|failing", said)
    assert (f"as of {AS_OF}" in said) is not shown.phase.is_final
    if not shown.phase.is_final:
        assert "run this cell again" in static_text(shown, AS_OF)


@pytest.mark.parametrize(("shown", "_line"), CASES)
def test_an_end_is_the_same_whenever_it_was_seen(shown: WatchSnapshot, _line: str) -> None:
    """A notebook that is executed again against the same runs does not change by a byte."""
    if shown.phase.is_final:
        later = replace(shown, polls=77, started_at=-500.0)
        assert static_badge(later, "23:59:59") == static_badge(shown, AS_OF)
        assert static_text(later, "23:59:59") == static_text(shown, AS_OF)
        assert live_clock(later, NOW + 99) == live_clock(shown, NOW)


def test_not_found_yet() -> None:
    """A 404 within the grace is told as "not found yet", not as the end."""
    line = badge_line(snapshot(WatchPhase.NOT_FOUND, "", failure=RetryState("404", 60.0, 66.0)), NOW)
    assert "not found yet…" in line
    assert "retrying in 2 s" in line


def test_a_due_try_is_now() -> None:
    """A next try that is due is no negative time."""
    assert "retrying now" in badge_line(rate_limited(), 80.0)


@pytest.mark.parametrize(("shown", "_line"), CASES)
def test_an_update_is_small(shown: WatchSnapshot, _line: str) -> None:
    """What a widget is sent of the label, and of the clock, each leaves room for a message under 1 kB."""
    assert len(live_status(shown).encode()) < 700
    assert len(live_clock(shown, NOW).encode()) < 400


def test_a_change_is_announced_politely_and_a_tick_is_not() -> None:
    """The label is a status to screen readers, with the failure in words; the clock is none."""
    told = live_status(snapshot(WatchPhase.RATE_LIMITED))
    assert told.startswith('<div role="status"')
    assert "rate limited" in told
    assert "role" not in live_clock(snapshot(), NOW)


def test_widgets_bring_their_ground_to_vs_code() -> None:
    """VS Code's white below widgets is covered by the theme's own ground, which only VS Code names."""
    for shown in (live_status(snapshot()), live_clock(snapshot(), NOW)):
        assert "background:var(--vscode-editor-background)" in shown
        assert "color:var(--vscode-editor-foreground)" in shown


def test_a_tick_changes_the_clock_only() -> None:
    """When only time passed, the label is the same string and need not be sent."""
    assert badge_status(snapshot()) == badge_status(snapshot(WatchPhase.RATE_LIMITED))
    assert badge_clock(snapshot(), 1.0) != badge_clock(snapshot(), 2.0)


def test_a_failure_that_is_retried_gives_no_advice() -> None:
    """ "Try again later" is for who asked once: the watch does it itself, and says when."""
    line = badge_line(answered_503(), NOW)
    assert "later" not in line
    assert "unreachable" not in line


@pytest.mark.parametrize("phase", [WatchPhase.UNREACHABLE, WatchPhase.ERROR_ANSWER, WatchPhase.RATE_LIMITED])
@pytest.mark.parametrize("short", ["host app.puffle.ai unknown", "x " * 500])
def test_a_badge_stays_two_lines(phase: WatchPhase, short: str) -> None:
    """However long its reason, what is in the way and what happens next are within two lines of 400 px."""
    shown = snapshot(phase, failure=RetryState(f"{short}. {'And so on. ' * 50}", 4.0, 66.0, short))
    line = badge_line(shown, 64.0)
    assert len(line) <= 160
    assert phase is WatchPhase.ERROR_ANSWER or "retrying in 2 s" in line[:75]


def test_a_failure_that_passes_moves_no_cell() -> None:
    """The widget's line stays one line, what happens next first in it, the reason last."""
    shown = live_clock(unreachable("host app.puffle.ai unknown"), NOW)
    assert "height:1.5em;overflow:hidden" in shown
    assert shown.index("retrying in") < shown.index("failing for") < shown.index("host app")
    assert "overflow:hidden" not in live_clock(snapshot(WatchPhase.REFUSED, error="x"), NOW)


def test_a_run_that_is_not_there_is_no_refusal() -> None:
    """It is no alarm, and what to do is to look at the id and the key."""
    shown = snapshot(WatchPhase.MISSING, "", error="no run with this id for your key")
    assert label_of_watch(shown).severity is Severity.UNKNOWN
    assert "Check the id" in waiting_sentence(shown)


@pytest.mark.parametrize("payload", SAMPLE)
def test_hostile_strings_in_a_badge(payload: str) -> None:
    """Run id, status, reason and error cannot bring markup or controls into a badge."""
    shown = (
        snapshot(status=payload, run_id=payload),
        unreachable(payload),
        answered_503(payload),
        snapshot(WatchPhase.MISSING, payload, error=payload),
        snapshot(WatchPhase.REFUSED, payload, error=payload),
        snapshot(WatchPhase.STOPPED, payload, error=payload),
    )
    for one in shown:
        assert foreign_parts(static_badge(one, AS_OF)) == []
        assert foreign_parts(f"{badge_status(one)}{badge_clock(one, NOW)}") == []
        assert badge_line(one, NOW).isprintable()
        assert static_line(one, AS_OF).isprintable()


@pytest.mark.parametrize("secret", [" pk_live_s3cret", " Bearer s3cret1"])
def test_no_key_in_a_badge(secret: str) -> None:
    """A key in an error is cut out before the line is cut to length, so no beginning of it stays."""
    for length in (*range(30, 62), *range(130, 162)):
        error = "x" * length + secret
        for shown in (unreachable(error), answered_503(error), snapshot(WatchPhase.REFUSED, error=error)):
            line = badge_clock(shown, NOW) + badge_line(shown, NOW)
            line += static_badge(shown, AS_OF) + static_line(shown, AS_OF)
            assert "_s" not in line
            assert "Bearer s" not in line


@pytest.mark.parametrize("severity", list(Severity))
def test_pill_contrast(severity: Severity) -> None:
    """White on every label reaches 4.5:1 (WCAG 2.2, 1.4.3)."""
    channels = (int(severity.value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5
