"""The style sheet of a page: its ground, the filter, other people's colours, and paper.

What a notebook shows too has its looks on the elements themselves (`style`); here is what only a page can
say, and what overrules those: hence ``!important``. A page reads well without all of it.
"""

from __future__ import annotations

from .chips import ALL, CHIPS, EXCEPTION, LABELS
from .part_classes import GROUP, MESSAGE, PREFIX, TURN, TWIN, Kind
from .style import LABEL_SHAPE

_PAGE = """
:root { color-scheme: light dark; scroll-padding-top: 3rem; }
body { margin: 0; background: #fff; color: #1f2328;
  font: 15px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 13px; font-weight: 600; margin: 0 0 4px; opacity: .76; }
h2 { font-size: 15px; font-weight: 400; margin: 0 0 20px; }
div:target { outline: 2px solid #0860ca; outline-offset: -2px; border-radius: 4px; }
"""

_ONLY = f".{CHIPS} input:not([value={ALL}]):checked"
_FILTERED = f"main:has({_ONLY})"
# Of the element that a link leads to, all that is around it is shown, and of a message all that is in it.
_NOT_LED_TO = f":not(:target, :has(:target), :is(.{MESSAGE}, .{TURN} > :first-child):has(span:target) *)"
_PARTS = ", ".join(f".{kind.css_class}" for kind in Kind)
_CAN_GO = f":is(.{TURN}, .{MESSAGE}, .{GROUP}, {_PARTS})"
# The transcript, long groups and reasoning open while a filter is on, and are headings then, not folds.
_OPENED = f":is(details:has(> div > .{TURN}), .{GROUP})"


def _is_on(kind: Kind) -> str:
    return f"main:has(.{CHIPS} input[value={kind.value}]:checked)"


_READ = f"{_is_on(Kind.REASONING)} .{Kind.REASONING.css_class} > details"


def _filter(kind: Kind) -> str:
    is_on = _is_on(kind)
    shown = f".{kind.css_class}"
    return (
        f"{is_on} {_CAN_GO}:not({shown}, :has({shown})){_NOT_LED_TO} {{ display: none; }}\n"
        f"{is_on} .{PREFIX}only-{kind.value} {{ display: inline; }}\n"
    )


_FILTERS = f"""
@supports selector(:has(a)) {{
.{CHIPS}[hidden] {{ display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 14px -8px 0;
  padding: 6px 8px; font-size: 13px; line-height: 1.4; background: #fff; }}
.{CHIPS} label {{ display: inline-flex; align-items: center; gap: 5px; padding: 3px 11px 3px 8px;
  cursor: pointer; border: 1px solid #8c959f; border-radius: 15px; }}
.{CHIPS} label:has(:checked) {{ border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }}
.{CHIPS} label:has(:focus-visible) {{ outline: 2px solid #0860ca; outline-offset: 2px; }}
.{CHIPS} input {{ margin: 0; accent-color: currentColor; outline: none; }}
.{CHIPS} p {{ margin: 0; }}
{_FILTERED} .{CHIPS} p {{ flex-basis: 100%; }}
{_FILTERED}:has(.{TURN} :target) .{EXCEPTION} {{ display: inline; }}
{"".join(map(_filter, LABELS))}}}
@supports selector(:has(a)) and selector(::details-content) {{
{_FILTERED} {_OPENED}::details-content, {_READ}::details-content {{ content-visibility: visible; }}
{_FILTERED} {_OPENED} > summary, {_READ} > summary {{ list-style: none !important; cursor: auto !important; }}
}}
@media (min-width: 600px) and (min-height: 500px) {{ .{CHIPS} {{ position: sticky; top: 0; z-index: 1; }} }}
"""

_COLOURS = f"""
@media screen and (prefers-color-scheme: dark) {{
body, .{CHIPS}[hidden] {{ background: #0d1117; color: #e6edf3; }}
div:target, .{CHIPS} label:has(:focus-visible) {{ outline-color: #58a6ff; }}
}}
@media (prefers-contrast: more), (forced-colors: active) {{
main * {{ opacity: 1 !important; }}
pre, main [style*="border-radius"] {{ border: 1px solid !important; }}
}}
@media (forced-colors: active) {{ pre, pre * {{ color: CanvasText !important; }} }}
@media (prefers-contrast: more) {{ main * {{ border-color: currentColor !important; }} }}
"""

_CALL, _TEXT, _OTHER = (f".{kind.css_class}" for kind in (Kind.CALL, Kind.TEXT, Kind.OTHER))
# The lines between the two halves of a long text, value or table.
_SHOW_ALL = (
    f"{_TEXT} > details > summary, :is({_CALL}, {_OTHER}) pre + details > summary, "
    f"{_CALL} [tabindex] + details:has(table) > summary"
)
# On paper nothing is clicked, no colour is certain, and a row or a line of a heading alone is of no use.
_PAPER = f"""
@page {{ margin: 14mm 12mm; }}
@media print {{
:root {{ color-scheme: light; }}
body {{ background: none; color: #000; }}
main {{ max-width: none; padding: 0; zoom: .8; }}
main * {{ opacity: 1 !important; }}
main > div {{ line-height: 1.4 !important; max-width: none !important; }}
.{CHIPS}[hidden] {{ position: static; margin: 0; padding: 0; background: none; }}
.{CHIPS} > :is(label, span), [id$="contents"], .{TWIN} {{ display: none; }}
td, th {{ padding: 2px 5px !important; }}
table:not(:has(th:nth-child(13))) :is(td, th) {{ min-width: 4em; }}
summary {{ list-style: none !important; padding-block: 2px !important; }}
{_SHOW_ALL} {{ display: none; }}
tr, summary {{ break-inside: avoid; }}
summary, h1, h2, h3, h4, h5, h6 {{ break-after: avoid; }}
[style*="{LABEL_SHAPE}"] {{ background: none !important; color: #000 !important;
  border-color: #000 !important; }}
pre, pre code, pre span {{ background: none !important; color: #000 !important; }}
pre {{ padding: 0 0 0 8px !important; border-left: 1px solid #999; border-radius: 0 !important;
  line-height: 1.35 !important; }}
}}
"""

SHEET = _PAGE + _FILTERS + _COLOURS + _PAPER
