"""The embedded Puffle over real sockets: the documented contract, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest

import puffle_jupyter.demo
from puffle_jupyter.demo import DEMO_KEY, DEMO_MEMBER_KEY, RUNS, STORIES, EmbeddedPuffle, MissingExtra
from puffle_jupyter.demo.runs import KNOWN_MESSAGES, NOT_FOUND, SCRIPTED_RUNS, Hiccup
from puffle_jupyter.demo.story import STARTS_PER_MINUTE
from puffle_jupyter.demo.transcripts import load_transcript

CONTRACT = json.loads(
    (Path(puffle_jupyter.demo.__file__).parent / "openapi.json").read_text(encoding="utf-8")
)
ENDED = 3600.0


class HandClock:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Demo:
    puffle: EmbeddedPuffle
    clock: HandClock
    http: httpx.Client

    def poll(self, run_id: str, key: str | None = DEMO_KEY) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.http.get(f"/api/agent/chat/{run_id}", headers=headers)

    def start(self, **body: Any) -> httpx.Response:
        return self.http.post("/api/agent/chat", json=body, headers={"Authorization": f"Bearer {DEMO_KEY}"})

    def ended(self, run_id: str) -> httpx.Response:
        """Poll until every hiccup of the run is met and its time is over."""
        for _ in range(max(SCRIPTED_RUNS[run_id].hiccups, default=1)):
            with contextlib.suppress(httpx.RemoteProtocolError):
                self.poll(run_id)
        self.clock.seconds += ENDED
        return self.poll(run_id)


@pytest.fixture
def demo() -> Iterator[Demo]:
    clock = HandClock()
    with EmbeddedPuffle(clock=clock) as puffle, httpx.Client(base_url=puffle.base_url) as http:
        yield Demo(puffle, clock, http)


def fits_contract(
    response: httpx.Response, path: str = "/api/agent/chat/{runId}", method: str = "get"
) -> None:
    described = CONTRACT["paths"][path][method]["responses"][str(response.status_code)]
    schema = {**described["content"]["application/json"]["schema"], "components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(schema).validate(response.json())


def test_run_abc_follows_the_clock(demo: Demo) -> None:
    """A run is queued, then running, then completed, counted from its first poll."""
    demo.clock.seconds = 500.0
    seen = []
    for offset in (0.0, 0.9, 1.1, 4.9, 5.1):
        demo.clock.seconds = 500.0 + offset
        seen.append(demo.poll("run_abc").json()["status"])
    assert seen == ["queued", "queued", "running", "running", "completed"]


def test_each_run_has_its_own_clock(demo: Demo) -> None:
    """A run's time begins at its own first poll, not at the server's start."""
    demo.poll("run_abc")
    demo.clock.seconds = ENDED
    assert demo.poll("run_paris").json()["status"] == "queued"


def test_a_run_stays_completed(demo: Demo) -> None:
    """A terminal run answers the same for ever."""
    first = demo.ended("run_abc")
    demo.clock.seconds += ENDED
    assert demo.poll("run_abc").content == first.content


@pytest.mark.parametrize("run_id", STORIES)
def test_presence_rules(demo: Demo, run_id: str) -> None:
    """text, messages and toolCalls are there only when completed, error only when failed."""
    outcome = {"run_failed": ("failed", {"error"}), "run_cancelled": ("cancelled", set())}
    status, fields = outcome.get(run_id, ("completed", {"text", "messages", "toolCalls"}))
    under_way = demo.poll(run_id)
    ended = demo.ended(run_id)
    fits_contract(under_way)
    fits_contract(ended)
    assert set(under_way.json()) == {"runId", "status"}
    assert ended.json()["status"] == status
    assert set(ended.json()) == {"runId", "status", *fields}


@pytest.mark.parametrize("run_id", RUNS.keys() - STORIES.keys())
def test_runs_of_one_shape_have_ended(demo: Demo, run_id: str) -> None:
    """A run that shows a shape is completed at its first poll: there is nothing to wait for."""
    ended = demo.poll(run_id)
    fits_contract(ended)
    assert ended.json()["status"] == "completed"


@pytest.mark.parametrize(
    ("run_id", "key", "status_code", "error"),
    [
        ("abc", DEMO_KEY, 400, "Invalid runId: it must start with run_"),
        ("run_abc", None, 401, {"code": "unauthorized", "message": "Missing or invalid API key."}),
        ("run_abc", "pk_live_wrong", 401, {"code": "unauthorized", "message": "Missing or invalid API key."}),
        (
            "run_abc",
            DEMO_MEMBER_KEY,
            403,
            {"code": "forbidden", "message": "This endpoint is for admins only."},
        ),
        ("run_nobody", DEMO_KEY, 404, NOT_FOUND),
    ],
)
def test_refusals(demo: Demo, run_id: str, key: str | None, status_code: int, error: object) -> None:
    """Each refusal has the documented status code and one of the documented bodies."""
    response = demo.poll(run_id, key)
    fits_contract(response)
    assert (response.status_code, response.json()) == (status_code, {"error": error})


def test_other_schemes_than_bearer_are_refused(demo: Demo) -> None:
    """The key counts in a Bearer header only."""
    headers = {"Authorization": f"Basic {DEMO_KEY}"}
    assert demo.http.get("/api/agent/chat/run_abc", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status_code"),
    [
        ("GET", "/", 404),
        ("GET", "/api/agent/chat/run_a%2Fb", 404),
        ("DELETE", "/api/agent/chat/run_abc", 405),
    ],
)
def test_nothing_else_is_served(demo: Demo, method: str, path: str, status_code: int) -> None:
    """There are the documented endpoints and no others; a refusal is JSON all the same."""
    response = demo.http.request(method, path)
    assert response.status_code == status_code
    assert list(response.json()) == ["error"]


def test_flaky_run_meets_every_hiccup_and_completes(demo: Demo) -> None:
    """run_flaky rate-limits, is unavailable and drops connections, in this order, and then completes."""
    demo.clock.seconds = 0.0
    seen: list[object] = []
    for _ in range(8):
        try:
            response = demo.poll("run_flaky")
            fits_contract(response)
            seen.append(response.json().get("status", response.status_code))
        except httpx.RemoteProtocolError as error:
            seen.append(str(error))
        demo.clock.seconds += 3.0
    dropped = "Server disconnected without sending a response."
    assert seen == ["queued", 429, "running", 503, dropped, dropped, "completed", "completed"]


def test_rate_limit_says_when_to_come_back(demo: Demo) -> None:
    """429 carries Retry-After and the same seconds as JSON retryAfter."""
    demo.poll("run_flaky")
    response = demo.poll("run_flaky")
    assert (response.headers["Retry-After"], response.json()["retryAfter"]) == ("2", 2)


def test_dropped_connection_is_closed_without_a_byte(demo: Demo) -> None:
    """A dropped connection really closes: the client reads nothing, not even a status line."""
    hiccups = SCRIPTED_RUNS["run_flaky"].hiccups
    drop = min(poll for poll, hiccup in hiccups.items() if hiccup is Hiccup.DROPPED)
    for _ in range(1, drop):
        demo.poll("run_flaky")
    address = (demo.http.base_url.host, demo.http.base_url.port or 0)
    with socket.create_connection(address, timeout=5) as connection:
        request = (
            f"GET /api/agent/chat/run_flaky HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {DEMO_KEY}\r\n\r\n"
        )
        connection.sendall(request.encode())
        try:
            received = connection.recv(1000)
        except ConnectionResetError:
            received = b""
    assert received == b""


def test_a_rare_poller_meets_every_hiccup_too(demo: Demo) -> None:
    """A run does not complete before all its hiccups were met, however late they are polled."""
    run = SCRIPTED_RUNS["run_flaky"]
    assert [run.state_at(ENDED, poll) for poll in (1, 3, 7)] == ["running", "running", "completed"]


def test_time_scale_makes_runs_faster() -> None:
    """With time_scale=10, run_slow's minute takes six seconds of the clock."""
    clock = HandClock()
    with EmbeddedPuffle(clock=clock, time_scale=10) as puffle, httpx.Client(base_url=puffle.base_url) as http:
        demo = Demo(puffle, clock, http)
        demo.poll("run_slow")
        clock.seconds = 5.9
        assert demo.poll("run_slow").json()["status"] == "running"
        clock.seconds = 6.1
        assert demo.poll("run_slow").json()["status"] == "completed"


def test_latency_delays_every_answer() -> None:
    """No answer comes earlier than the latency."""
    with EmbeddedPuffle(latency=0.05) as puffle, httpx.Client(base_url=puffle.base_url) as http:
        before = time.monotonic()
        http.get("/api/agent/chat/run_abc")
        assert time.monotonic() - before >= 0.05


def test_answers_are_not_held_back(demo: Demo) -> None:
    """Nagle's algorithm is off: with it, no answer at all comes within 40 ms."""
    seconds = [demo.poll("run_slow").elapsed.total_seconds() for _ in range(50)]
    assert statistics.median(seconds) < 0.03


def test_requests_are_counted_by_run(demo: Demo) -> None:
    """Every GET is counted under its run id, refused ones too."""
    demo.poll("run_abc")
    demo.poll("run_abc", key=None)
    demo.poll("run_paris")
    assert dict(demo.puffle.requests) == {"run_abc": 2, "run_paris": 1}


def test_started_run_plays_a_lead_search(demo: Demo) -> None:
    """POST starts a run that completes and says the message it was started with."""
    started = demo.start(message="Find <founders> in Rome")
    fits_contract(started, "/api/agent/chat", "post")
    run_id = started.json()["runId"]
    assert demo.poll(run_id).json() == {"runId": run_id, "status": "queued"}
    demo.clock.seconds = ENDED
    body = demo.poll(run_id).json()
    assert body["messages"][0] == {"role": "user", "content": "Find <founders> in Rome"}
    assert body["toolCalls"]


@pytest.mark.parametrize("message", ["Find “{message}” \\ {task} in\nRome", "x" * 5000, '"}', "ünï \u2028 ☃"])
def test_any_task_is_echoed(demo: Demo, message: str) -> None:
    """A newcomer can type anything: the answer and the search name the task, in one line, cut to fit."""
    run_id = demo.start(message=message).json()["runId"]
    demo.poll(run_id)
    demo.clock.seconds = ENDED
    body = demo.poll(run_id).json()
    task = " ".join(message.split())
    task = task if len(task) <= 100 else task[:99] + "…"
    assert f"“{task}”" in body["text"]
    assert body["toolCalls"][0] == {"toolName": "search_leads", "args": {"query": task, "limit": 3}}
    assert body["messages"][0]["content"] == message


@pytest.mark.parametrize(("beginning", "story"), KNOWN_MESSAGES.items())
def test_a_known_message_plays_its_story(demo: Demo, beginning: str, story: str) -> None:
    """The examples of the documentation get the long answers; what the user wrote is in them."""
    message = f"  {beginning.upper()}, please?"
    run_id = demo.start(message=message).json()["runId"]
    demo.poll(run_id)
    demo.clock.seconds = ENDED
    body = demo.poll(run_id).json()
    recorded = load_transcript(story)
    assert (body["status"], body["text"]) == ("completed", recorded["text"])
    said = [one["content"] for one in body["messages"] if one["role"] == "user"]
    assert said[0] == message
    assert body["messages"][-1] == recorded["messages"][-1]


def test_the_same_messages_get_the_same_ids() -> None:
    """A notebook that is saved twice is the same; two messages never share an id."""
    ids = []
    for _ in range(2):
        with EmbeddedPuffle() as puffle, httpx.Client(base_url=puffle.base_url) as http:
            demo = Demo(puffle, HandClock(), http)
            answers = [demo.start(message=message).json() for message in ("a", "a", "b")]
            ids.append([(answer["runId"], answer["conversationId"]) for answer in answers])
    assert ids[0] == ids[1]
    assert len({one for pair in ids[0] for one in pair}) == 6


@pytest.mark.parametrize(
    ("conversation_id", "code"),
    [
        ("3f2a91c4-0d5e-8b7a-9c1d-2e8f60a7b3c5", 404),
        ("00000000-0000-0000-0000-000000000000", 404),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", 404),
        ("3f2a91c4-0d5e-9b7a-9c1d-2e8f60a7b3c5", 400),
        ("3f2a91c4-0d5e-4b7a-7c1d-2e8f60a7b3c5", 400),
        ("3f2a91c40d5e4b7a9c1d2e8f60a7b3c5", 400),
    ],
)
def test_only_uuids_are_conversations(demo: Demo, conversation_id: str, code: int) -> None:
    """400 for what is none, 404 for one that is not known: as Puffle and our own check tell them apart."""
    assert demo.start(message="Hello", conversationId=conversation_id).status_code == code


def test_conversation_goes_on(demo: Demo) -> None:
    """A returned conversationId is kept on a later turn; an unknown one gets 404."""
    conversation = demo.start(message="Hello").json()["conversationId"]
    turn = {"role": "assistant", "content": "Hi"}
    assert demo.start(message="More", history=[turn], conversationId=conversation).json()[
        "conversationId"
    ] == (conversation)
    response = demo.start(message="More", conversationId="6f1d4f0e-9be1-4d8e-9c7e-0d8a2d6c7f11")
    assert (response.status_code, response.json()) == (404, {"error": "Conversation not found"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": ""},
        {"message": 7},
        {"message": "Hello", "history": "before"},
        {"message": "Hello", "history": [{"role": "system", "content": "x"}]},
        {"message": "Hello", "conversationId": "not-a-uuid"},
        {"message": "Hello", "conversationId": None},
    ],
)
def test_bad_start_is_refused(demo: Demo, body: dict[str, Any]) -> None:
    """A POST body that is not what the documentation describes gets 400 and says why."""
    response = demo.start(**body)
    assert response.status_code == 400
    fits_contract(response, "/api/agent/chat", "post")


def test_start_that_is_no_json_is_refused(demo: Demo) -> None:
    """A POST body that is no JSON gets 400, one that is huge gets 413."""
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    bodies = (b"message=hi", b'{"message": ' + b"[" * 100_000, b" " * 1_000_001)
    statuses = [
        demo.http.post("/api/agent/chat", content=body, headers=headers).status_code for body in bodies
    ]
    assert statuses == [400, 400, 413]


def test_starts_are_rate_limited(demo: Demo) -> None:
    """Too many starts in a minute get 429 until the minute is over."""
    for _ in range(STARTS_PER_MINUTE):
        assert demo.start(message="Hello").status_code == 200
    demo.clock.seconds = 18.5
    limited = demo.start(message="Hello")
    assert (limited.status_code, limited.headers["Retry-After"], limited.json()["retryAfter"]) == (
        429,
        "42",
        42,
    )
    fits_contract(limited, "/api/agent/chat", "post")
    demo.clock.seconds = 61.0
    assert demo.start(message="Hello").status_code == 200


def test_start_and_stop_may_be_repeated() -> None:
    """start() and stop() are idempotent, and a new start begins every run anew."""
    clock = HandClock()
    puffle = EmbeddedPuffle(clock=clock)
    puffle.stop()
    for _ in range(2):
        assert puffle.start() == puffle.start() == puffle.base_url
        with httpx.Client(base_url=puffle.base_url) as http:
            assert Demo(puffle, clock, http).poll("run_abc").json()["status"] == "queued"
        clock.seconds += ENDED
        assert puffle.running
        assert puffle.requests == {"run_abc": 1}
        puffle.stop()
        puffle.stop()
        assert not puffle.running


def test_base_url_needs_a_running_server() -> None:
    """A stopped server has no address, and says so."""
    with pytest.raises(RuntimeError, match="start"):
        _ = EmbeddedPuffle().base_url


def test_stop_leaves_nothing_and_waits_for_nobody() -> None:
    """stop() ends within a second, with a request under way and a connection kept alive."""
    puffle = EmbeddedPuffle(latency=60.0)
    address = httpx.URL(puffle.start())
    ends: list[bytes] = []

    def ask() -> None:
        with socket.create_connection((address.host, address.port or 0), timeout=10) as connection:
            connection.sendall(b"GET /api/agent/chat/run_abc HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                ends.append(connection.recv(1000))
            except ConnectionResetError:
                ends.append(b"")

    asking = threading.Thread(target=ask)
    asking.start()
    while not puffle.requests:
        time.sleep(0.001)
    before = time.monotonic()
    puffle.stop()
    assert time.monotonic() - before < 1.0
    asking.join(5)
    assert len(ends) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "puffle-demo"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.host, address.port or 0), timeout=1)


def test_a_taken_port_is_said(demo: Demo) -> None:
    """A fixed port that is in use raises OSError and leaves nothing running."""
    second = EmbeddedPuffle(port=httpx.URL(demo.puffle.base_url).port or 0)
    with pytest.raises(OSError):
        second.start()
    assert not second.running


def run_python(code: str, *options: str) -> str:
    """What a fresh interpreter prints for ``code``, errors and warnings included."""
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_server_says_nothing() -> None:
    """The server logs nothing at all, even where the user logs, and leaves no open socket."""
    code = """
import contextlib, logging, socket, time
import httpx
from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
logging.basicConfig(level=logging.INFO)
for name in ("httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.CRITICAL)
with EmbeddedPuffle() as puffle, httpx.Client(headers={"Authorization": f"Bearer {DEMO_KEY}"}) as http:
    for _ in range(6):
        with contextlib.suppress(httpx.RemoteProtocolError):
            http.get(f"{puffle.base_url}/api/agent/chat/run_flaky")
with EmbeddedPuffle(latency=60.0) as puffle:
    address = httpx.URL(puffle.base_url)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(b"GET /api/agent/chat/run_abc HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        while not puffle.requests:
            time.sleep(0.001)
        puffle.stop()
"""
    assert run_python(code, "-W", "always::ResourceWarning") == ""


def test_import_is_lazy() -> None:
    """Importing puffle_jupyter.demo imports neither Starlette nor uvicorn."""
    code = "import sys, puffle_jupyter.demo; print([m for m in ('starlette', 'uvicorn') if m in sys.modules])"
    assert run_python(code) == "[]\n"


def test_missing_extra_is_said() -> None:
    """Without the extra, start() says in one line what to install."""
    assert issubclass(MissingExtra, ImportError)
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from puffle_jupyter.demo import EmbeddedPuffle\n"
        "try: EmbeddedPuffle().start()\n"
        "except ImportError as error: print(error)"
    )
    said = run_python(code)
    assert said.startswith("the embedded Puffle needs the extra: pip install 'puffle_jupyter[demo]'")
    assert said.count("\n") == 1


def test_server_runs_where_nest_asyncio_is_applied() -> None:
    """A kernel that applied nest_asyncio can start the embedded Puffle, inside its running loop too."""
    code = (
        "import asyncio, nest_asyncio, httpx; nest_asyncio.apply()\n"
        "from puffle_jupyter.demo import EmbeddedPuffle\n"
        "async def main():\n"
        "    with EmbeddedPuffle() as puffle:\n"
        "        print(httpx.get(puffle.base_url + '/api/agent/chat/run_abc').status_code)\n"
        "asyncio.run(main())"
    )
    assert run_python(code) == "401\n"
