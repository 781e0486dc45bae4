"""Everything that can go wrong, as a tree.

PuffleError
├── NotSent                              refused before anything was sent
│   ├── InvalidRunId      (ValueError)   the id cannot be a run's
│   ├── InvalidSetting    (ValueError)   an interval, timeout or address that cannot be used
│   ├── InvalidMessage    (ValueError)   a message or a history that cannot be sent
│   ├── InvalidConversationId (ValueError)  the id of a conversation is no UUID
│   ├── NotPending        (ValueError)   no call of this id waits for a decision
│   ├── MissingApiKey                    no key was found
│   └── InvalidApiKey     (ValueError)   the key cannot be sent in a header
├── ResponseError                        Puffle answered, and not with the run; a chat was not started
│   ├── BadRequest                       400
│   ├── Unauthorized                     401
│   ├── Forbidden                        403
│   ├── RunNotFound                      404
│   ├── ConversationNotFound             404 to a message in a conversation
│   ├── MessageTooLarge                  413
│   ├── RateLimited                      429
│   ├── ServerError                      5xx, 408, 409, 425
│   ├── UnexpectedStatus                 any other status code, redirects among them
│   └── UnreadableAnswer                 200 with a body that is not this run's answer
├── ConnectionFailed                     no answer: refused, dropped, timed out
├── StartNotConfirmed                    a message was sent, and no usable answer came: it may have started
├── StreamUnfinished                     a stream ended before its answer did; `transcript` is what arrived
├── WaitTimeout           (TimeoutError) the wait ended before the run did
├── WatchStopped                         the watch was stopped; the run goes on
├── ApprovalNeeded                       a tool call waits for a decision that nobody can make here
├── RunNotEnded                          a watch was asked for what only an ended run has
├── CannotWaitHere        (RuntimeError) this thread is the one that sends the requests
├── RunNotCompleted                      how the run ended; its `run` is the whole answer
│   ├── RunFailed                        the run ended as failed
│   └── RunCancelled                     the run ended as cancelled
├── InvalidRun            (ValueError)   what `Run.from_json` was given is not a run
├── InvalidSearch         (ValueError)   a search names a kind of parts that there is not
├── NoSuchToolCall        (KeyError)     the run called no tool of this name
├── NotATable             (ValueError)   the result of a tool call has no rows
├── NoSuchTable           (KeyError)     the run has no table of this name
├── FileExists            (FileExistsError)  a file would be replaced unasked
├── InvalidExport         (ValueError)   a file name or an option of an export that cannot be used
└── MissingExtra          (ImportError)  an optional package is not installed

Status codes and their meaning: docs.puffle.ai, "Poll an agent chat run" and "Start agent chat".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from .json_value import InvalidJson
from .untrusted import untrusted_words

if TYPE_CHECKING:
    from .run import Run
    from .transcript.model import Transcript


class PuffleError(Exception):
    """The root of every error raised by this package.

    Its message is one line, safe to print in a terminal and to save in a notebook: what Puffle or an
    agent wrote into it is escaped, and holds no credential. This is the one place where that is done.

    Attributes:
        short: what happened, in a few words that fit a badge; "" where the message itself is short.
    """

    short: str = ""

    def __init__(self, *args: object) -> None:
        super().__init__(*(untrusted_words(arg) if isinstance(arg, str) else arg for arg in args))


class NotSent(PuffleError):
    """Refused before anything was sent: what was given cannot be used."""


class InvalidRunId(NotSent, ValueError):
    """The id cannot be a run's: raised before any request is sent."""


class InvalidSetting(NotSent, ValueError):
    """An interval, a timeout or a base address that cannot be used."""


class InvalidMessage(NotSent, ValueError):
    """The message or the history of a chat cannot be sent; what is wrong is said without quoting it."""


class InvalidConversationId(NotSent, ValueError):
    """The id of a conversation is not a UUID as Puffle takes it."""


class NotPending(NotSent, ValueError):
    """No tool call of this id waits for a decision: nothing was approved or denied."""


class MissingApiKey(NotSent):
    """No API key was found: raised before any request is sent."""


class InvalidApiKey(NotSent, ValueError):
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


class ConversationNotFound(ResponseError):
    """404 to a message: no such conversation, or not yours; the server hides which."""


class MessageTooLarge(ResponseError):
    """413: the message, with its history, is larger than Puffle takes."""


class RateLimited(ResponseError):
    """429: too many requests; ``retry_after`` says when to come back."""


class ServerError(ResponseError):
    """Puffle failed to answer as it should; the same request may succeed later."""


class UnexpectedStatus(ResponseError):
    """A status code the contract does not know, a redirect for one."""


class UnreadableAnswer(ResponseError):
    """The status code says success and the body is not this run's answer."""


class ConnectionFailed(PuffleError):
    """No answer came: refused, dropped, or later than the deadline."""


class StartNotConfirmed(PuffleError):
    """A message was sent and no usable answer came: it may have started a chat.

    It is never sent again by itself.

    Attributes:
        conversation_id: the conversation that the message was sent to; None where Puffle was to make one.
    """

    def __init__(self, message: str, *, conversation_id: str | None = None) -> None:
        super().__init__(message)
        self.conversation_id = conversation_id

    def __reduce__(self) -> tuple[object, ...]:
        return (functools.partial(StartNotConfirmed, conversation_id=self.conversation_id), (str(self),))


class StreamUnfinished(PuffleError):
    """A stream ended before its answer did: dropped, ended by Puffle, aborted, failed or silent.

    Attributes:
        transcript: what arrived, the message that was sent first.
        conversation_id: the conversation to go on with; None where Puffle named none.
    """

    def __init__(self, message: str, *, transcript: Transcript, conversation_id: str | None = None) -> None:
        super().__init__(message)
        self.transcript = transcript
        self.conversation_id = conversation_id

    def __reduce__(self) -> tuple[object, ...]:
        facts: dict[str, Any] = {"transcript": self.transcript, "conversation_id": self.conversation_id}
        return (functools.partial(StreamUnfinished, **facts), (str(self),))


class WaitTimeout(PuffleError, TimeoutError):
    """The wait ended before the run did; the run goes on."""


class WatchStopped(PuffleError):
    """The watch was stopped before the run ended; the run goes on."""


class ApprovalNeeded(PuffleError):
    """A tool call waits for a decision, which nobody can make while the caller waits for the run.

    Nothing was approved, and nothing was denied; the watch goes on.
    """


class RunNotEnded(PuffleError):
    """A watch was asked for what a run has at its end, and has not seen that end; it does not wait."""


class CannotWaitHere(PuffleError, RuntimeError):
    """Waiting on the thread that sends the requests would never end."""


class RunNotCompleted(PuffleError):
    """The run ended, and not as completed.

    Attributes:
        run: the whole answer, `Run.error` and what the run said before among it.
    """

    def __init__(self, message: str, *, run: Run) -> None:
        super().__init__(message)
        self.run = run

    @property
    def run_id(self) -> str:
        """The run's id, ``run_…``."""
        return self.run.run_id

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_with_run, (type(self), str(self), self.run))


def _rebuild_with_run(kind: type[RunNotCompleted], message: str, run: Run) -> RunNotCompleted:
    return kind(message, run=run)


class RunFailed(RunNotCompleted):
    """The run ended as failed; the message holds the run's own error, `run` all of it."""


class RunCancelled(RunNotCompleted):
    """The run ended as cancelled."""


class InvalidRun(PuffleError, InvalidJson):
    """Not JSON, not an object, or without ``runId`` and ``status``: no answer about a run."""


class InvalidSearch(PuffleError, ValueError):
    """A search that names a kind of parts that there is not."""


class NoSuchToolCall(PuffleError, KeyError):
    """The run called no tool of this name."""

    def __str__(self) -> str:
        return Exception.__str__(self)  # a KeyError's own shows the repr of its message


class NotATable(PuffleError, ValueError):
    """The result of a tool call has no rows to make a table of."""


class NoSuchTable(PuffleError, KeyError):
    """The run has no table of this name."""

    def __str__(self) -> str:
        return Exception.__str__(self)  # a KeyError's own shows the repr of its message


class FileExists(PuffleError, FileExistsError):
    """There is a file of this name already, and nobody asked to replace it."""


class InvalidExport(PuffleError, ValueError):
    """A file name, a detail or a prefix that an export cannot use."""


class MissingExtra(PuffleError, ImportError):
    """An optional package is not installed; the message says how to install it."""
