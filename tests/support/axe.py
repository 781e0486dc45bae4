"""axe-core over one place of a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Rules about the page around us, which is JupyterLab's.
_NOT_OURS = ("page-has-heading-one", "region", "landmark-one-main", "bypass", "document-title")
_axe = Axe()


def violations(page: Page, place: str | None = None) -> list[str]:
    """What axe finds below the CSS selector ``place`` (None: the whole page), every rule of it asked."""
    rules = {} if place is None else {rule: {"enabled": False} for rule in _NOT_OURS}
    results = _axe.run(page, context=place, options={"resultTypes": ["violations"], "rules": rules})
    return [
        f"{found['id']}: {found['help']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for found in results.response["violations"]
        for node in found["nodes"][:3]
    ]
