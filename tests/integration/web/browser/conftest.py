from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.browser.visiting import a_browser, a_demo, a_visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.integration.web.browser.visiting import Served, Visitor


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One demo for all tests of a file: each takes settings of its own."""
    with a_demo(tmp_path_factory.mktemp("browser")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a file: Playwright's event loop would be in the way of other tests of this process."""
    with a_browser() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser, served: Served) -> Iterator[Visitor]:
    """An administrator who may read credentials too, in English, in Tokyo."""
    with a_visitor(browser, served) as visitor:
        yield visitor


@pytest.fixture
def page(visitor: Visitor) -> Page:
    return visitor.page
