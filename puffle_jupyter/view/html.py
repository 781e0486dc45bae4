"""What a run or a watch looks like as HTML: pure functions of what is known.

The same string feeds the live widget, the saved notebook and, inside `page`, the .html file. It is
made of elements that read well without any style, and holds no script, no style sheet, no id and
nothing that is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..api.run import Run, RunStatus
from ..transcript.model import Message, Part, TextPart, ToolCall, ToolCallState, Transcript
from ..transcript.read import read, unmentioned_calls
from ..watching.snapshot import WatchSnapshot
from . import style
from .badge import badge, badge_clock, badge_status, run_badge
from .escape import escaped, label
from .fold import EVERYTHING, NOTEBOOK, Limits, details, markdown_block, small, text_block
from .message import carries_only_results
from .message import message as message_html
from .tool_call import tool_call
from .words import count_words, ledger_words, run_sentence, waiting_sentence

__all__ = [
    "badge",
    "badge_clock",
    "badge_status",
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


def run_fragment(run: Run) -> str:
    """A run as a notebook shows it: at most 2 MB, and exact about what is left out."""
    return _wrapped(f'<div style="{_BADGE_LINE}">{run_badge(run)}</div>{run_body(run, NOTEBOOK)}')


def run_page(run: Run) -> str:
    """A run as a standalone page with everything in it."""
    from .page import page

    return page(run, _wrapped(run_body(run, EVERYTHING)))


def run_body(run: Run, limits: Limits) -> str:
    """Answer, transcript, ledger and raw JSON of ``run``, without a badge."""
    sections = [_ending(run, limits)]
    if run.text:
        sections.append(markdown_block(run.text, limits, _ANSWER_SCREENFUL, is_open=True))
    transcript = read(run)
    room = None if limits.output is None else limits.output - size_of("".join(sections))
    sections.append(transcript_html(transcript, limits, answer=run.text, room=room))
    room = None if limits.output is None else limits.output - size_of("".join(sections))
    sections.append(_raw(run, transcript, room))
    return "".join(sections)


def transcript_html(
    transcript: Transcript, limits: Limits = EVERYTHING, *, answer: str | None = None, room: int | None = None
) -> str:
    """Messages, tool calls that no message mentions, and the ledger.

    Args:
        answer: the final text; where it stands in the transcript again it is only pointed at.
        room: bytes this may take; what does not fit is counted. None is no limit.
    """
    answered = _answered(transcript, answer)
    others = unmentioned_calls(transcript.messages, transcript.tool_calls)
    sections = []
    if transcript.messages:
        is_open = len(transcript.messages) <= _MESSAGES_OPEN
        messages, left = _messages(transcript, limits, answered, room, is_open)
        sections.append(details(_heading(transcript, left), messages, is_open=is_open, margin="14px 0 8px"))
    if others:
        calls = "".join(tool_call(call, limits) for call in others)
        sections.append(
            f'<div style="margin:14px 0 0">{small(_others_heading(transcript, others))}{calls}</div>'
        )
    if transcript.ledger.received:
        sections.append(f'<div style="margin:10px 0 0">{small(ledger_words(transcript.ledger))}</div>')
    return "".join(sections)


def size_of(text: str) -> int:
    """Bytes of ``text`` in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _messages(
    transcript: Transcript, limits: Limits, answered: list[Part], room: int | None, is_open: bool
) -> tuple[str, int]:
    """The messages that fit into ``room`` bytes, and how many did not."""
    shown: list[str] = []
    before: Message | None = None
    for at, message in enumerate(transcript.messages):
        if carries_only_results(message):
            continue
        one = message_html(message, limits, answered=answered, after=before, is_open=is_open)
        if room is not None and size_of(one) > room:
            left = len(transcript.messages) - at
            return "".join(shown) + _left_out(at, len(transcript.messages)), left
        room = None if room is None else room - size_of(one)
        shown.append(one)
        before = message
    return "".join(shown), 0


def _left_out(shown: int, of: int) -> str:
    said = (
        f"{shown:,} of {count_words(of, 'message')} shown, to keep this output under 2 MB; "
        "run.to_html(), run.to_markdown() and run.to_dict() have all of them"
    )
    return f'<p style="{style.PARAGRAPH}"><b>{said}</b></p>'


def _heading(transcript: Transcript, left: int) -> str:
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


def _raw(run: Run, transcript: Transcript, room: int | None) -> str:
    """The untouched JSON in a fold, if there is room for it."""
    size = count_words(len(run.body.encoded), "byte")
    shapes = ", ".join(label(shape) for shape in dict.fromkeys(m.shape for m in transcript.messages))
    said = small(f"raw JSON, {size}" + (f" · read as {shapes}" if shapes else ""))
    block = f'<pre style="{style.PRE}">{escaped(run.body.pretty())}</pre>'
    if room is not None and size_of(block) > room:
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
    return f'<div style="{style.WRAPPER}">{content}</div>'
