"""``%%puffle_chat``: ask Puffle from a cell. Which conversation goes on is decided here."""

from __future__ import annotations

import argparse
import keyword
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from .errors import in_one_line
from .line import (
    complete_options,
    parsed,
    refuse_line_break,
    show_here,
    watching_options,
    without_comment,
)
from .message import filled, split_line

if TYPE_CHECKING:
    from ..asking.conversation import Conversation

_NO_FRAME = 1_000_000
"""More than there are frames: `var_expand` then takes the notebook's variables alone, and none of ours."""


class Conversations:
    """The conversations of a kernel, by the address and the name they go by; "" is the one without a name.

    Each address has its own: what was said to the embedded Puffle does not go on at the real one.
    """

    def __init__(self) -> None:
        self._by_name: dict[tuple[str, str], Conversation] = {}

    def choose(self, base_url: str, name: str, conversation_id: str | None, new: bool) -> Conversation:
        """The conversation to send to.

        Args:
            base_url: the address that messages go to.
            name: its name; one that was not used before begins a conversation.
            conversation_id: a UUID, which decides.
            new: begin a conversation.

        Raises:
            InvalidConversationId
        """
        from ..asking.conversation import Conversation
        from ..client.start import check_conversation_id

        if conversation_id is not None:
            wanted = check_conversation_id(conversation_id)
            for (url, _), conversation in self._by_name.items():
                if url == base_url and conversation.id == wanted:
                    return conversation
            return Conversation(wanted, name=name)
        known = None if new else self._by_name.get((base_url, name))
        return known or Conversation(name=name)

    def used(self, base_url: str, name: str, conversation: Conversation) -> None:
        """Note that ``conversation`` goes by this name from now on."""
        self._by_name[base_url, name] = conversation

    def ids(self) -> list[str]:
        """The ids of the conversations."""
        return list(dict.fromkeys(one.id for one in self._by_name.values() if one.id is not None))


@magics_class
class ChatMagics(Magics):
    """Ask Puffle: %puffle_chat, %%puffle_chat."""

    def __init__(self, shell: Any, settings: Any) -> None:
        super().__init__(shell)
        self._shell = shell
        self._settings = settings
        self.conversations = Conversations()

    @magic_arguments()
    @argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="with %%%%puffle_chat: the variable for the RunWatch, and the conversation's name",
    )
    @argument("--new", action="store_true", help="begin a new conversation")
    @argument("--conversation", metavar="UUID", help="go on with this conversation")
    @argument("-f", "--format", action="store_true", help="fill in {name} from the notebook's variables")
    @argument(
        "--once",
        action="store_true",
        default=None,
        help="a message that was sent in this conversation before is not sent again: its run is shown",
    )
    @argument(
        "--stream",
        action="store_true",
        default=None,
        help="follow the answer as it is written; Puffle ends the work when the connection is lost",
    )
    @argument("--no-stream", dest="stream", action="store_false", help="start a run, and poll it")
    @argument("--no-once", dest="once", action="store_false", help="send it, whatever was sent before")
    @watching_options
    @line_cell_magic
    @no_var_expand
    @in_one_line
    def puffle_chat(self, line: str, cell: str | None = None) -> Any:
        """Ask Puffle, and watch the run that works on it. The cell, or the rest of the line, is the message.

        The next message goes on with the conversation. Returns the RunWatch at once.

        Examples:
            %%puffle_chat
            Find fintech founders in Berlin.
            Leave out companies with more than 50 people.

            %puffle_chat Which of them are hiring?
            watch = %puffle_chat --new Who founded Kontovogel?
            %puffle_chat --stream Write to Mara Muster    # the answer as it is written; asks before it acts

            %%puffle_chat berlin -f --once    # variable and conversation "berlin"; Run All sends it once
            Find fintech founders in {city}
        """
        options, message = self._read(line, cell)
        complete_options(options, self._settings)
        if options.stream:
            options.interval = options.timeout = None
            self._wait_where_nobody_decides(options)
        watch = self._send(message, options)
        if options.name is not None:
            self._shell.user_ns[options.name] = watch
        show_here(self._shell, [watch], options)
        return watch

    def _read(self, line: str, cell: str | None) -> tuple[argparse.Namespace, str]:
        """The options and the message; all that can be refused before anything is sent is."""
        from ..background.nested import check_nesting
        from ..client.start import check_message

        if cell is None:
            line, message = split_line(self.puffle_chat.parser, line.strip().removesuffix(";"))
        else:
            message = cell.strip("\n").rstrip()
            _, words = split_line(self.puffle_chat.parser, without_comment(line))
            if len(words.split()) > 1 and " -" not in f" {words}":
                raise UsageError(
                    "%%puffle_chat takes the message from the lines below it: "
                    "for a message in one line write %puffle_chat, with one percent sign."
                )
        line = self._shell.var_expand(line, _NO_FRAME)
        refuse_line_break(line, "Options have none: strip the variable.")
        options = self._options(line, cell is not None)
        if options.format:
            message = filled(message, self._shell.user_ns)
        if options.nested:
            check_nesting()
        return options, check_message(message)

    def _options(self, line: str, in_cell: bool) -> argparse.Namespace:
        magic = "%%puffle_chat" if in_cell else "%puffle_chat"
        options = parsed(self.puffle_chat, line, magic)
        if options.name is not None and (not options.name.isidentifier() or keyword.iskeyword(options.name)):
            raise UsageError(
                f"{magic} takes the name of a variable, not {ascii(options.name)[:60]}: "
                "the message is in the lines below; for a message in one line write %puffle_chat."
            )
        if options.new and options.conversation is not None:
            raise UsageError("--new begins a conversation and --conversation goes on with one: choose one.")
        if options.new and options.once:
            raise UsageError(
                "--new sends the message in a new conversation each time, --once only once: choose one."
            )
        if options.stream and options.once:
            raise UsageError(
                "--once shows the run of a message that was sent before, and a stream has none: choose one."
            )
        if options.stream and (options.interval is not None or options.timeout is not None):
            raise UsageError("--stream is not polled: leave out -i and -t.")
        if options.once is None:
            options.once = self._settings.once and not options.stream
        if options.stream is None:
            options.stream = self._settings.stream and not options.once
        return options

    def _wait_where_nobody_decides(self, options: argparse.Namespace) -> None:
        """Wait within the cell where no person is, so that a call that waits for approval fails it."""
        from ..display.front_end import front_end_of

        if options.block is None and not front_end_of(self._shell).has_person:
            options.waits = True

    def _send(self, message: str, options: argparse.Namespace) -> Any:
        """Send it in the conversation that is meant.

        With ``--once`` that is the one in which this cell sent it before: when all cells run again, the
        conversation that goes by the cell's name is the last one that did.
        """
        from ..asking.sending import conversation_of
        from ..client.credentials import Account

        base_url = Account.find().base_url
        name = options.name or ""
        conversation = self.conversations.choose(base_url, name, options.conversation, options.new)
        if options.once and options.conversation is None:
            earlier = conversation_of(message, base_url, name, conversation.id)
            if earlier is not None and earlier != conversation.id:
                conversation = self.conversations.choose(base_url, name, earlier, False)
        try:
            watch = conversation.send(
                message,
                stream=options.stream,
                once=options.once,
                interval=options.interval,
                timeout=options.timeout,
            )
        except KeyboardInterrupt:  # the request goes on, and the conversation gets its id
            self.conversations.used(base_url, name, conversation)
            raise
        self.conversations.used(base_url, name, conversation)
        return watch
