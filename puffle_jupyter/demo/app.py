"""The routes, as docs.puffle.ai describes them: "Poll", "Start" and "Stream an agent chat".

`openapi.json` next to this file states the same contract for machines.
"""

from __future__ import annotations

import asyncio
import json
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .approvals import NotWaiting
from .runs import COMPLETED, FAILED, NOT_FOUND, RETRY_AFTER, Hiccup, ScriptedRun
from .story import Story
from .stream_route import read_stream, stream_response
from .streams import stream_fault
from .transcripts import load_transcript

BODY_LIMIT = 1_000_000
"""Bytes of a request's body that are read."""

Drop = Callable[[tuple[str, int]], None]
"""Closes the connection of the client with this host and port, at once and without an answer."""


def make_app(story: Story, admin_key: str, member_key: str, drop: Drop, latency: float = 0.0) -> Starlette:
    """The application of the embedded Puffle.

    Args:
        story: the runs, and how far they are.
        admin_key: the key that is let in.
        member_key: the key that is known, and gets 403.
        drop: closes a client's connection.
        latency: seconds before every answer.
    """

    def refusal(request: Request) -> Response | None:
        key = bearer_key(request)
        if key == admin_key:
            return None
        if key == member_key:
            return problem(403, {"code": "forbidden", "message": "This endpoint is for admins only."})
        return problem(401, {"code": "unauthorized", "message": "Missing or invalid API key."})

    def cannot_start(conversation_id: str | None) -> Response | None:
        if conversation_id is not None and not story.knows_conversation(conversation_id):
            return problem(404, "Conversation not found")
        wait = math.ceil(story.seconds_until_next_start())
        return rate_limited(wait) if wait else None

    async def poll(request: Request) -> Response:
        run_id = request.path_params["run_id"]
        story.count(run_id)
        await asyncio.sleep(latency)
        if refused := refusal(request):
            return refused
        if not run_id.startswith("run_"):
            return problem(400, "Invalid runId: it must start with run_")
        polled = story.poll(run_id)
        if polled is None:
            return problem(404, NOT_FOUND)
        run, state = polled
        if isinstance(state, Hiccup):
            return hiccup(state, request, drop)
        return JSONResponse(run_body(run, state))

    async def start(request: Request) -> Response:
        await asyncio.sleep(latency)
        if refused := refusal(request):
            return refused
        try:
            message, conversation_id = read_start(await limited_body(request))
        except ValueError as error:
            return problem(400, {"code": "bad_request", "message": str(error)})
        if refused := cannot_start(conversation_id):
            return refused
        run_id, conversation_id = story.start(message, conversation_id)
        return JSONResponse({"runId": run_id, "status": "queued", "conversationId": conversation_id.lower()})

    async def stream(request: Request) -> Response:
        await asyncio.sleep(latency)
        if refused := refusal(request):
            return refused
        try:
            message, conversation_id, answer = read_stream(await limited_body(request), is_uuid)
        except NotWaiting as error:
            return problem(409, {"code": "conflict", "message": str(error)})
        except ValueError as error:
            return problem(400, {"code": "bad_request", "message": str(error)})
        if refused := cannot_start(conversation_id):
            return refused
        fault = None if answer else stream_fault(message)
        try:
            events, conversation_id = story.stream(message, conversation_id, answer, fault)
        except NotWaiting as error:
            return problem(409, {"code": "conflict", "message": str(error)})
        peer = (request.client.host, request.client.port) if request.client else ("", 0)
        return stream_response(events, conversation_id, fault=fault, now=story.now, drop=lambda: drop(peer))

    async def post_only(request: Request) -> Response:  # "stream" is no run
        raise HTTPException(405, headers={"Allow": "POST"})

    routes = [
        Route("/api/agent/chat/stream", stream, methods=["POST"]),
        Route("/api/agent/chat/stream", post_only, methods=["GET"]),
        Route("/api/agent/chat/{run_id}", poll, methods=["GET"]),
        Route("/api/agent/chat", start, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: other_path, Exception: broken})


def run_body(run: ScriptedRun, status: str) -> dict[str, Any]:
    """A 200 answer: text, messages and toolCalls only when completed, error only when failed."""
    body: dict[str, Any] = {"runId": run.run_id, "status": status}
    if status == COMPLETED and run.transcript is not None:
        body.update(load_transcript(run.transcript, run.message))
    if status == FAILED:
        body["error"] = run.error
    return body


def bearer_key(request: Request) -> str | None:
    """The key of the header ``Authorization``; None without one."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def problem(
    status_code: int,
    error: str | Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """An error answer; the documentation shows ``error`` both as a string and as an object."""
    return JSONResponse({"error": error, **more}, status_code, headers=headers)


def rate_limited(seconds: int) -> Response:
    """An answer with status 429 that asks for ``seconds``."""
    error = {"code": "rate_limited", "message": f"Too many requests. Try again in {seconds} s."}
    return problem(429, error, {"Retry-After": str(seconds)}, retryAfter=seconds)


def hiccup(kind: Hiccup, request: Request, drop: Drop) -> Response:
    """The answer that a run's script has in place of the run, now and then."""
    if kind is Hiccup.RATE_LIMITED:
        return rate_limited(RETRY_AFTER)
    if kind is Hiccup.DROPPED and request.client is not None:
        drop((request.client.host, request.client.port))
    # After a drop nobody hears this any more.
    return problem(503, "Service temporarily unavailable")


async def limited_body(request: Request) -> bytes:
    """The body of ``request``, or as much of it as is allowed."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413)
    return body


def read_start(body: bytes) -> tuple[str, str | None]:
    """The message and the conversation of a POST that starts a run.

    Raises:
        ValueError: what is wrong with the body.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body must be JSON.") from None
    if not isinstance(asked, dict) or not isinstance(asked.get("message"), str) or not asked["message"]:
        raise ValueError("message must be a string of at least 1 character.")
    history = asked.get("history", [])
    if not isinstance(history, list) or not all(is_turn(turn) for turn in history):
        raise ValueError("history must be a list of {role: user | assistant, content: string}.")
    conversation_id = asked.get("conversationId")
    if "conversationId" in asked and not is_uuid(conversation_id):
        raise ValueError("conversationId must be a UUID.")
    return asked["message"], conversation_id


def is_turn(turn: object) -> bool:
    """Whether ``turn`` is an item of ``history``."""
    return (
        isinstance(turn, dict)
        and turn.get("role") in ("user", "assistant")
        and isinstance(turn.get("content"), str)
    )


def is_uuid(value: object) -> bool:
    """Whether ``value`` is a UUID as text: version 1 to 8 of the common variant, or the nil or max UUID."""
    try:
        given = uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return False
    if given is None or str(given) != str(value).lower():
        return False
    return given.int in (0, 2**128 - 1) or (given.variant == uuid.RFC_4122 and 1 <= (given.version or 0) <= 8)


async def other_path(request: Request, error: Exception) -> Response:
    """404 for a path that is no endpoint."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, error.headers)


async def broken(request: Request, error: Exception) -> Response:
    """500, as Puffle writes it."""
    return problem(500, "Internal server error")
