"""Everything that can go wrong, as a tree.

PuffleError
├── InvalidRunId          (ValueError)   the id cannot be a run's; nothing was sent
├── InvalidSetting        (ValueError)   an interval, timeout or address that cannot be used
├── MissingApiKey                        no key was found; nothing was sent
├── InvalidApiKey         (ValueError)   the key cannot be sent in a header; nothing was sent
├── ResponseError                        Puffle answered, and not with the run
│   ├── BadRequest                       400
│   ├── Unauthorized                     401
│   ├── Forbidden                        403
│   ├── RunNotFound                      404
│   ├── RateLimited                      429
│   ├── ServerError                      5xx, 408, 409, 425
│   ├── UnexpectedStatus                 any other status code, redirects among them
│   └── UnreadableAnswer                 200 with a body that is not this run's answer
├── ConnectionFailed                     no answer: refused, dropped, timed out
├── WaitTimeout           (TimeoutError) the wait ended before the run did
├── WatchStopped                         the watch was stopped; the run goes on
├── RunFailed                            the run ended as failed
└── RunCancelled                         the run ended as cancelled

Status codes and their meaning: docs.puffle.ai, "Poll an agent chat run".
"""

from __future__ import annotations


class PuffleError(Exception):
    """The root of every error raised by this package."""


class InvalidRunId(PuffleError, ValueError):
    """The id cannot be a run's: raised before any request is sent."""


class InvalidSetting(PuffleError, ValueError):
    """An interval, a timeout or a base address that cannot be used."""


class MissingApiKey(PuffleError):
    """No API key was found: raised before any request is sent."""


class InvalidApiKey(PuffleError, ValueError):
    """The key cannot be sent in a header. The message never holds any part of it."""


class ResponseError(PuffleError):
    """Puffle answered, and not with the run.

    Attributes:
        status_code: the HTTP status code.
        retry_after: seconds the server asks to wait before the next try, or None.
    """

    def __init__(self, message: str, *, status_code: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        state = {"status_code": self.status_code, "retry_after": self.retry_after}
        return (_rebuild, (type(self), str(self), self.status_code, self.retry_after), state)


def _rebuild(
    kind: type[ResponseError], message: str, status_code: int, retry_after: float | None
) -> ResponseError:
    return kind(message, status_code=status_code, retry_after=retry_after)


class BadRequest(ResponseError):
    """400: Puffle refuses the request as malformed."""


class Unauthorized(ResponseError):
    """401: the key is wrong or was revoked."""


class Forbidden(ResponseError):
    """403: the key is valid and its owner is not an admin."""


class RunNotFound(ResponseError):
    """404: no such run, or not yours; the server hides which."""


class RateLimited(ResponseError):
    """429: too many requests; ``retry_after`` says when to come back."""


class ServerError(ResponseError):
    """Puffle has trouble of its own; the same request may succeed later."""


class UnexpectedStatus(ResponseError):
    """A status code the contract does not know, a redirect for one."""


class UnreadableAnswer(ResponseError):
    """The status code says success and the body is not this run's answer."""


class ConnectionFailed(PuffleError):
    """No answer came: refused, dropped, or later than the deadline."""


class WaitTimeout(PuffleError, TimeoutError):
    """The wait ended before the run did; the run goes on."""


class WatchStopped(PuffleError):
    """The watch was stopped before the run ended; the run goes on."""


class RunFailed(PuffleError):
    """The run ended as failed; the message holds the run's own error."""


class RunCancelled(PuffleError):
    """The run ended as cancelled."""
