"""Where a link leads, when what it says could be taken for another place.

The text is compared as a reader sees it: without tags, references and invisible characters, and with letters
that only look different (full width, mathematical, …) folded into one. A host that is written with letters
beyond Western European ones is named as the name service has it (``xn--…``), since ``аpp`` may look like
``app``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from ...safe_text import HIDDEN

_FILE = re.compile(
    r".*\.(?:bat|c|cfg|conf|cpp|cs|csv|css|docx?|exe|gif|go|gz|h|html?|ini|ipynb|java|jpe?g|js|jsonl?|jsx|lock"
    r"|log|odt|pdf|php|png|pptx?|rb|rtf|sql|svg|tar|toml|tsx?|tsv|txt|wav|webp|xlsx?|xml|ya?ml)"
    # These are domains as well, so they end a file's name only if it has one dot.
    r"|[^.]*\.(?:cc|md|pl|ps|py|rs|sh|so)"
)
_TAG = re.compile("<[^>]*>")
_UNSEEN = re.compile(f"[{HIDDEN}\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]")
_DOTS = re.compile("[\\u3002\\uff61\\u2024]")
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_PLACE = re.compile(
    # An address: all before an @ is no host, but is read as one.
    r"(?:\b(?:https?|ftp):|(?<![\w:]))//(?P<user>[^\s/?#@<>]*@)?(?P<host>[^\s/?#:@<>()\[\]{}\"'`,;!|…]+)[^\s<>]*"
    r"|(?<![\w.+-])(?P<mail>[\w.+-]+)@(?P<domain>(?:[\w-]+\.)+[\w-]+)"
    rf"|(?<![\w@.-])(?P<word>(?:{_LABEL}\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{{2,24}}))(?![\w@-])(?:[/?#:][^\s<>]*)?"
)


def misled_to(address: str, content: str) -> str:
    """Where a link leads, if its text claims another place; "" if it claims none or that one.

    Args:
        address: an allowed address, as an attribute's value.
        content: the HTML within the link.

    >>> misled_to("https://evil.example/x", "<b>app.puffle.ai</b>")
    'evil.example'
    """
    claims = list(_claims(_as_seen(content)))
    if not claims:
        return ""
    written = unquote(html.unescape(address))
    mailbox = written[7:].partition("?")[0].casefold() if written[:7].casefold() == "mailto:" else ""
    actual = _named(mailbox.rpartition("@")[2] if mailbox else _host_of(written))
    for claimed in claims:
        is_mail = "@" in claimed
        host = claimed.rpartition("@")[2]
        if _named(host) != actual or not _is_western(host) or (is_mail and mailbox and claimed != mailbox):
            return mailbox if mailbox and _is_western(mailbox) else actual
    return ""


def _claims(said: str) -> Iterator[str]:
    """The hosts and mailboxes that a text names, or seems to."""
    for place in _PLACE.finditer(said):
        if place["host"]:
            if place["user"]:
                yield place["user"].partition(":")[0].removesuffix("@")
            yield place["host"]
        elif place["domain"]:
            yield f"{place['mail']}@{place['domain']}"
        elif not _FILE.fullmatch(place["word"]):
            yield place["word"]


def _as_seen(content: str) -> str:
    text = html.unescape(_TAG.sub("", content) if "<" in content else content)
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _DOTS.sub(".", _UNSEEN.sub("", text))).casefold()


def _host_of(address: str) -> str:
    return re.split("[/?#]", address.partition("//")[2], maxsplit=1)[0].partition(":")[0]


def _named(host: str) -> str:
    """A host as the name service has it, without ``www.``."""
    if not host.isascii():
        host = unicodedata.normalize("NFKC", _DOTS.sub(".", host))
    host = host.casefold().strip(".").removeprefix("www.")
    return host if host.isascii() else ".".join(map(_label, host.split(".")))


def _label(label: str) -> str:
    # By the codec itself: the one for whole names refuses what is no name, and that is what is shown here.
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"


def _is_western(host: str) -> bool:
    """Whether no letter of ``host`` can be taken for another one: ASCII, and those of Western Europe."""
    return all(letter < "\u0080" or "\u00df" <= letter <= "\u00ff" for letter in host)
