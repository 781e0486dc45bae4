"""What a run or a watch looks like as HTML: pure functions of what is known.

The same string feeds the live widget, the saved notebook and, inside `page`, the .html file. It is
made of elements that read well without any style, and holds no script, no style sheet but the one for
paper (`style.PRINT`), no id and nothing that is fetched.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from ..api.run import Run, RunStatus
from ..transcript.model import Message, Part, TextPart, ToolCall, ToolCallState, Transcript
from ..transcript.read import read, unmentioned_calls
from ..watching.snapshot import WatchSnapshot
from . import style
from .badge import badge, badge_clock, badge_status, live_clock, live_status, run_badge
from .escape import escaped, label
from .find import AS_IT_IS, Arrangement
from .fold import EVERYTHING, NOTEBOOK, Limits, details, fitted, markdown_block, small, text_block
from .message import carries_only_results
from .message import message as message_html
from .tool_call import tool_call
from .words import count_words, ledger_words, run_sentence, waiting_sentence

__all__ = [
    "arranged_body",
    "badge",
    "badge_clock",
    "badge_status",
    "live_clock",
    "live_status",
    "run_body",
    "run_fragment",
    "run_page",
    "snapshot_body",
    "snapshot_fragment",
]

_ANSWER_SCREENFUL = 20_000
_MESSAGES_OPEN = 40
_BADGE_LINE = "margin:0 0 10px"


def snapshot_fragment(snapshot: WatchSnapshot, now: float) -> str:
    """A watch at ``now``, seconds of its clock: badge, and the whole run once it ended."""
    line = f'<div style="{_BADGE_LINE}">{badge(snapshot, now)}</div>'
    return _wrapped(line + _snapshot_body(snapshot))


def snapshot_body(snapshot: WatchSnapshot) -> str:
    """What stands below the badge of `snapshot_fragment`."""
    return _wrapped(_snapshot_body(snapshot))


def arranged_body(run: Run, arrangement: Arrangement) -> str:
    """What stands below the badge of `run_fragment`, arranged."""
    return _wrapped(run_body(run, NOTEBOOK, arrangement))


def run_fragment(run: Run) -> str:
    """A run as a notebook shows it: at most 2 MB, and exact about what is left out."""
    return _wrapped(f'<div style="{_BADGE_LINE}">{run_badge(run)}</div>{run_body(run, NOTEBOOK)}')


def run_page(run: Run) -> str:
    """A run as a standalone page with everything in it."""
    from .page import page

    return page(run, _wrapped(run_body(run, EVERYTHING)))


def run_body(run: Run, limits: Limits, arrangement: Arrangement = AS_IT_IS) -> str:
    """Answer, transcript, ledger and raw JSON of ``run``, without a badge.

    The raw JSON is told nothing of ``arrangement``: all that is in it stands above.
    """
    ending = _ending(run, limits)
    sections = [arrangement.each(ending)] if ending else []
    if run.text:
        text = run.text
        answer = fitted(lambda some: markdown_block(text, some, _ANSWER_SCREENFUL, is_open=True), limits)
        sections.append(arrangement.each(answer or ""))
    transcript = read(run)
    shown = transcript_html(transcript, limits.without(sections), arrangement, answer=run.text)
    sections.append(shown)
    sections.append(_raw(run, transcript, limits.without(sections)))
    return "".join(sections)


def transcript_html(
    transcript: Transcript,
    limits: Limits = EVERYTHING,
    arrangement: Arrangement = AS_IT_IS,
    *,
    answer: str | None = None,
) -> str:
    """Messages, tool calls that no message mentions, and the ledger.

    Args:
        answer: the final text; where it stands in the transcript again it is only pointed at.
    """
    answered = _answered(transcript, answer)
    others = unmentioned_calls(transcript.messages, transcript.tool_calls)
    sections = []
    if transcript.messages:
        is_open = len(transcript.messages) <= _MESSAGES_OPEN
        if arrangement.is_open is not None:
            is_open = arrangement.is_open
        messages = _messages(transcript, limits, arrangement.each, answered, is_open)
        sections.append(details(_heading(transcript), messages, is_open=is_open, margin="14px 0 8px"))
    if others:
        heading = small(_others_heading(transcript, others))
        calls = _calls(others, limits.without(sections), arrangement.each)
        sections.append(f'<div style="margin:14px 0 0">{heading}{calls}</div>')
    if transcript.ledger.received:
        sections.append(f'<div style="margin:10px 0 0">{small(ledger_words(transcript.ledger))}</div>')
    return "".join(sections)


def _messages(
    transcript: Transcript,
    limits: Limits,
    arrange: Callable[[str], str],
    answered: list[Part],
    is_open: bool,
) -> str:
    """The messages that there is room for, and how many that is of all."""
    shown: list[str] = []
    before: Message | None = None
    for at, message in enumerate(transcript.messages):
        if carries_only_results(message):
            continue
        render = functools.partial(message_html, message, answered=answered, after=before, is_open=is_open)
        one = fitted(render, limits)
        if one is None:
            return "".join(shown) + _left_out(at, len(transcript.messages), "message")
        if one := arrange(one):
            limits = limits.without([one])
            shown.append(one)
            before = message
    return "".join(shown)


def _calls(calls: Sequence[ToolCall], limits: Limits, arrange: Callable[[str], str]) -> str:
    """The calls that there is room for, and how many that is of all."""
    shown: list[str] = []
    for at, call in enumerate(calls):
        one = fitted(functools.partial(tool_call, call), limits)
        if one is None:
            return "".join(shown) + _left_out(at, len(calls), "tool call")
        shown.append(arrange(one))
        limits = limits.without([one])
    return "".join(shown)


def _left_out(shown: int, of: int, noun: str) -> str:
    said = (
        f"{shown:,} of {count_words(of, noun)} shown, to keep this output under 2 MB; "
        "run.to_html(), run.to_markdown() and run.to_dict() have all of them"
    )
    return f'<p style="{style.PARAGRAPH}"><b>{said}</b></p>'


def _heading(transcript: Transcript) -> str:
    facts = [count_words(len(transcript.messages), "message")]
    if results := sum(map(carries_only_results, transcript.messages)):
        facts[0] += f" ({results:,} of them tool results, shown with their calls)"
    if calls := transcript.tool_calls:
        facts.append(_calls_words(calls))
    return f"<b>Transcript</b> {small(' · '.join(facts))}"


def _calls_words(calls: Sequence[ToolCall]) -> str:
    failed = sum(call.state is ToolCallState.FAILED for call in calls)
    return count_words(len(calls), "tool call") + (f", {failed:,} failed" if failed else "")


def _others_heading(transcript: Transcript, others: Sequence[ToolCall]) -> str:
    what = "not mentioned in the messages" if transcript.messages else ""
    return f"{_calls_words(others)} {what}".rstrip()


def _answered(transcript: Transcript, answer: str | None) -> list[Part]:
    """The text parts of the last assistant message, when together they are the answer."""
    last = next((m for m in reversed(transcript.messages) if m.role == "assistant"), None)
    texts = [part for part in last.parts if isinstance(part, TextPart)] if last else []
    is_answer = bool(answer) and "".join(part.text for part in texts).strip() == (answer or "").strip()
    return list(texts) if is_answer else []


def _ending(run: Run, limits: Limits) -> str:
    """How the run ended, where its text does not say it; a failure with its error."""
    sentence = run_sentence(run)
    if not sentence:
        return ""
    said = f'<p style="{style.PARAGRAPH}">{sentence}</p>'
    if run.status is not RunStatus.FAILED or not run.error:
        return said
    edge = f"margin:0 0 8px;padding-left:12px;border-left:3px solid {style.Tone.BAD.value}"
    return f'<div style="{edge}">{said}{text_block(run.error, limits)}</div>'


def _raw(run: Run, transcript: Transcript, limits: Limits) -> str:
    """The untouched JSON in a fold, if there is room for it."""
    size = count_words(len(run.body.encoded), "byte")
    shapes = ", ".join(label(shape) for shape in dict.fromkeys(m.shape for m in transcript.messages))
    said = small(f"raw JSON, {size}" + (f" · read as {shapes}" if shapes else ""))
    # To lay out and escape megabytes only to leave them out would hold up every other thread.
    is_short = limits.output is None or len(run.body.encoded) <= limits.output
    block = f'<pre style="{style.PRE}">{escaped(run.body.pretty())}</pre>' if is_short else ""
    if not is_short or not limits.fit(block):
        why = (
            f"raw JSON: 0 of {size} shown, to keep this output under 2 MB; run.raw and run.to_html() have it"
        )
        return f'<div style="margin:4px 0 0">{small(why)}</div>'
    return details(said, block, margin="2px 0 0")


def _snapshot_body(snapshot: WatchSnapshot) -> str:
    run = snapshot.run
    if run is not None and run.status.is_terminal:
        return run_body(run, NOTEBOOK)
    return f'<p style="{style.PARAGRAPH}">{small(waiting_sentence(snapshot))}</p>'


def _wrapped(content: str) -> str:
    return f"{style.WRAPPER_START}{content}{style.WRAPPER_END}"
