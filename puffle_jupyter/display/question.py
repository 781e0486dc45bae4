"""What was asked, above the badge: the message, its conversation and turn. Pure functions.

An output of its own, written once: nothing of it changes when the run goes on, and the saved notebook has it
as html and text.
"""

from __future__ import annotations

from ..asking.question import Question
from ..render.html import style
from ..render.html.escape import escaped, label
from ..render.html.fold import details, small
from ..render.words import count_words
from ..safe_text import shortened
from ..untrusted import plain_label, terminal_safe

SHOWN = 2_000
"""Characters of a message that are shown unfolded."""

KEPT = 100_000
"""Characters of a message that an output holds: outputs of more than 2 MB are not shown everywhere."""

# A `pre`: where the style is taken away (GitHub), its lines still stay lines.
_MESSAGE = (
    f"margin:2px 0 8px;padding:8px 12px;background:{style.BACKGROUND};color:inherit;border-radius:8px;"
    "font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;word-break:normal"
)
_GO_ON = "To go on with it in another kernel: "


def question_html(question: Question) -> str:
    """``question`` as html, readable without a style and without a kernel."""
    # Two boxes: on paper the last fold of a box is open.
    return "".join(
        f"{style.WRAPPER_START}{part}{style.WRAPPER_END}"
        for part in (_message_html(question.message), _conversation_html(question))
    )


def question_text(question: Question) -> str:
    """``question`` as text: the message, then its conversation with the whole UUID."""
    message = terminal_safe(question.message.strip("\n"))
    cut = message[:SHOWN] + (f"… ({count_words(len(message), 'character')})" if len(message) > SHOWN else "")
    words = [
        _conversation_words(question, question.conversation_id or ""),
        *map(plain_label, question.remarks),
    ]
    return f"◇ {cut}\n{' · '.join(words)}"


def _message_html(message: str) -> str:
    message = message.strip("\n")
    if len(message) <= SHOWN:
        return f'<pre style="{_MESSAGE}">{escaped(message)}</pre>'
    more = "" if len(message) <= KEPT else f", of which the first {KEPT:,} are here"
    size = label(f"the whole message, {count_words(len(message), 'character')}{more}")
    whole = f'<pre style="{_MESSAGE}">{escaped(message[:KEPT])}</pre>'
    return f'<pre style="{_MESSAGE}">{escaped(shortened(message, SHOWN))}</pre>{details(small(size), whole)}'


def _conversation_html(question: Question) -> str:
    """The conversation's first digits; unfolded its whole id, as the option that goes on with it."""
    known = question.conversation_id
    words = [_conversation_words(question, f"{known[:4]}…" if known else ""), *question.remarks]
    said = small(" · ".join(label(word) for word in words))
    if known is None:
        return f'<p style="{style.PARAGRAPH}">{said}</p>'
    option = label(f"%%puffle_chat --conversation {known}")
    return details(said, f'{small(_GO_ON)}<code style="{style.CODE}">{option}</code>')


def _conversation_words(question: Question, shown_id: str) -> str:
    which = f"conversation {shown_id}" if shown_id else "a conversation that Puffle did not name"
    return which if question.turn is None else f"{which}, turn {question.turn}"
