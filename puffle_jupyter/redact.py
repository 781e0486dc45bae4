"""Credentials never reach a reader: keys and bearer tokens are cut out of everything rendered or exported.

An agent may quote the key it was called with, and a saved notebook is passed on. E-mail addresses and phone
numbers, which a sales tool is about, are cut out only when the user asks for it. They are looked for in the
text as it is read in the end (`as_read`), so none passes because it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .as_read import as_read, as_written
from .settings import Personal, current_settings

# Marks of emphasis and code are not read: pk_live_**abc**.
_MARKS = "[*`~]*"
_KEY = re.compile(rf"pk_live_(?:{_MARKS}[A-Za-z0-9_-])+")
# RFC 6750, section 2.1: "Bearer" and a b64token. Words that follow "bearer" in prose are no tokens.
_BEARER = re.compile(
    r"\b(bearer)([\s+]+[*`\"']*)"
    r"(?!(?:tokens?|auth|authentication|authorization|scheme|headers?|keys?|format)\b(?![.~/+=-]?\w))"
    r"([A-Za-z0-9._~+/-]{4,}=*)",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# An international number, a national one in parts, a North American one; dates and ids are none of them.
_PHONE = re.compile(
    r"(?<![\w.+-])(?:"
    r"\+\d[\d ()./-]{6,18}\d"
    r"|\(?0\d{1,5}\)?(?: ?[/-] ?| )\d[\d -]{4,12}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r")(?!\w)"
)
_PROSE = re.compile(r"[a-z]{1,15}[.]?")


def _hexadecimal(numbers: Iterable[str]) -> str:
    """A pattern for any of the ``numbers``, in small letters and capitals."""
    return re.sub("[a-f](?![^[]*])", lambda digit: f"[{digit[0]}{digit[0].upper()}]", "|".join(numbers))


# The letters by which a key, a token or an address is known, and invisible characters among them: if none
# is written as an escape there is nothing to resolve. All this is to find that out in next to no time.
_LETTERS = sorted({*"pk_live_", *"bearer", *"BEARER", "@"})
_SPELLED_HEXADECIMAL = _hexadecimal(f"{ord(letter):x}" for letter in _LETTERS)
_CONTROLS = "0[0-8bBcCeEfF]|1[0-9A-Fa-f]|7[fF]|[89][0-9A-Fa-f]"
_SURROGATES = "d[89a-f]\\w\\w"
_HIDDEN_NUMBERS = (_SURROGATES, "00ad", "034f", "061c", "11[56]\\w", "17b\\w", "180\\w", "20[0-6]\\w", "3164")
_HIDDEN_HEXADECIMAL = _hexadecimal((*_HIDDEN_NUMBERS, "fe0\\w", "feff", "fff\\w", "ffa0", "db40"))
# Of numbers of characters in HTML, all but those that are written so most often: line feed, " & ' < >.
_PLAIN_NUMBERS = "0*(?:10|34|38|39|60|62)|[xX]0*(?:[aA]|2[267]|3[cCeE])"
_HIDDEN_NAMES = "shy|zw|ZeroW|NoBreak|Invisible|Negative|Apply|af;|i[ct];|[lr]rm;"
_SPELLED = {
    "\\": re.compile(rf"\\(?:[_@]|u(?:00(?:{_SPELLED_HEXADECIMAL}|{_CONTROLS})|{_HIDDEN_HEXADECIMAL}))"),
    "&": re.compile(
        rf"&(?:#(?!(?:{_PLAIN_NUMBERS});)(?:\d{{1,7}}|[xX][0-9A-Fa-f]{{1,6}});"
        rf"|lowbar;|UnderBar;|commat;|{_HIDDEN_NAMES})"
    ),
    "%": re.compile(rf"%(?:25)*(?:{_SPELLED_HEXADECIMAL}|7[fF])"),
}
# A phone number is known by nothing but digits: an escape next to one, or one of the signs between them.
_SPELLED_NUMBER = re.compile(
    r"\\(?:[nrt][+(]?\d|[+()./-]|u00(?:2[0-9A-Fa-f]|3\d|[aA][0dD]))"
    r"|&(?:#|plus;|nbsp;|[lr]par;|period;|sol;|hyphen;|dash;)"
    r"|%(?:25)*(?:3\d|7[fF]|2[89A-Fa-f]|20(?=[\d+(%]))"
)
# Shown like a space or a hyphen.
_LIKE_IN_NUMBERS = dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | dict.fromkeys(
    "\u2010\u2011\u2012\u2013", "-"
)
# `visible` leaves only the first of them between Latin letters; not every text has been through it.
_HIDDEN = "\u00ad\u034f\u115f\u1160\u200b\u200c\u200d\u2060\u3164\ufe0e\ufe0f\ufeff\uffa0"
_HIDDEN_AMONG_LETTERS = re.compile(f"[{_HIDDEN}](?=[!-~{_HIDDEN}])")


def redact(text: str) -> str:
    """Return ``text`` with Puffle keys as ``pk_live_…`` and bearer tokens as ``Bearer …``.

    With `Settings.redact`, e-mail addresses become ``[e-mail]`` and phone numbers ``[phone]``. What is
    written with escapes or holds invisible characters is found as well; all else stays as it was written.

    >>> redact("pk\\\\_live\\\\_a1")
    'pk_live_…'
    """
    personal = current_settings.now.redact
    if _holds_known(text, personal) or _is_spelled(text, personal):
        read = as_read(text)
    elif personal and Personal.PHONES in personal:
        read = as_written(text)
    else:
        return text
    kept, at = [], 0
    for start, end, shown in sorted(_cuts(read.text, personal), key=lambda cut: cut[0]):
        first, last = read.original(start, end)
        if first >= at:
            kept += [text[at:first], shown]
        at = max(at, last)
    return "".join([*kept, text[at:]]) if kept else text


def _holds_known(text: str, personal: frozenset[Personal]) -> bool:
    """Whether ``text`` as it is written has that by which a key, a token or an address is known."""
    if "pk_live_" in text or "earer" in text or "EARER" in text:
        return True
    return bool(personal) and Personal.EMAILS in personal and "@" in text


def _is_spelled(text: str, personal: frozenset[Personal]) -> bool:
    """Whether ``text`` has escapes or invisible characters by which something may pass."""
    for sign, pattern in _SPELLED.items():
        if sign in text and pattern.search(text):
            return True
    if personal and Personal.PHONES in personal and _SPELLED_NUMBER.search(text):
        return True
    if text.isascii() or not any(character in text for character in _HIDDEN):
        return False
    return _HIDDEN_AMONG_LETTERS.search(text) is not None


def _cuts(text: str, personal: frozenset[Personal]) -> Iterator[tuple[int, int, str]]:
    """What to cut out of ``text``, and what to show in its place."""
    if Personal.EMAILS in personal and "@" in text:
        yield from ((*match.span(), "[e-mail]") for match in _EMAIL.finditer(text))
    if Personal.PHONES in personal:
        numbers = text
        for sign, plain in _LIKE_IN_NUMBERS.items() if not text.isascii() else ():
            numbers = numbers.replace(sign, plain)
        yield from ((*match.span(), "[phone]") for match in _PHONE.finditer(numbers))
    if "pk_live_" in text:
        for match in _KEY.finditer(text):
            marks = "".join(re.findall("[*`~]", match[0]))
            yield *match.span(), f"pk_live_…{marks}"
    if "earer" in text or "EARER" in text:
        for match in _BEARER.finditer(text):
            if not (match[1] == "bearer" and _PROSE.fullmatch(match[3])):
                yield *match.span(3), "…"
