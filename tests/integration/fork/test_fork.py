"""`os.fork` and multiprocessing with a live watch: a child starts afresh, the parent's watch goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

# A process of its own with a server that answers, a live watch and two kinds of forked children.
FORKS = r"""
import json, multiprocessing, os, signal, sys, threading, time, traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import puffle_jupyter
from puffle_jupyter.background.loop import poll_loop

status, peers = "running", {}

class Puffle(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        run_id = self.path.rsplit("/", 1)[-1]
        peers.setdefault(run_id, set()).add(self.client_address)
        told = {"runId": run_id, "status": "completed" if run_id == "run_child" else status}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Puffle)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
address = "http://127.0.0.1:%d" % server.server_port
client = puffle_jupyter.AsyncPuffleClient("pk_live_0123456789abcdef", address)
watch = puffle_jupyter.watch("run_a", client=client, interval=0.1)
while watch.snapshot.polls < 3:
    time.sleep(0.01)

def in_child():
    try:
        watch.wait(5)
        ended = "ran on"
    except puffle_jupyter.WatchStopped:
        ended = "stopped"
    fresh = puffle_jupyter.watch("run_child", client=client).wait(20)
    watch.add_done_callback(lambda _: None)
    watch.unobserve(None)
    return {"inherited": ended, "phase": watch.snapshot.phase.name, "own": str(fresh.status),
            "loops": sorted(t.name for t in threading.enumerate() if t.name.startswith("puffle"))}

def tell(pipe):
    told = in_child()
    os.write(pipe, json.dumps({**told, "left_at": time.monotonic()}).encode())

def forked(pipe):
    child = os.fork()
    if child:
        return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.alarm(60)
    tell(pipe)
    sys.exit(0)

def multiprocessed(pipe):
    process = multiprocessing.get_context("fork").Process(target=tell, args=(pipe,))
    process.start()
    def join():
        process.join(60)
        return process.exitcode
    return join

told = {}
for start in (forked, multiprocessed):
    if start is forked:
        watch._listeners._lock.acquire()  # as a thread may hold it in the very moment of the fork
    reading, writing = os.pipe()
    join = start(writing)
    if start is forked:
        watch._listeners._lock.release()
    os.close(writing)
    child = json.loads(os.read(reading, 4096) or b"{}")
    child["code"] = join()
    child["leaving"] = time.monotonic() - child.pop("left_at", 0)
    told[start.__name__] = child
before = watch.snapshot.polls
while watch.snapshot.polls < before + 3:
    time.sleep(0.01)
status = "completed"
told["parent"] = str(watch.wait(20).status)
told["connections"] = len(peers["run_a"]), len(peers["run_child"])
told["shared"] = bool(peers["run_a"] & peers["run_child"])
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder: Path = tmp_path_factory.mktemp("fork")
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKS],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # nor did a child complain
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("child", ["forked", "multiprocessed"])
def test_a_forked_child_starts_afresh_and_leaves_in_peace(
    told: dict[str, dict[str, object]], child: str
) -> None:
    """The inherited watch is over for it, it watches on a loop of its own, and ends within a second."""
    seen = dict(told[child])
    assert float(str(seen.pop("leaving"))) < 1
    assert seen.pop("loops") == ["puffle-watch"]
    assert seen == {"inherited": "stopped", "phase": "STOPPED", "own": "completed", "code": 0}


def test_a_fork_leaves_the_parents_watch_alone(told: dict[str, object]) -> None:
    """It goes on to the true end, on the connection it had, which no child uses."""
    assert told["parent"] == "completed"
    assert told["connections"] == [1, 2]
    assert told["shared"] is False
