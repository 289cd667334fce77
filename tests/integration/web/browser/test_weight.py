"""What a page weighs on the way, and what of it is kept by the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.web.browser.visiting import a_visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

    from tests.integration.web.browser.visiting import Served

MOST_BYTES = 150_000
MOST_BYTES_AGAIN = 30_000


@pytest.mark.parametrize("path", ["/settings", "/register", "/settings/demo", "/import", "/tests"])
def test_a_page_is_light_and_lighter_when_one_comes_back(
    browser: Browser, served: Served, path: str
) -> None:
    with a_visitor(browser, served) as visitor:
        answers: list[Response] = []
        visitor.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- playwright marks what it is given
        visitor.go(path).wait_for_load_state("networkidle")
        first = _weight(answers)
        assert 10_000 < first < MOST_BYTES, first
        assets = [one for one in answers if "/assets/" in one.url]
        assert assets
        for one in assets:
            assert "immutable" in one.headers["cache-control"], one.url
            assert "?v=" in one.url, one.url
        answers.clear()
        visitor.go(path).wait_for_load_state("networkidle")
        assert _weight(answers) < MOST_BYTES_AGAIN


def _weight(answers: list[Response]) -> int:
    return sum(one.request.sizes()["responseBodySize"] for one in answers)
