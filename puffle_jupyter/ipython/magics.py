"""The magics: parse, build, hand over.

Only IPython is imported here. What needs httpx, msgspec or ipywidgets is imported when a magic is first
called: ``%load_ext`` must cost nothing.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import traitlets
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.core.magic_arguments import magic_arguments

from ..printing import say
from ..watching import newcomers
from . import completion
from .approvals import ApprovalMagics
from .chat import ChatMagics
from .demo import Demo
from .diff import DiffMagics
from .each import EachMagics
from .errors import in_one_line
from .key_prompt import ask_for_key
from .leaving import leave_after_cell, stay
from .line import (
    complete_options,
    parsed,
    refuse_line_break,
    refuse_run_id_as_seconds,
    show_board_here,
    show_here,
    watching_options,
    without_comment,
)
from .many import notify_if_asked, options_of_many, run_board, two_at_most
from .message import keep_question_marks
from .runs import RunsMagics, note_watch
from .settings import CHECKS, USES, check_names, checked, refuse_base_url, take_out_refused

if TYPE_CHECKING:
    from ..watching.watch import RunWatch


_MAGICS = {
    "line": (
        *("puffle_wait", "puffle_chat", "puffle_runs", "puffle_diff"),
        *("puffle_approvals", "puffle_login", "puffle_demo"),
    ),
    "cell": ("puffle_chat", "puffle_each"),
}


@magics_class
class PuffleMagics(Magics):
    """Ask Puffle and watch its runs: %puffle_chat, %puffle_wait, %puffle_login, %puffle_demo."""

    interval = traitlets.Any(1.5, help="Seconds between two polls of a run; at least 0.1.").tag(config=True)
    timeout = traitlets.Any(
        None, allow_none=True, help="Seconds after which to stop watching; None watches until the run ends."
    ).tag(config=True)
    block = traitlets.Any(
        "auto",
        help='Whether %puffle_wait waits for the end: True, False, or "auto", which waits where what comes '
        "after the cell would not be shown (papermill, nbconvert, jupyter execute, Colab).",
    ).tag(config=True)
    updates = traitlets.Any(
        "auto",
        help='Whether the front end can change an output after it was shown: True, False, or "auto", which '
        "looks at the facts of the request. Where it cannot (jupyter console, qtconsole), the cell waits and "
        "the end is a new output.",
    ).tag(config=True)
    transcript = traitlets.Any(
        "auto",
        help='How a watched run is shown when it has ended: "open" with the whole answer and the open '
        'transcript, "closed" with the beginning of the answer and the transcript folded, or "auto": closed '
        "where a run ends while you are in another cell, so that the output grows by 320 px at most, and "
        "open where the run had ended before, where the cell waits for it, and where nobody watches.",
    ).tag(config=True)
    base_url = traitlets.Any(
        None, allow_none=True, help="Puffle's address; None takes PUFFLE_BASE_URL or https://app.puffle.ai."
    ).tag(config=True)

    redact = traitlets.Any(
        "", help='What to cut out of transcripts and exports besides keys: "emails", "phones" or both.'
    ).tag(config=True)

    once = traitlets.Any(
        False,
        help="Whether a message that was sent in its conversation before is not sent again by %%puffle_chat, "
        "which then shows the run of that time: True, False.",
    ).tag(config=True)
    stream = traitlets.Any(
        False,
        help="Whether %%puffle_chat follows the answer as it is written, in place of polling a run: "
        "True, False. Puffle ends the work of a stream when the connection is lost, and after 120 s.",
    ).tag(config=True)
    notes = traitlets.Any(
        "auto",
        help="Whether a message is noted in a file before it is sent (time, run, conversation, notebook, "
        'and a hash of the message): True, False, or "auto", which takes PUFFLE_NOTES, else True.',
    ).tag(config=True)
    responsive = traitlets.Any(
        True,
        help="Whether Python's switch interval and garbage collection are changed while a transcript is "
        "rendered, so that polls and other threads wait less: True, False.",
    ).tag(config=True)

    def __init__(self, shell: Any, **settings: Any) -> None:
        super().__init__(shell, **settings)
        self._demo = Demo()
        self.chat = ChatMagics(shell, self)
        others = (kind(shell) for kind in (ApprovalMagics, RunsMagics, DiffMagics))
        self.others = (self.chat, EachMagics(shell, self), *others)

    @magic_arguments()
    @options_of_many
    @watching_options
    @line_magic
    @in_one_line
    def puffle_wait(self, line: str) -> Any:
        """Watch Puffle runs: a live badge here, the transcript when they completed.

        Returns a RunWatch, a list of two, or a RunBoard of more, at once: go on working in other cells.

        Examples:
            %puffle_wait run_abc
            watch = %puffle_wait run_abc      # then: watch.result(), watch.calls, await watch
            %puffle_wait run_a run_b          # both, in one cell
            board = %puffle_wait --from ids   # a table: of a list, a DataFrame's column or a file
            %puffle_wait run_a run_b run_c --layout columns    # side by side
            %puffle_wait {run_id} -t 300      # the id from a variable
            %puffle_wait run_abc --check      # wait, and fail the cell if the run failed
            %puffle_wait --resume             # after a restart: the unfinished runs of this notebook
        """
        from ..watching.watches import RunWatches

        refuse_line_break(line, "Run ids have none: strip the variable.")
        options = parsed(self.puffle_wait, line, "%puffle_wait")
        complete_options(options, self)
        run_ids = two_at_most(options)
        if run_ids is None:
            board = run_board(self.shell, options)
            notify_if_asked(options, list(board))
            show_board_here(self.shell, board, options)
            return board
        watches = self._watches(run_ids, options)
        notify_if_asked(options, watches)
        show_here(self.shell, watches, options)
        return watches[0] if len(watches) == 1 else RunWatches(watches)

    @line_magic
    @in_one_line
    def puffle_login(self, line: str) -> None:
        """Ask for the Puffle API key, without echo, and keep it for this kernel.

        It is kept in memory only. To have it in every kernel, set PUFFLE_API_KEY before starting Jupyter.
        """
        from ..client.credentials import ApiKey, session

        if without_comment(line):
            raise UsageError(
                "%puffle_login takes no argument: it asks for the key. "
                "If you typed the key into the cell, clear the cell and replace that key in Puffle: "
                "it is now in this kernel's history."
            )
        key = ApiKey(ask_for_key().strip())
        if self._demo.running:
            self._stop_demo()  # the key is for Puffle, not for the embedded one
        session.api_key = key
        if key.looks_like_puffles:
            say("Key kept for this kernel. Now: %puffle_wait run_…")
        else:
            say("Key kept for this kernel; it does not look like a Puffle key (pk_live_…).")
            say("If it is another text, run %puffle_login again.")

    @line_magic
    @in_one_line
    def puffle_demo(self, line: str) -> None:
        """Start or stop the embedded Puffle: a server in this kernel, with runs to try. No account needed.

        Usage: %puffle_demo [start|stop|runs]

        ``runs`` lists its runs.
        """
        word = without_comment(line) or "start"
        if word == "start":
            self._demo.start()
        elif word == "stop":
            self._stop_demo()
        elif word == "runs":
            self._demo.say_runs()
        else:
            raise UsageError(f"%puffle_demo takes start, stop or runs, not {ascii(word)[:60]}.")

    def update_config(self, config: Any) -> None:
        """Take what ``%config`` says; of an address that was refused, `refuse_base_url`."""
        settings = config.get(type(self).__name__, {})
        try:
            check_names(settings)
            super().update_config(config)
        except Exception as error:
            refuse_base_url(settings, error)
            raise
        for name in settings:
            self._use(name)  # the same value once more is no change, and a choice nevertheless

    @traitlets.validate(*CHECKS)
    def _validate(self, proposal: Any) -> Any:
        return checked(CHECKS[proposal.trait.name], proposal.value)

    @traitlets.observe(*USES)
    def _changed(self, change: Any) -> None:
        self._use(change.name)

    def _use(self, name: str) -> None:
        if name in USES:
            USES[name](getattr(self, name))

    def close(self) -> None:
        """Stop every watch and the embedded Puffle: what ``%unload_ext`` calls."""
        from .ending import end_all

        self._demo.stop()
        end_all(self.shell)

    def _watches(self, run_ids: list[str], options: argparse.Namespace) -> list[RunWatch]:
        """A watch for each id; every id is checked before anything is sent."""
        from ..run_data import check_run_id
        from ..watching.registry import watch

        if not run_ids:
            refuse_run_id_as_seconds(options)
            raise UsageError("%puffle_wait needs a run id, such as: %puffle_wait run_abc")
        for run_id in run_ids:
            check_run_id(run_id)
        return [watch(run_id, interval=options.interval, timeout=options.timeout) for run_id in run_ids]

    def _stop_demo(self) -> None:
        was_running = self._demo.running
        self._demo.stop()
        say("Embedded Puffle stopped." if was_running else "The embedded Puffle is not running.")


def load(shell: Any) -> None:
    """Register the magics with ``shell`` and make them configurable by ``%config``."""
    if _loaded(shell) is not None:
        return
    magics = stay(shell)
    if magics is None:
        for reason in take_out_refused(shell.config.get(PuffleMagics.__name__, {})):
            say(f"A setting of PuffleMagics is left at its default. {reason}")
        magics = PuffleMagics(shell)  # which also makes it one of the shell's configurables
    else:  # %reload_ext: with its settings, its watches, its conversations and its embedded Puffle
        shell.configurables += [magics, *magics.others]
    shell.register_magics(magics, *magics.others)
    shell.input_transformers_cleanup.append(keep_question_marks)
    newcomers.tell(note_watch)
    completed = {
        PuffleMagics.puffle_wait: completion.known_run_ids,
        DiffMagics.puffle_diff: completion.known_run_ids,
        EachMagics.puffle_each: list[str],
        ChatMagics.puffle_chat: magics.chat.conversations.ids,
    }
    for magic, words in completed.items():
        completion.register(shell, magic.__name__, magic.parser.format_help, words)


def unload(shell: Any) -> None:
    """Take the magics away, and at the end of the cell stop what they started."""
    magics = _loaded(shell)
    if magics is None:
        return
    for name in ("puffle_wait", "puffle_diff", "puffle_each", "puffle_chat"):
        completion.unregister(shell, name)
    shell.input_transformers_cleanup.remove(keep_question_marks)
    newcomers.tell_no_more(note_watch)
    for one in (magics, *magics.others):
        shell.configurables.remove(one)
        shell.magics_manager.registry.pop(type(one).__name__, None)
    for kind, names in _MAGICS.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
    leave_after_cell(shell, magics)


def _loaded(shell: Any) -> Any:
    return next((item for item in shell.configurables if type(item).__name__ == PuffleMagics.__name__), None)
