"""VS Code's widget bundle in a Chromium, fed with the messages of a real kernel."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, Route

from .kernel import WIDGET_VIEW, Cell, Kernel
from .npm import Package
from .paths import ROOT

BUNDLE = Package(
    "@vscode/jupyter-ipywidgets8",
    "1.0.9",
    "sha512-bocCThfa4JDIDd7qCFAfW3HpzHfTLYxOTpTbiDfw4DXOUjKHnr6ObkMBiIkuzYPRybh5bY4FhYLemuDuTvIbpQ==",
)
_ADDRESS = "https://output.test/"
_COMMS = ("comm_open", "comm_msg", "comm_close")


class Background(enum.Enum):
    """What VS Code puts behind widgets in its dark theme, by the class of the page's style sheet."""

    WHITE = "white"
    """White, with the theme's light text."""
    THEMED = "themed"
    """The theme's own, with JupyterLab's variables set from it; vscode-jupyter's source has had both."""


@dataclass
class WidgetPage:
    """A page that draws the widgets of `kernel` as VS Code's notebook does."""

    page: Page
    kernel: Kernel
    errors: list[str] = field(default_factory=list)
    _received: int = 0

    def open(self, bundle: str, background: Background) -> None:
        """Load the page and, in it, the text of `BUNDLE`. Nothing but these two files is ever served."""
        files = {
            _ADDRESS: ("text/html", (ROOT / "tests/support/vscode.html").read_text(encoding="utf-8")),
            f"{_ADDRESS}ipywidgets.js": ("text/javascript", bundle),
        }

        def serve(route: Route) -> None:
            kind, body = files.get(route.request.url, ("", ""))
            if kind:
                route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")
            else:
                self.errors.append(f"asked for {route.request.url}")
                route.abort()

        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route("**", serve)
        self.page.goto(_ADDRESS)
        self.page.evaluate((ROOT / "tests/support/vscode.js").read_text(encoding="utf-8"))
        self.output.evaluate("(output, name) => output.className = name", background.value)

    @property
    def output(self) -> Locator:
        return self.page.locator("#output")

    def draw(self, cell: Cell) -> None:
        """Draw the widget that `cell` displayed."""
        self.exchange()
        (view,) = (message.bundle[WIDGET_VIEW] for message in cell.messages if WIDGET_VIEW in message.bundle)
        self.page.evaluate("id => window.draw(id)", view["model_id"])

    def exchange(self) -> None:
        """Hand on what the kernel has sent to the page's widgets since, and what they send to the kernel."""
        new = self.kernel.messages[self._received :]
        self._received = len(self.kernel.messages)
        comms = [{"kind": message.kind, "content": message.content} for message in new]
        self.page.evaluate(
            "messages => window.receive(messages)", [comm for comm in comms if comm["kind"] in _COMMS]
        )
        for content in self.page.evaluate("() => window.sent.splice(0)"):
            session = self.kernel.client.session
            self.kernel.client.shell_channel.send(session.msg("comm_msg", content))
        self.errors += self.page.evaluate("() => window.failures.splice(0)")

    def poor_contrasts(self) -> list[str]:
        """The texts that are hard to read, see ``contrast.js``; every fold is opened for it."""
        script = (ROOT / "tests/support/contrast.js").read_text(encoding="utf-8")
        found: list[Any] = self.output.evaluate(script)
        return [str(text) for text in found]
