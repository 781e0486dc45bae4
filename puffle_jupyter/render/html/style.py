"""How everything looks: literal inline styles, the only kind every front end keeps; and how it prints.

JupyterLab drops ``<style>``, classes' rules, ids and ``var()`` from untrusted outputs; VS Code puts
widgets on white in dark themes. So text keeps the colour it inherits, lines and grounds are
translucent greys that suit light and dark, and only labels and blocks of code carry colours: ground and
text as a pair. White on a label has a contrast of at least 4.9, text on code's background one of 6 (WCAG 2.2
asks for 4.5). JupyterLab drops ``color:inherit`` too: where an element has a rule of its own there
(``code``, ``pre``, ``a``), what is on a background of ours needs its colour on that very element.

Some hosts reset what a browser does by itself: ``*{margin:0;padding:0;list-style:none;font:inherit}`` and the
like. What a reader needs of that (marks of lists and folds, padding, bold, italic) is on the elements, too.
"""

from __future__ import annotations

import enum

MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
LINE = "rgba(128,128,128,.28)"
BACKGROUND = "rgba(128,128,128,.1)"
QUIET = "opacity:.76"
BOLD = "font-weight:bold"
ITALIC = "font-style:italic"
# The browser's own marks, of a fold that is open or closed and of a list in a list: no other value says it.
# JupyterLab drops it from untrusted outputs, and takes no marks away.
MARKS = "list-style:revert"

_WIDTH, _WIDE = "max-width:60em", "max-width:110em"
WRAPPER = f"font-size:14px;line-height:1.55;{_WIDTH};overflow-wrap:anywhere"
PRE = (
    f"margin:4px 0 8px;padding:8px 10px;background:{BACKGROUND};color:inherit;border-radius:6px;"
    f"font-size:12px;line-height:1.5;{MONO};white-space:pre-wrap;overflow-wrap:anywhere;"
    "word-break:normal"  # JupyterLab would break words anywhere
)
CODE_BACKGROUND = "#1f2430"
CODE_COLOR = "#e6e8ee"
CODE_PRE = PRE.replace(
    f"background:{BACKGROUND};color:inherit", f"background:{CODE_BACKGROUND};color:{CODE_COLOR}"
)
# What every block of code begins with, in colour or not.
CODE_BLOCK_START = (
    f'<pre style="{CODE_PRE}"><code style="background:none;color:{CODE_COLOR};padding:0;font-size:12px">'
)
CODE = f"background:{BACKGROUND};color:inherit;padding:1px 4px;border-radius:4px;font-size:.9em;{MONO}"
NAME = f"background:none;color:inherit;padding:0;font-size:13px;{MONO}"
LINK = "color:inherit;text-decoration:underline"
SMALL = f"font-size:12px;{QUIET}"
HEADING = f"margin:0 0 2px;font-size:12px;font-weight:600;letter-spacing:.02em;{QUIET}"
UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
SUMMARY = f"cursor:pointer;{MARKS}"
QUOTE = f"margin:0 0 8px;padding:0 0 0 12px;border-left:3px solid {LINE}"
PARAGRAPH = "margin:0 0 8px"
BRIEF_PIXELS = 164
# In a narrow window the same text is higher, and a scroll bar would hide most of it without a word.
_ORDINARY_PIXELS = 600
_NARROW = f"{BRIEF_PIXELS + 2 * _ORDINARY_PIXELS}px - 200vw"
# Twice: the sanitiser of an untrusted notebook drops what has a max() in it.
BRIEF = f"max-height:{BRIEF_PIXELS}px;max-height:max({BRIEF_PIXELS}px,{_NARROW});overflow:auto"
# JupyterLab would align cells to the right. The table's cellpadding is for readers that drop every style.
CELL = "padding:5px;text-align:left"
CELL_NUMBER = CELL.replace("text-align:left", "text-align:right")
CELL_DATE = f"{CELL};white-space:nowrap"
ROW = f"border-top:1px solid {LINE};background:none;vertical-align:top"


LIST = f"margin:0 0 8px;padding-left:22px;{MARKS}"


# Of two texts: what is crossed out was in the first, what is underlined is in the second. The grounds are
# translucent, so that the text keeps a colour that suits what is below them.
GONE = "padding:0 2px;background:rgba(207,34,46,.18);color:inherit;text-decoration:line-through"
NEW = "padding:0 2px;background:rgba(46,160,67,.24);color:inherit;text-decoration:underline"


class Severity(enum.Enum):
    """What a label means, as its background; the word and the symbol in it say the same."""

    CALM = "#57606a"
    ACTIVE = "#0860ca"
    GOOD = "#1a7f37"
    BAD = "#cf222e"
    CAUTION = "#8a5a00"
    UNKNOWN = "#7a3fc8"


FAILURE = f"margin:0 0 8px;padding-left:12px;border-left:3px solid {Severity.BAD.value}"

# VS Code puts widgets on white in every theme, with the light text of its dark ones: there, and there
# alone, these variables exist, and widgets (nobody sanitises them) get the ground that suits the text.
# Elsewhere a declaration without its variable is as if it were not there (CSS Variables 1, section 3.1).
_VS_CODE_BACKGROUND = "background:var(--vscode-editor-background)"
_VS_CODE_TEXT = "color:var(--vscode-editor-foreground)"
# What ipywidgets puts html into does not shrink below its content: without this a table would push its box
# out of a narrow column, instead of scrolling in it.
_SHRINKS = "display:grid;grid-template-columns:minmax(0,1fr)"
# ipywidgets would set the lines of a sentence as far apart as a row of buttons, and cut a long id.
_IN_LINES = "line-height:1.5;overflow-wrap:anywhere"


def in_widget(html_text: str, *, announced: bool = False) -> str:
    """What a widget holds, readable on any ground; ``announced`` has a screen reader say it politely."""
    if not html_text:
        return ""
    looks = f"{_VS_CODE_BACKGROUND};{_VS_CODE_TEXT};{_IN_LINES}"
    if announced:  # a badge: it wraps by itself, and each change of it is sent whole
        return f'<div role="status" style="{looks}">{html_text}</div>'
    return f'<div style="{looks};{_SHRINKS}"><div>{html_text}</div></div>'


def bold(html_text: str) -> str:
    """``html_text``, already escaped, in bold."""
    return f'<b style="{BOLD}">{html_text}</b>'


LABEL_SHAPE = "border-radius:9px;padding:0 7px"
"""What a label has and nothing else: the page knows labels by it."""


def status_label(html_text: str, severity: Severity) -> str:
    """A small rounded label; ``html_text`` is already escaped."""
    # Where a person's own few colours are forced on a page, the ground goes and the edge is drawn. A block in
    # the line stays in one piece until the line is narrower than it.
    return (
        f'<span style="background:{severity.value};color:#fff;border:1px solid transparent;'
        f"{LABEL_SHAPE};display:inline-block;max-width:100%;box-sizing:border-box;"
        f'font-size:12px;font-weight:600;line-height:1.35">{html_text}</span>'
    )


# A wide table scrolls in its own box; the box takes the keyboard's focus so that it can be scrolled.
TABLE_START = (
    '<div style="overflow-x:auto;margin:4px 0 10px" tabindex="0">'
    '<table cellpadding="5" style="border-collapse:collapse;margin:0;font-size:13px;line-height:1.4;'
    'color:inherit;table-layout:auto;overflow-wrap:break-word">'
)
TABLE_END = "</table></div>"

# The one style sheet, since nothing inline can do this: on paper a fold cannot be opened, a box cannot be
# scrolled, and in the text of a PDF what floats stands elsewhere, and what is translucent not at all
# (Chromium). It reaches its parent element and no further, and not the raw JSON, which says all of it again.
# A renderer that shows the tag as text instead of dropping it takes what is inside for a comment.
PRINT = (
    "<style><!--@media print{@scope to (:scope>details:last-child){"
    "*{opacity:1!important}details::details-content{content-visibility:visible}"
    "div,details,summary{overflow:visible!important;max-height:none!important}"
    "span{float:none!important}table{overflow-wrap:anywhere!important}"
    "}}--></style>"
)
# Two prices in a sentence are no formula: JupyterLab (MathJax 4), nbconvert (MathJax 2) and others would
# set "$5 to $" as one. Each knows one of the classes.
WRAPPER_START = f'<div class="mathjax_ignore tex2jax_ignore" style="{WRAPPER}">{PRINT}'
WIDE_WRAPPER_START = WRAPPER_START.replace(_WIDTH, _WIDE)
WRAPPER_END = "</div>"
