"""How everything looks: literal inline styles, the only kind every front end keeps.

JupyterLab drops ``<style>``, classes' rules, ids and ``var()`` from untrusted outputs; VS Code puts
widgets on white in dark themes. So text keeps the colour it inherits, lines and grounds are
translucent greys that suit light and dark, and only pills carry colours: ground and text as a pair.
White on each of them has a contrast of at least 4.9 (WCAG 2.2 asks for 4.5).
"""

from __future__ import annotations

import enum

MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
LINE = "rgba(128,128,128,.28)"
GROUND = "rgba(128,128,128,.1)"
QUIET = "opacity:.76"

WRAPPER = "font-size:14px;line-height:1.55;max-width:60em;overflow-wrap:anywhere"
PRE = (
    f"margin:4px 0 8px;padding:8px 10px;background:{GROUND};color:inherit;border-radius:6px;"
    f"font-size:12px;line-height:1.5;{MONO};white-space:pre-wrap;overflow-wrap:anywhere;"
    "word-break:normal"  # JupyterLab would break words anywhere
)
CODE = f"background:{GROUND};color:inherit;padding:1px 4px;border-radius:4px;font-size:.9em;{MONO}"
NAME = f"background:none;color:inherit;padding:0;font-size:13px;{MONO}"
LINK = "color:inherit;text-decoration:underline"
SMALL = f"font-size:12px;{QUIET}"
UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
SUMMARY = "cursor:pointer"
QUOTE = f"margin:0 0 8px;padding:0 0 0 12px;border-left:3px solid {LINE}"
PARAGRAPH = "margin:0 0 8px"
# Padding is the table's cellpadding: one declaration a cell keeps big tables small. JupyterLab would
# align cells to the right.
CELL = "text-align:left"
CELL_NUMBER = CELL.replace("text-align:left", "text-align:right")
ROW = f"border-top:1px solid {LINE};background:none;vertical-align:top"


class Tone(enum.Enum):
    """What a pill means, as its ground; the word and the symbol in it say the same."""

    CALM = "#57606a"
    ACTIVE = "#0860ca"
    GOOD = "#1a7f37"
    BAD = "#cf222e"
    CAUTION = "#8a5a00"
    UNKNOWN = "#7a3fc8"


# VS Code puts widgets on white in every theme, with the light text of its dark ones: there, and there
# alone, these variables exist, and widgets (nobody sanitises them) get the ground that suits the text.
_VS_CODE_GROUND = "background:var(--vscode-editor-background,transparent)"
_VS_CODE_TEXT = "color:var(--vscode-editor-foreground,inherit)"
# ipywidgets would set the lines of a sentence as far apart as a row of buttons, and cut a long id.
_IN_LINES = "line-height:1.5;overflow-wrap:anywhere"


def in_widget(html_text: str, *, announced: bool = False) -> str:
    """What a widget holds, readable on any ground; ``announced`` has a screen reader say it politely."""
    role = ' role="status"' if announced else ""
    return (
        f'<div{role} style="{_VS_CODE_GROUND};{_VS_CODE_TEXT};{_IN_LINES}">{html_text}</div>'
        if html_text
        else ""
    )


def pill(html_text: str, tone: Tone) -> str:
    """A small rounded label; ``html_text`` is already escaped."""
    # Where a person's own few colours are forced on a page, the ground goes and the edge is drawn.
    return (
        f'<span style="background:{tone.value};color:#fff;border:1px solid transparent;'
        f"border-radius:9px;padding:0 7px;"
        f'font-size:12px;font-weight:600;white-space:nowrap">{html_text}</span>'
    )


# A wide table scrolls in its own box; the box takes the keyboard's focus so that it can be scrolled.
TABLE_START = (
    '<div style="overflow-x:auto;margin:4px 0 10px" tabindex="0">'
    '<table cellpadding="5" style="border-collapse:collapse;margin:0;font-size:13px;line-height:1.4;'
    'color:inherit;table-layout:auto;overflow-wrap:break-word">'
)
TABLE_END = "</table></div>"
