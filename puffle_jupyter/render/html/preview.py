"""An answer that is being streamed, as html: what is whole, and what is still growing."""

from __future__ import annotations

from ...json_value import JsonValue
from ...transcript.ledger import without_marks
from ...transcript.model import Message, ToolCallState
from ...transcript.preview import Preview
from ...transcript.read import read_afresh
from ..limits import Limits
from ..words import LABEL_BY_CALL_STATE, count_words
from . import style
from .fold import small
from .message import message

_NO_RESULT = LABEL_BY_CALL_STATE[ToolCallState.PENDING].word
_PART = Limits(block=2_000, output=40_000)
_TEXT = Limits(block=20_000, output=80_000)


class PreviewHtml:
    """Renders the previews of one answer; a part that did not change is rendered once.

    >>> PreviewHtml().whole(Preview((JsonValue(b'{"type":"text","text":"a"}'),)))
    ''
    """

    def __init__(self) -> None:
        self._made: dict[JsonValue, str] = {}

    def whole(self, preview: Preview) -> str:
        """The parts before the last one."""
        parts = preview.parts[:-1]
        known, self._made = self._made, {}
        for part in parts:
            self._made[part] = known.get(part) or _part_html(part)
        shown = "".join(self._made[part] for part in parts)
        if preview.earlier:
            said = f"{count_words(preview.earlier, 'part')} before this: all of it is here at the end"
            shown = f'<p style="{style.PARAGRAPH}">{small(said)}</p>{shown}'
        return shown

    def growing(self, preview: Preview) -> str:
        """The last part, which is being written."""
        return _part_html(preview.parts[-1]) if preview.parts else ""


def _part_html(part: JsonValue) -> str:
    body = JsonValue(b'{"messages":[{"role":"assistant","parts":[' + part.encoded + b"]}]}")
    before = Message("assistant", (), body, "")  # the role is said once, by the heading
    is_text = b'"type":"text"' in part.encoded[:60]
    limits = _TEXT if is_text else _PART
    said = [one for one in map(without_marks, read_afresh(body).messages) if one.parts]
    shown = (message(one, limits, after=before, is_open=True) for one in said)
    # What has no result may still get one. Only our own words stand between the tags of ours.
    return "".join(filter(None, shown)).replace(f">{_NO_RESULT}<", ">running<")
