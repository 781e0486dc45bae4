"""From an HTTP answer to a Run, or to the error that says what to do next. Pure functions.

Status codes: docs.puffle.ai, "Poll an agent chat run".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import (
    BadRequest,
    Forbidden,
    InvalidRun,
    RateLimited,
    ResponseError,
    RunNotFound,
    ServerError,
    Unauthorized,
    UnexpectedStatus,
    UnreadableAnswer,
)
from ..json_value import InvalidJson, JsonValue
from ..run import Run
from ..untrusted import untrusted_words
from .retry_after import retry_after_seconds

_PASSING = frozenset({408, 409, 425})
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request. Header names are lower case."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes


def read_run(run_id: str, answer: Answer) -> Run:
    """The Run that ``answer`` tells of.

    Raises:
        ResponseError: one of its subclasses, by the status code; `UnreadableAnswer` when the code is
            200 and the body is not JSON, not a run, or another run's.
    """
    if answer.status_code != 200:
        raise error_for(run_id, answer)
    try:
        run = Run.from_json(answer.body)
    except InvalidRun as error:
        raise _unreadable(f"Puffle's answer about {run_id} cannot be read: {error}.") from None
    _check_is_about(run_id, run)
    return run


def _check_is_about(run_id: str, run: Run) -> None:
    """A cache or a confused proxy may send what another request was for."""
    if run.run_id != run_id:
        other = untrusted_words(run.run_id, 80)
        raise _unreadable(f"Asked about {run_id}, and the answer is about {other!r}.")


def error_for(run_id: str, answer: Answer) -> ResponseError:
    """The error for an answer that is not 200, its message saying what to do next."""
    code = answer.status_code
    body = json_or_none(answer.body)
    reason = reason_of(body)
    said = f' Puffle says: "{reason}".' if reason else ""
    kind, message = KNOWN_CODES.get(code) or _unlisted(code)
    error = kind(
        message.format(run_id=run_id, code=code) + said,
        status_code=code,
        retry_after=retry_after_seconds(answer.headers, body),
    )
    error.short = _short(error, reason)
    return error


def _short(error: ResponseError, reason: str) -> str:
    match error:
        case RunNotFound():  # final, so the server's words have room: the embedded Puffle's say who answers
            return "no run with this id for your key" + (f' ("{reason}")' if reason else "")
        case UnexpectedStatus():  # of a proxy or a login page, more likely than of Puffle
            return f"unexpected answer {error.status_code}"
        case _:
            return f"Puffle answered {error.status_code}"


KNOWN_CODES: dict[int, tuple[type[ResponseError], str]] = {
    400: (BadRequest, "Puffle refuses {run_id} as a run id (400). Check the id."),
    401: (
        Unauthorized,
        "Puffle does not accept the API key (401): it is wrong or was revoked. "
        "Run %puffle_login with a new one.",
    ),
    403: (
        Forbidden,
        "The API key's owner is not an admin (403), and agent chat is for admins only. Use an admin's key.",
    ),
    404: (
        RunNotFound,
        "{run_id} was not found: no run with this id for your key (404). "
        "Check the id, and that the key belongs to its account.",
    ),
    429: (RateLimited, "Puffle's rate limit was reached (429). Try again later."),
}


def _unlisted(code: int) -> tuple[type[ResponseError], str]:
    if code >= 500 or code in _PASSING:
        return ServerError, "Puffle answered {code}: it cannot serve this request now. Try again later."
    return undocumented(code)


def undocumented(code: int) -> tuple[type[ResponseError], str]:
    """The error for a code that Puffle sends for nothing: a proxy does, or another service."""
    if 300 <= code < 400:
        return UnexpectedStatus, (
            "The answer is a redirect ({code}), which is never followed with a key. "
            "Check base_url, and whether a proxy or a login page is in between."
        )
    return UnexpectedStatus, "The answer {code} is none that Puffle documents. Check base_url."


def reason_of(body: JsonValue | None) -> str:
    """The server's own words: ``{"error": text}`` and ``{"error": {"message": text}}`` are documented."""
    value = body.members().get("error") if body is not None else None
    if value is None:
        return ""
    message = value.members().get("message")
    words = value.string or (message.string if message is not None else None) or ""
    return untrusted_words(words, _LONGEST_REASON)


def json_or_none(body: bytes) -> JsonValue | None:
    """``body`` as JSON; None when it is none."""
    try:
        return JsonValue.parse(body)
    except InvalidJson:
        return None


def _unreadable(message: str) -> UnreadableAnswer:
    error = UnreadableAnswer(message, status_code=200)
    error.short = "Puffle's answer cannot be read"
    return error
