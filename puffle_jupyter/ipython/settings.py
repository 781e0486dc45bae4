"""What ``%config PuffleMagics`` accepts, in the words of each setting's owner, and what it does.

Checking and using are two things: traitlets checks a value that it may still take back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import traitlets

Check = Callable[[Any], Any]
Use = Callable[[Any], None]


def checked(check: Check, value: object) -> Any:
    """``check(value)``; when it is refused a TraitError, after which alone %config keeps the old value."""
    try:
        return check(value)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None


def check_interval(value: object) -> float:
    """See `puffle_jupyter.watching.intervals.check_interval`."""
    from ..watching.intervals import check_interval

    return check_interval(value)


def check_timeout(value: object) -> float | None:
    """See `puffle_jupyter.watching.intervals.check_timeout`; None is no timeout."""
    from ..watching.intervals import check_timeout

    return None if value is None else check_timeout(value)


def check_block(value: object) -> bool | str:
    """See `puffle_jupyter.read_settings.read_choice`."""
    from ..read_settings import read_choice

    return _choice(read_choice("block", value))


def check_updates(value: object) -> bool | str:
    """See `puffle_jupyter.read_settings.read_choice`."""
    from ..read_settings import read_choice

    return _choice(read_choice("updates", value))


def check_transcript(value: object) -> str:
    """See `puffle_jupyter.read_settings.read_transcript`."""
    from ..read_settings import read_transcript

    return read_transcript(value).value


def check_redact(value: object) -> str:
    """See `puffle_jupyter.read_settings.read_redact`."""
    from ..read_settings import read_redact

    read_redact(value)
    return str(value)


def check_base_url(value: object) -> str | None:
    """See `puffle_jupyter.client.credentials.check_base_url`; None takes ``PUFFLE_BASE_URL`` or Puffle's."""
    from ..client.credentials import check_base_url

    return None if value is None else check_base_url(value)  # type: ignore[arg-type]


def check_once(value: object) -> bool:
    """See `puffle_jupyter.read_settings.read_choice`; there is no "auto"."""
    return _yes_or_no("once", value)


def check_stream(value: object) -> bool:
    """See `puffle_jupyter.read_settings.read_choice`; there is no "auto"."""
    return _yes_or_no("stream", value)


def _yes_or_no(name: str, value: object) -> bool:
    from ..errors import InvalidSetting
    from ..read_settings import read_choice

    decided = read_choice(name, value)
    if decided is None:
        raise InvalidSetting(f"{name} must be True or False.")
    return decided


def check_notes(value: object) -> bool | str:
    """See `puffle_jupyter.read_settings.read_choice`."""
    from ..read_settings import read_choice

    return _choice(read_choice("notes", value))


def check_responsive(value: object) -> bool:
    """See `puffle_jupyter.read_settings.read_choice`; there is no "auto"."""
    return _yes_or_no("responsive", value)


def use_responsive(value: object) -> None:
    """Let rendering change the interpreter's settings meanwhile, or leave them alone."""
    from ..settings import current_settings

    current_settings.change(responsive=_yes_or_no("responsive", value))


def use_notes(value: object) -> None:
    """Note messages in a file before they are sent, or not, as ``value`` says."""
    from ..read_settings import read_choice
    from ..settings import current_settings

    current_settings.change(notes=read_choice("notes", value))


def use_block(value: object) -> None:
    """Let cells wait, or not, as ``value`` says."""
    from ..read_settings import read_choice
    from ..settings import current_settings

    current_settings.change(block=read_choice("block", value))


def use_updates(value: object) -> None:
    """Take the front end for one that can, or cannot, change an output."""
    from ..read_settings import read_choice
    from ..settings import current_settings

    current_settings.change(updates=read_choice("updates", value))


def use_transcript(value: object) -> None:
    """Show runs that end open or closed, as ``value`` says."""
    from ..read_settings import read_transcript
    from ..settings import current_settings

    current_settings.change(transcript=read_transcript(value))


def use_redact(value: object) -> None:
    """Remove the named kinds of personal data from everything that is shown from now on."""
    from ..read_settings import read_redact
    from ..settings import current_settings

    current_settings.change(redact=read_redact(value))


def use_base_url(value: str | None) -> None:
    """Send what is asked from now on to this address."""
    from ..client.credentials import session

    session.choose_address(value)


def check_names(settings: Mapping[str, object]) -> None:
    """Refuse a setting that does not exist, where traitlets only warns.

    Raises:
        InvalidSetting: a name that is none of `CHECKS`.
    """
    from ..errors import InvalidSetting

    for name in settings:
        if name not in CHECKS:
            raise InvalidSetting(f"PuffleMagics has no setting {name!r}: there are {', '.join(CHECKS)}.")


def take_out_refused(settings: MutableMapping[str, Any]) -> list[str]:
    """Take out of ``settings`` what cannot be used, since with it the magics could not be made at all.

    IPython keeps a value that ``%config`` refused, and a profile may hold one. Of an address that is
    refused, see `refuse_base_url`.

    Returns:
        Why each was refused.
    """
    reasons = []
    for name, value in list(settings.items()):
        try:
            if name in CHECKS:
                CHECKS[name](value)
        except ValueError as error:
            del settings[name]
            refuse_base_url({name: value}, error)
            reasons.append(str(error))
    return reasons


def refuse_base_url(settings: Mapping[str, object], error: Exception) -> None:
    """Send nothing more when ``settings``, refused for ``error``, were to change the address.

    %config prints an error and the cell goes on: its next line would send the key to another address
    than the one that was asked for.
    """
    meant = "base_url" in settings or any(
        "://" in str(value) for name, value in settings.items() if name not in CHECKS
    )
    if meant:
        from ..client.credentials import session

        session.refuse_address(str(error))


def _choice(value: bool | None) -> bool | str:
    return "auto" if value is None else value


CHECKS: dict[str, Check] = {
    "interval": check_interval,
    "timeout": check_timeout,
    "block": check_block,
    "updates": check_updates,
    "transcript": check_transcript,
    "redact": check_redact,
    "once": check_once,
    "stream": check_stream,
    "notes": check_notes,
    "responsive": check_responsive,
    "base_url": check_base_url,
}
"""What a setting is checked by."""

USES: dict[str, Use] = {
    "block": use_block,
    "updates": use_updates,
    "transcript": use_transcript,
    "redact": use_redact,
    "notes": use_notes,
    "responsive": use_responsive,
    "base_url": use_base_url,
}
"""What is done with a setting that was accepted; the others are looked up when they are needed."""
