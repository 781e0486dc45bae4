"""What ``%config PuffleMagics`` accepts: a setting is checked when it is set, in the words of its owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

Check = Callable[[Any], Any]


def checked(check: Check, value: object) -> Any:
    """``check(value)``; when it is refused a TraitError, after which alone %config keeps the old value."""
    try:
        return check(value)
    except ValueError as error:
        raise traitlets.TraitError(str(error)) from None


def check_interval(value: object) -> float:
    """See `puffle_jupyter.watching.registry.check_interval`."""
    from .watching.registry import check_interval

    return check_interval(value)


def check_timeout(value: object) -> float | None:
    """See `puffle_jupyter.watching.registry.check_timeout`; None is no timeout."""
    from .watching.registry import check_timeout

    return None if value is None else check_timeout(value)


def use_block(value: object) -> bool | str:
    """Let cells wait, or not, as ``value`` says."""
    from .view.blocking import configure_blocking

    return configure_blocking(value)


def use_redact(value: object) -> str:
    """Cut the named kinds of personal data out of whatever is shown from now on.

    Raises:
        InvalidSetting: a word that is neither "emails" nor "phones".
    """
    from .api.errors import InvalidSetting
    from .view.redact import Personal, redact_also

    known = {kind.value: kind for kind in Personal}
    words = str(value).replace(",", " ").split()
    for word in words:
        if word not in known:
            raise InvalidSetting(f'redact takes "emails", "phones" or both, not {ascii(word)[:60]}.')
    redact_also(frozenset(known[word] for word in words))
    return str(value)


def use_base_url(value: object) -> str | None:
    """Send what is asked from now on to this address; None takes ``PUFFLE_BASE_URL`` or Puffle's."""
    from .api.credentials import check_base_url, session

    session.base_url = None if value is None else check_base_url(value)  # type: ignore[arg-type]
    return session.base_url


CHECKS: dict[str, Check] = {
    "interval": check_interval,
    "timeout": check_timeout,
    "block": use_block,
    "redact": use_redact,
    "base_url": use_base_url,
}
"""What a setting is checked by, and put to use."""
