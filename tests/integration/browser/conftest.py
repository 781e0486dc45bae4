"""A notebook that asks the embedded Puffle, in JupyterLab and in Notebook 7."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from playwright.sync_api import Browser

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from tests.support.lab import Application, Notebook, open_notebook, running_lab


@pytest.fixture(params=list(Application), ids=lambda application: application.name.lower())
def application(request: pytest.FixtureRequest) -> Application:
    """JupyterLab, then Notebook 7."""
    return cast(Application, request.param)


@pytest.fixture
def puffle() -> Iterator[EmbeddedPuffle]:
    """The embedded Puffle that the notebook asks."""
    with EmbeddedPuffle() as server:
        yield server


@pytest.fixture
def notebook(
    browser: Browser,
    application: Application,
    puffle: EmbeddedPuffle,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Notebook]:
    """A notebook of the test module's ``CELLS``, open in the application."""
    folder = tmp_path_factory.mktemp("lab")
    with (
        running_lab(folder, PUFFLE_API_KEY=DEMO_KEY, PUFFLE_BASE_URL=puffle.base_url) as lab,
        open_notebook(lab, browser, request.module.CELLS, "chat.ipynb", application=application) as notebook,
    ):
        yield notebook
