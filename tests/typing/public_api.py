"""Every public name, used as a type checker must understand it: checked by mypy, never run."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any, assert_type

import httpx
from distributed import Client
from IPython.core.interactiveshell import InteractiveShell

import puffle_jupyter
from puffle_jupyter import (
    ApiKey,
    ApprovalNeeded,
    AsyncPuffleClient,
    BadRequest,
    BlockingChatStream,
    CannotWaitHere,
    ChatStream,
    ConnectionFailed,
    Conversation,
    ConversationNotFound,
    EachBoard,
    FileExists,
    Forbidden,
    InvalidApiKey,
    InvalidConversationId,
    InvalidExport,
    InvalidMessage,
    InvalidRun,
    InvalidRunId,
    InvalidSearch,
    InvalidSetting,
    MessageTooLarge,
    MissingApiKey,
    MissingExtra,
    NoSuchTable,
    NoSuchToolCall,
    NotATable,
    NotPending,
    NotSent,
    PuffleClient,
    PuffleError,
    RateLimited,
    ResponseError,
    Run,
    RunBoard,
    RunCancelled,
    RunDiff,
    RunDiffs,
    RunFailed,
    RunNotCompleted,
    RunNotEnded,
    RunNotFound,
    RunStatus,
    RunWatch,
    RunWidget,
    ServerError,
    StartedRun,
    StartNotConfirmed,
    StreamUnfinished,
    Table,
    Tables,
    TranscriptWidget,
    Unauthorized,
    UnexpectedStatus,
    UnreadableAnswer,
    WaitTimeout,
    WatchEvent,
    WatchEventKind,
    WatchStopped,
    calls_frame,
    chat,
    diff,
    diff_many,
    each,
    load_ipython_extension,
    messages_frame,
    runs_frame,
    unload_ipython_extension,
    watch,
)
from puffle_jupyter.distributed import Harvest, Part, fetch_runs
from puffle_jupyter.distributed import each as each_on_cluster
from puffle_jupyter.transcript.model import Transcript


def a_client(context: ssl.SSLContext, transport: httpx.AsyncBaseTransport) -> None:
    with PuffleClient("pk_live_…", "https://puffle.example", deadline=5, verify=context) as client:
        assert_type(client, PuffleClient)
        assert_type(client.get_run("run_a"), Run)
        assert_type(client.base_url, str)
    PuffleClient(api_key=ApiKey("pk_live_…"), body_limit=1000, transport=transport).close()


async def an_async_client() -> None:
    async with AsyncPuffleClient() as client:
        assert_type(client, AsyncPuffleClient)
        assert_type(await client.get_run("run_a"), Run)


async def asking(client: PuffleClient, asynchronous: AsyncPuffleClient) -> None:
    history = [{"role": "user", "content": "x"}]
    started = client.start_chat("x", history=history, conversation_id=None)
    assert_type(started, StartedRun)
    assert_type(await asynchronous.start_chat("x"), StartedRun)
    stream = asynchronous.stream_chat("x", history=history, conversation_id=None)
    assert_type(stream, ChatStream)
    async with stream:
        async for transcript in stream:
            assert_type(transcript, Transcript)
    assert_type(stream.conversation_id, "str | None")
    with client.stream_chat("x", history=history, conversation_id=None) as blocking:
        assert_type(blocking, BlockingChatStream)
        for transcript in blocking:
            assert_type(transcript, Transcript)
    assert_type(blocking.conversation_id, "str | None")
    assert_type(started.run_id, str)
    assert_type(started.status, RunStatus)
    assert_type(started.conversation_id, "str | None")
    conversation = Conversation(started.conversation_id, client=client)
    assert_type(conversation.send("x", once=True, interval=1, timeout=None), RunWatch)
    assert_type(conversation.id, "str | None")
    assert_type(conversation.turn, "int | None")
    watching = chat("x", conversation=conversation, once=False, client=client)
    assert_type(watching, RunWatch)
    assert_type(Conversation.of(watching), "Conversation | None")


def comparing(run: Run, watching: RunWatch) -> None:
    found = diff(run, watching, key="leadId")
    assert_type(found, RunDiff)
    assert_type(found.sentence, str)
    assert_type(found.is_empty, bool)
    assert_type(found.before, Run)
    assert_type(found.calls[0].kind.value, str)
    assert_type(len(found.rows[0].gained), int)
    assert_type(found.text[0].pieces[0].text, str)
    assert_type(found.to_html() + found.to_markdown() + found.to_text(), str)
    many = diff_many(run, [run, watching])
    assert_type(many, RunDiffs)
    assert_type(many[0], RunDiff)
    assert_type(many[:1], RunDiffs)
    assert_type(many.to_html() + many.to_markdown() + many.to_text(), str)
    assert_type(many.to_frame(), Any)


def a_run(run: Run) -> None:
    assert_type(Run.from_json(b"{}"), Run)
    assert_type(Run.from_dict({}), Run)
    assert_type(run.run_id, str)
    assert_type(run.status, RunStatus)
    assert_type(run.status.is_terminal, bool)
    assert_type(run.text, "str | None")
    assert_type(run.error, "str | None")
    assert_type(run.messages, list[dict[str, Any]])
    assert_type(run.tool_calls, list[dict[str, Any]])
    assert_type(run.to_dict(), dict[str, Any])
    assert_type(run.to_html(), str)
    assert_type(run.to_html("calls", id_prefix="a-"), str)
    assert_type(run.to_markdown("compact"), str)
    assert_type(run.save("run.html", overwrite=True), Path)
    assert_type(run.to_text(), str)
    assert_type(run.calls.names, list[str])
    assert_type(run.calls["search_leads"][0].name, str)
    assert_type(run.grep(re.compile("a"))[0].place, str)
    assert_type([message.role for message in run.transcript.messages], list[str])
    assert_type(run.explore(), None)
    assert_type(run.tables, Tables)
    assert_type(run.tables["search_leads"], Table)
    assert_type(run.tables[0].to_csv("leads.csv", overwrite=True), Path)
    assert_type(run.tables.names, list[str])


def a_board(client: PuffleClient) -> None:
    board = RunBoard(
        ["run_a", "run_b"], labels={"run_a": "Berlin"}, layout="columns", client=client, on_done=print
    )
    assert_type(board.wait(1.0), RunBoard)
    asked = each([{"city": "Berlin"}], "Who is hiring in {city}?", client=client, confirm=True, at_once=2)
    assert_type(asked, EachBoard)
    assert_type(asked.wait(), EachBoard)
    asked.settle(0, "run_abc")
    assert_type(each([], "{city}", dry_run=True), None)
    assert_type(board["run_a"], RunWatch)
    assert_type(board[0], RunWatch)
    assert_type(list(board.as_completed()), list[RunWatch])
    assert_type(board.failed, list[RunWatch])
    assert_type(board.rows("search_leads", key="leadId"), Table)
    for frame in (runs_frame, calls_frame, messages_frame):
        frame(board), frame([run for one in board if (run := one.run)])
    assert_type(board.stop(), None)
    assert_type(board.show(), None)


def a_watch(client: PuffleClient) -> None:
    watching = watch("run_a", client=client, interval=1, timeout=None)
    assert_type(watching, RunWatch)
    assert_type(watching.wait(1.0, nested=True), Run)
    assert_type(watching.result(), str)
    assert_type(watching.run, "Run | None")
    assert_type(watching.status, RunStatus)
    assert_type(watching.done, bool)
    assert_type(watching.stop(), None)
    assert_type(watching.text, "str | None")
    assert_type(watching.error, "str | None")
    assert_type(watching.messages, list[dict[str, Any]])
    assert_type(watching.tool_calls, list[dict[str, Any]])
    assert_type(watching.raw, dict[str, Any])
    assert_type(watching.calls["search_leads"][0].name, str)
    assert_type(watching.grep("acme")[0].place, str)
    assert_type([message.role for message in watching.transcript.messages], list[str])
    assert_type(watching.to_html(), str)
    assert_type(watching.explore(), None)
    watching.add_done_callback(lambda done: assert_type(done, RunWatch))
    event = watching.history[-1]
    assert_type(event, WatchEvent)
    assert_type(event.what, WatchEventKind)
    assert_type(event.seconds, float)


async def an_awaited_watch(watching: RunWatch) -> None:
    assert_type(await watching, Run)


def widgets(run: Run) -> None:
    widget = RunWidget("run_a", quiet=True)
    assert_type(widget, RunWidget)
    assert_type(widget.watch, RunWatch)
    transcript = TranscriptWidget(run)
    assert_type(transcript, TranscriptWidget)
    assert_type(transcript.find("acme"), int)
    assert_type(transcript.expand_all(), None)


def errors(error: PuffleError) -> str:
    """Every class of the tree, and what it carries."""
    if isinstance(error, NotSent):
        kinds: list[type[NotSent]] = [
            *(InvalidRunId, InvalidSetting, MissingApiKey, InvalidApiKey),
            *(InvalidMessage, InvalidConversationId, NotPending),
        ]
        return str(kinds)
    if isinstance(error, RunNotCompleted):
        assert_type(error.run, Run)
        assert_type(error.run_id, str)
        ends: list[type[RunNotCompleted]] = [RunFailed, RunCancelled]
        return str(ends)
    if isinstance(error, ResponseError):
        assert_type(error.status_code, int)
        assert_type(error.retry_after, "float | None")
        answers: list[type[ResponseError]] = [
            *(BadRequest, Unauthorized, Forbidden, RunNotFound, RateLimited),
            *(ServerError, UnexpectedStatus, UnreadableAnswer, ConversationNotFound, MessageTooLarge),
        ]
        return str(answers)
    if isinstance(error, StartNotConfirmed):
        assert_type(error.conversation_id, "str | None")
    if isinstance(error, StreamUnfinished):
        assert_type(error.transcript, Transcript)
        assert_type(error.conversation_id, "str | None")
    others: list[type[PuffleError]] = [
        *(ConnectionFailed, WaitTimeout, WatchStopped, RunNotEnded, CannotWaitHere, ApprovalNeeded),
        *(InvalidRun, NoSuchToolCall, NotATable, MissingExtra),
        *(NoSuchTable, FileExists, InvalidExport),
    ]
    return str(others)


def many_machines(client: Client, puffle: PuffleClient) -> None:
    harvest = fetch_runs(["run_a"], folder="harvest")
    assert_type(harvest, Harvest)
    assert_type(fetch_runs(harvest.runs(), client, folder=Path(), rows_per_file=10, at_once=4), Harvest)
    assert_type(fetch_runs("run_a", puffle, folder="x", per_second=5, on_part=one_part), Harvest)
    assert_type(harvest.parts, tuple[Part, ...])
    assert_type(harvest.remarks, tuple[str, ...])
    assert_type(harvest.paths, list[Path])
    assert_type(harvest.unfinished + len(harvest), int)
    assert_type(harvest.to_frame(), Any)
    assert_type(each_on_cluster([{}], "{a}", client=client, name="x", at_once=2), EachBoard)


def one_part(part: Part) -> None:
    assert_type(part.path, Path)
    assert_type(part.runs + part.unfinished, int)
    assert_type(part.is_new, bool)


def built_in_errors() -> None:
    values: list[type[ValueError]] = [
        *(InvalidRunId, InvalidSearch, InvalidSetting, InvalidApiKey, InvalidRun, NotATable),
        *(InvalidMessage, InvalidConversationId, NotPending, InvalidExport),
    ]
    timeouts: list[type[TimeoutError]] = [WaitTimeout]
    keys: list[type[KeyError]] = [NoSuchToolCall, NoSuchTable]
    files: list[type[FileExistsError]] = [FileExists]
    imports: list[type[ImportError]] = [MissingExtra]
    runtime: list[type[RuntimeError]] = [CannotWaitHere]
    print(values, timeouts, keys, files, imports, runtime)


def the_extension(shell: InteractiveShell) -> None:
    assert_type(load_ipython_extension(shell), None)
    assert_type(unload_ipython_extension(shell), None)
    assert_type(puffle_jupyter.__version__, str)
