"""Messages as agents write them, the same ones every time: what the figures of rendering are measured on."""

from __future__ import annotations

import random
from collections.abc import Callable

_VOCABULARY = """
the a of to in and for with on their this team founder company Series seed round lead profile outreach
hiring engineer revenue growth market platform product raised announced joined recently looking because
strong signal reply email campaign segment Berlin Paris Madrid fintech logistics climate developer tools
we found that they are not yet using any of these and would be worth a first message next week
"""
_WORDS = _VOCABULARY.split()
_ROLES = ("Founder", "CTO", "VP Sales", "Head of Growth", "Engineer")
_CODE = {
    "python": "leads = search('fintech', limit=20)\nfor lead in leads:\n    print(lead.name, lead.score)",
    "json": '{\n  "query": "fintech founders",\n  "limit": 20,\n  "exclude": ["contacted"]\n}',
    "sql": "select name, score from leads\nwhere city = 'Berlin' and score > 80\norder by score desc;",
}


def ordinary(count: int, seed: int = 3) -> list[str]:
    """About a kilobyte each: prose and lists with emphasis, some links, some tables, some code."""
    return _messages(count, seed, (_prose, _prose, _list, _mixed))


def table_heavy(count: int, seed: int = 4) -> list[str]:
    """The same size: a line of prose, and tables of leads with a link in every row."""
    return _messages(count, seed, (_table,))


def link_heavy(count: int, seed: int = 5) -> list[str]:
    """The same size: lists of sources, every item a link, and bare addresses in prose."""
    return _messages(count, seed, (_sources,))


def code_heavy(count: int, seed: int = 6) -> list[str]:
    """The same size: every second block is code."""
    return _messages(count, seed, (_code, _prose))


Block = Callable[[random.Random], str]


def _messages(count: int, seed: int, blocks: tuple[Block, ...]) -> list[str]:
    chance = random.Random(seed)
    return [_message(chance, blocks) for _ in range(count)]


def _message(chance: random.Random, blocks: tuple[Block, ...]) -> str:
    written = [f"## {_sentence(chance, 4).rstrip('.')}"] if chance.random() < 0.6 else []
    while sum(map(len, written)) < 900:
        written.append(chance.choice(blocks)(chance))
    return "\n\n".join(written) + "\n"


def _sentence(chance: random.Random, words: int) -> str:
    said = chance.choices(_WORDS, k=words)
    at = chance.randrange(words)
    said[at] = chance.choice(("{}", "{}", "**{}**", "*{}*", "`{}`")).format(said[at])
    return " ".join(said).capitalize() + "."


def _prose(chance: random.Random) -> str:
    said = " ".join(_sentence(chance, chance.randint(7, 18)) for _ in range(chance.randint(2, 5)))
    return f"{said} See {_link(chance)}." if chance.random() < 0.3 else said


def _list(chance: random.Random) -> str:
    mark = chance.choice(("-", "1."))
    return "\n".join(
        f"{mark} **{_name(chance)}**: {_sentence(chance, 9)}" for _ in range(chance.randint(3, 7))
    )


def _mixed(chance: random.Random) -> str:
    return chance.choice((_table, _code, _sources, _quote))(chance)


def _quote(chance: random.Random) -> str:
    return f"> {_sentence(chance, 16)}"


def _table(chance: random.Random) -> str:
    rows = "\n".join(_row(chance) for _ in range(chance.randint(4, 9)))
    return f"{_sentence(chance, 9)}\n\n| Name | Role | Company | Score |\n|:--|---|---|--:|\n{rows}"


def _row(chance: random.Random) -> str:
    company = _name(chance)
    shown = f"[{company}](https://{company.lower()}.example)"
    return f"| {_name(chance)} | {chance.choice(_ROLES)} | {shown} | {chance.randint(1, 100)} |"


def _sources(chance: random.Random) -> str:
    links = "\n".join(f"- {_link(chance)}: {_sentence(chance, 5)}" for _ in range(chance.randint(4, 8)))
    return f"{links}\n\n{_sentence(chance, 6)} https://www.example.com/{_name(chance).lower()}"


def _link(chance: random.Random) -> str:
    name = _name(chance)
    return f"[{name}](https://news.example.com/{name.lower()}/{chance.randint(1, 10**6)}?ref=agent&page=2)"


def _code(chance: random.Random) -> str:
    language = chance.choice(tuple(_CODE))
    return f"```{language}\n{_CODE[language]}\n```"


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(("ba", "do", "lu", "mi", "ne", "pra", "ri", "so", "ta", "ve"), k=3)).title()
