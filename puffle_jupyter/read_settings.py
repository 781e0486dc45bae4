"""Settings as a user writes them: in ``%config``, in Python or in an environment variable."""

from __future__ import annotations

from .errors import InvalidSetting
from .settings import Personal, TranscriptSetting

_WORDS: dict[str, bool | None] = {"auto": None, "true": True, "1": True, "false": False, "0": False}


def read_choice(name: str, value: object) -> bool | None:
    """Read a setting that is "auto" (None), True or False, in any form that ``%config`` or a shell has.

    Args:
        name: what the error calls it.
        value: as the user wrote it.

    Raises:
        InvalidSetting: it is none of the three.
    """
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise InvalidSetting(f'{name} must be "auto", True or False, not {ascii(value)[:60]}.')
    return _WORDS[word]


def read_transcript(value: object) -> TranscriptSetting:
    """Read the setting ``transcript``.

    Raises:
        InvalidSetting: it is not "auto", "open" or "closed".
    """
    try:
        return TranscriptSetting(value)
    except ValueError:
        raise InvalidSetting(
            f'transcript must be "auto", "open" or "closed", not {ascii(value)[:60]}.'
        ) from None


def read_redact(value: object) -> frozenset[Personal]:
    """Read the setting ``redact``: words with spaces or commas between them.

    Raises:
        InvalidSetting: a word that is neither "emails" nor "phones".
    """
    known = {kind.value: kind for kind in Personal}
    words = str(value).replace(",", " ").split()
    for word in words:
        if word not in known:
            raise InvalidSetting(f'redact takes "emails", "phones" or both, not {ascii(word)[:60]}.')
    return frozenset(known[word] for word in words)
