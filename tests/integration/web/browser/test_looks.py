"""Each page in its looks: accessible by axe-core, without a jump, pictured for whoever looks.

Two looks in a usual run, which between them have both languages, colours and sizes, each for every
other page; all eight for all pages with RELAYBOOK_SWEEP=full. The pictures are in
tests/artefacts/screenshots.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.integration.security.matrix import TABLE
from tests.integration.web.browser.looked_at import PAGES, WITHOUT_PAGE, Seeds, Shown, seeds_of
from tests.integration.web.browser.visiting import DESKTOP, PHONE, a_visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.integration.web.browser.visiting import Served

_FULL: Final = os.environ.get("RELAYBOOK_SWEEP") == "full"
_PICTURES: Final = Path(__file__).resolve().parents[3] / "artefacts" / "screenshots"
_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_MOST_JUMPED: Final = 0.02


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a reader sees pages."""

    language: str
    colours: str
    size: str

    def __str__(self) -> str:
        return f"{self.language}-{self.colours}-{self.size}"

    @property
    def options(self) -> dict[str, Any]:
        return {
            "locale": self.language,
            "color_scheme": self.colours,
            "viewport": DESKTOP if self.size == "desktop" else PHONE,
            "reduced_motion": "reduce",
        }


ALL: Final = tuple(
    Look(language=language, colours=colours, size=size)
    for language in ("ja", "en")
    for colours in ("light", "dark")
    for size in ("desktop", "phone")
)
SHORT: Final = tuple(look for look in ALL if str(look) in {"ja-light-desktop", "en-dark-phone"})


@pytest.fixture(scope="module")
def seeds(served: Served) -> Seeds:
    return seeds_of(served)


@pytest.fixture(scope="module")
def axe(npm_packages: Path) -> str:
    return (npm_packages / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("look", ALL if _FULL else SHORT, ids=str)
def test_every_page_is_accessible_and_does_not_jump(
    browser: Browser, served: Served, seeds: Seeds, axe: str, look: Look
) -> None:
    _PICTURES.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    pages = PAGES if _FULL else PAGES[SHORT.index(look) :: len(SHORT)]
    for roles in (("admin", "credentials"), ()):
        with a_visitor(browser, served, roles=roles, **look.options) as visitor:
            for shown in pages:
                if shown.signed_in == bool(roles):
                    visitor.go(shown.path(seeds)).wait_for_load_state("networkidle")
                    found += _looked_at(visitor.page, axe, shown)
                    picture = _PICTURES / f"{shown.name}-{look}.png"
                    visitor.page.screenshot(path=picture, full_page=True)
    assert found == [], "\n".join(found)


def _looked_at(page: Page, axe: str, shown: Shown) -> list[str]:
    """Bring a page into its state and return what is wrong with it."""
    jumped = page.evaluate("window.jumped")
    if shown.arrange is not None:
        shown.arrange(page)
    found = _wrong(page, axe, shown)
    wide, width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if wide > width:
        found.append(f"{shown.name} is {wide} wide on {width}")
    return [*found, f"{shown.name} jumps by {jumped}"] if jumped > _MOST_JUMPED else found


def _wrong(page: Page, axe: str, shown: Shown) -> list[str]:
    page.evaluate(axe)
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    result = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{shown.name}: {one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in result["violations"]
        for node in one["nodes"]
    ]


def test_every_page_is_looked_at() -> None:
    pages = {rule for (method, rule), route in TABLE.items() if route.page and method == "GET"}
    assert pages - {shown.rule for shown in PAGES} - WITHOUT_PAGE.keys() == set()
    assert {shown.rule for shown in PAGES} | WITHOUT_PAGE.keys() == pages


def test_axe_finds_what_is_wrong(browser: Browser, served: Served, axe: str) -> None:
    with a_visitor(browser, served) as visitor:
        page = visitor.go("/import")
        page.evaluate("document.querySelector('label[for=file]').remove()")
        shown = next(one for one in PAGES if one.name == "import")
        assert "label" in " ".join(_wrong(page, axe, shown))
