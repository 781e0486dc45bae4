"""Starting a chat: what may be sent, and what the answer says. Pure functions.

Source: docs.puffle.ai, "Start agent chat". A start is not idempotent: sent twice it starts two runs. So every
answer, and every failure, is read with one question: is it certain that nothing was started?
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NewType

from ..errors import (
    BadRequest,
    ConversationNotFound,
    InvalidConversationId,
    InvalidMessage,
    InvalidRunId,
    MessageTooLarge,
    PuffleError,
    RateLimited,
    ResponseError,
    StartNotConfirmed,
    UnexpectedStatus,
)
from ..json_value import InvalidJson, JsonValue
from ..run_data import RunId, RunStatus, check_run_id
from ..untrusted import untrusted_words
from .answer import KNOWN_CODES, Answer, json_or_none, reason_of, undocumented
from .retry_after import retry_after_seconds

ConversationId = NewType("ConversationId", str)
"""A text that was checked by `check_conversation_id`: a UUID in lower case."""

_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|0{8}(?:-0{4}){3}-0{12}|f{8}(?:-f{4}){3}-f{12}",
    re.ASCII,
)
_ECHOED = (100, 50, 25, 12)
"""Characters of a message that are looked for in the server's words; a shorter one may be any word."""
_ROLES = ("user", "assistant")

_LOOK = (
    "Look in Puffle before you send it again: a new conversation is named after the beginning of its message."
)
MAY_HAVE_STARTED = f"the chat may have started. {_LOOK}"
"""What to say of a message of which no answer came. There is no endpoint that lists chats."""


@dataclass(frozen=True, slots=True)
class StartedRun:
    """What Puffle answers to a message: the run that works on it, and the conversation it belongs to.

    Attributes:
        run_id: the run's id, ``run_…``: watch it with `puffle_jupyter.watch`.
        status: `RunStatus.QUEUED`, as a rule.
        conversation_id: pass it with the next message to stay in the conversation. None when Puffle named
            none that can be sent back.
    """

    run_id: str
    status: RunStatus
    conversation_id: str | None


def check_message(message: object) -> str:
    """Return ``message`` when it can be sent.

    Raises:
        InvalidMessage: no text, empty or blank, or no Unicode text.
    """
    if not isinstance(message, str):
        raise InvalidMessage(f"The message must be text, not {type(message).__name__}.")
    if not message.strip():
        raise InvalidMessage("The message is empty: write what Puffle is to do.")
    return _encodable(message, "The message")


def check_conversation_id(conversation_id: object) -> ConversationId:
    """Return ``conversation_id`` in lower case when it is a UUID as Puffle takes it.

    Versions 1 to 8 of the common variant, the nil and the max UUID.

    Raises:
        InvalidConversationId: it is none of them.
    """
    text = str(conversation_id) if isinstance(conversation_id, uuid.UUID) else conversation_id
    if isinstance(text, str) and _UUID.fullmatch(text.lower()):
        return ConversationId(text.lower())
    raise InvalidConversationId(
        f"{ascii(conversation_id)[:80]} is not the id of a conversation: it must be a UUID, such as "
        "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5. The output of an earlier message names it."
    )


def check_history(history: object) -> list[dict[str, str]]:
    """Return ``history`` as it is sent.

    Raises:
        InvalidMessage: not turns of ``{"role": "user" or "assistant", "content": text}``.
    """
    if isinstance(history, str | bytes | Mapping) or not isinstance(history, Iterable):
        raise InvalidMessage(f"history must be a list of turns, not {type(history).__name__}.")
    return [_turn(number, turn) for number, turn in enumerate(history, 1)]


def _turn(number: int, turn: object) -> dict[str, str]:
    if isinstance(turn, Mapping) and turn.get("role") in _ROLES and isinstance(turn.get("content"), str):
        return {"role": turn["role"], "content": _encodable(turn["content"], f"Turn {number} of history")}
    raise InvalidMessage(
        f'Turn {number} of history must be {{"role": "user" or "assistant", "content": text}}.'
    )


def _encodable(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidMessage(
            f"{what} holds half of a character (a lone surrogate), which no JSON can carry."
        ) from None
    return text


def start_body(message: object, history: object, conversation_id: object) -> bytes:
    """The body of the POST that starts a chat.

    Raises:
        InvalidMessage, InvalidConversationId
    """
    body: dict[str, object] = {"message": check_message(message)}
    if history is not None:
        body["history"] = check_history(history)
    if conversation_id is not None:
        body["conversationId"] = check_conversation_id(conversation_id)
    return json.dumps(body, ensure_ascii=False).encode()


def read_started(answer: Answer, message: str, conversation_id: str | None, base_url: str) -> StartedRun:
    """The run that was started.

    Args:
        answer: what came back.
        message: what was sent; an error does not repeat it.
        conversation_id: the conversation the message was sent to.
        base_url: where it was sent, for errors.

    Raises:
        ResponseError: one of its subclasses, by the status code: nothing was started.
        StartNotConfirmed: the answer leaves open whether something was.
    """
    code = answer.status_code
    check_accepted(answer, message, conversation_id, base_url)
    try:
        members = JsonValue.parse(answer.body).members()
        run_id: RunId = check_run_id(_text(members, "runId"))
    except (InvalidJson, InvalidRunId):
        raise unconfirmed(f"Puffle's answer ({code}) names no run", conversation_id) from None
    # The run exists: a broken id of the conversation must not hide it.
    conversation = conversation_or_none(_text(members, "conversationId")) or conversation_id
    return StartedRun(run_id, RunStatus.read(_text(members, "status")), conversation)


def check_accepted(answer: Answer, message: str, conversation_id: str | None, base_url: str) -> None:
    """Refuse an answer that is not a 2xx; see `read_started` for the arguments.

    Raises:
        ResponseError: one of its subclasses, by the status code: nothing was started.
        StartNotConfirmed: the answer leaves open whether something was.
    """
    if not 200 <= answer.status_code < 300:
        raise _refusal(answer, message, conversation_id, base_url)


def conversation_or_none(conversation_id: str | None) -> ConversationId | None:
    """The conversation that Puffle names; None when it can be sent back in no request."""
    try:
        return check_conversation_id(conversation_id)
    except InvalidConversationId:
        return None


def _text(members: Mapping[str, JsonValue], key: str) -> str:
    value = members.get(key)
    return (value.string if value is not None else None) or ""


def _refusal(answer: Answer, message: str, conversation_id: str | None, base_url: str) -> PuffleError:
    code = answer.status_code
    body = json_or_none(answer.body)
    reason = without_message(reason_of(body), message)
    said = f' Puffle says: "{reason}".' if reason else ""
    if _leaves_open(code):
        return unconfirmed(f"Puffle answered {code}", conversation_id, said)
    wait = retry_after_seconds(answer.headers, body)
    kind, words = _meaning(code, conversation_id, base_url, wait)
    error = kind(f"{words} Nothing was started.{said}", status_code=code, retry_after=wait)
    error.short = f"Puffle answered {code}"
    return error


def without_message(reason: str, message: str) -> str:
    """``reason`` without ``message``, or its beginning: a server may echo what it refuses."""
    words = untrusted_words(message)
    for length in _ECHOED:
        beginning = words[:length]
        if len(beginning) >= min(_ECHOED) and beginning in reason:
            return reason.partition(beginning)[0] + "(the message)"
    return reason


def _leaves_open(code: int) -> bool:
    """Whether something may have been started although the answer is an error.

    A gateway answers 5xx for a server that did the work and was too slow to say so; 501 and 505 are refusals.
    """
    return code == 408 or code == 499 or (code >= 500 and code not in (501, 505)) or code in (303,)


def _meaning(
    code: int, conversation_id: str | None, base_url: str, wait: float | None
) -> tuple[type[ResponseError], str]:
    match code:
        case 400:
            return BadRequest, "Puffle refuses the message as malformed (400)."
        case 401 | 403:
            return KNOWN_CODES[code]
        case 404 if conversation_id is not None:
            return ConversationNotFound, (
                f"Conversation {conversation_id} was not found: none with this id for your key (404). "
                "Check the id, and that the key belongs to its account; without an id a new one begins."
            )
        case 413:
            return MessageTooLarge, "The message is larger than Puffle takes (413). Send a shorter one."
        case 429:
            when = "later" if wait is None else f"in {wait:g} s"
            return RateLimited, f"Puffle's limit for starting chats was reached (429). Try again {when}."
        case 404 | 405 | 501:
            return UnexpectedStatus, (
                f"{base_url} does not start chats ({code}): check base_url; "
                "it may be another service, or older than agent chat."
            )
    kind, words = undocumented(code)
    return kind, words.format(code=code)


def unconfirmed(what: str, conversation_id: str | None, said: str = "") -> StartNotConfirmed:
    """The error for a message that was sent, and of which it is not known what became.

    Args:
        what: what came in place of the answer, without a full stop.
        conversation_id: the conversation it was sent to.
        said: a sentence more, with a space before it.
    """
    where = f" in conversation {conversation_id}" if conversation_id else ""
    error = StartNotConfirmed(
        f"{what}: the chat may have started{where}. The message was sent once, and is not sent again by "
        f"itself. {_LOOK}{said}",
        conversation_id=conversation_id,
    )
    error.short = "not known whether the chat started"
    return error
