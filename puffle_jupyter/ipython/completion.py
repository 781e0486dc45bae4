"""Tab completion behind a magic: its options, and the runs or conversations that this kernel knows.

IPython's ``complete_command`` hook is used, which IPython 7.34 to 9 have. It is registered by a pattern for
the whole line, since ``watch = %puffle_wait run_`` does not begin with the magic.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_HOOK = "complete_command"
_LINE = r"(?:[\w\s,.\[\]]+=)?\s*%{{1,2}}{name}\s"
_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def register(shell: Any, name: str, options_of: Callable[[], str], words_of: Callable[[], list[str]]) -> None:
    """Complete the magic ``name`` in ``shell``.

    Args:
        shell: an InteractiveShell.
        name: the magic's name, without a percent sign.
        options_of: returns the help text of the magic's parser, which names every option.
        words_of: returns what else to offer: ids that this kernel knows.
    """

    def complete(_: Any, event: Any) -> list[str]:
        if event.symbol.startswith("-"):
            return options_in(options_of())
        return words_of()

    shell.set_hook(_HOOK, complete, re_key=_LINE.format(name=name))


def unregister(shell: Any, name: str) -> None:
    """Complete it no more; may be called again."""
    hooks = getattr(shell, "strdispatchers", {}).get(_HOOK)
    if hooks is not None:
        hooks.regexs.pop(re.compile(_LINE.format(name=name)), None)


def options_in(help_text: str) -> list[str]:
    """The options that the help of an argparse parser names, each once.

    >>> options_in("  -i <S>, --interval <S>  seconds between polls")
    ['-i', '--interval']
    """
    lines = (line.strip() for line in help_text.splitlines())
    heads = (line.partition("  ")[0] for line in lines if line.startswith("-"))
    return list(dict.fromkeys(option for head in heads for option in _OPTION.findall(head)))


def known_run_ids() -> list[str]:
    """The run ids that were watched in this kernel, and those of the embedded Puffle while it runs."""
    from ..client.credentials import session
    from ..watching.registry import registry

    known = registry.run_ids()
    if session.demo is not None:
        from ..demo.runs import AGAIN, RUNS

        known += [*RUNS, *AGAIN]
    return list(dict.fromkeys(known))
