"""The list of settings: search, filters, pages, what each row says, and the toolbar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.integration.web.browser.visiting import Served, Visitor

MANY = 60


@pytest.fixture(scope="module")
def many(served: Served) -> list[str]:
    """More settings than a page shows."""
    ids = [f"many-{number:03}" for number in range(MANY)]
    settings = [{"id": one, "host": f"smtp.{one}.example"} for one in ids]
    served.ask("POST", "/v1/imports?mode=new", {"relaybook": 1, "settings": settings})
    return ids


def headers(page: Page) -> Locator:
    return page.get_by_role("rowheader")


def test_search_and_filters_find_while_one_types_and_stand_in_the_address(
    visitor: Visitor, many: list[str]
) -> None:
    page = visitor.go("/settings")
    page.get_by_label("Search ID, host or user").fill("MANY-04")
    expect(headers(page)).to_have_text([one for one in many if one.startswith("many-04")])
    expect(page.get_by_role("status").first).to_have_text(re.compile("10 settings"))
    expect(page).to_have_url(re.compile("q=MANY-04"))
    page.get_by_label("Last test").select_option("Passed")
    expect(page.get_by_text("No setting matches.")).to_be_visible()
    expect(page).to_have_url(re.compile("verdict=passed"))
    page.reload()
    expect(page.get_by_label("Last test")).to_have_value("passed")
    page.get_by_role("link", name="Show all settings").click()
    page.get_by_label("Default setting").select_option("Only defaults")
    expect(headers(page)).to_have_count(0)


def test_pages_lead_forwards_and_backwards(visitor: Visitor, many: list[str]) -> None:
    page = visitor.go("/settings?q=many-")
    expect(headers(page)).to_have_text(many[:50])
    page.get_by_role("link", name="Next page").click()
    expect(headers(page)).to_have_text(many[50:])
    page.get_by_role("link", name="Previous page").click()
    expect(headers(page)).to_have_text(many[:50])
    expect(page.get_by_role("link", name="Previous page")).to_have_count(0)


def test_a_page_in_the_middle_knows_both_its_neighbours(visitor: Visitor, many: list[str]) -> None:
    page = visitor.go("/settings?q=many-&before=many-055")
    expect(headers(page)).to_have_text(many[5:55])
    page.get_by_role("link", name="Previous page").click()
    expect(headers(page)).to_have_text(many[:50])
    page.goto("/settings?q=many-&before=many-055")
    page.get_by_role("link", name="First page").click()
    expect(headers(page).first).to_have_text(many[0])


def test_a_row_says_how_the_setting_stands(visitor: Visitor, served: Served) -> None:
    served.register(
        "row", host="メール.例え.jp", auth={"method": "password", "user": "u", "password": "secret"}
    )
    row = visitor.go("/settings?q=row").get_by_role("row").nth(1)
    for words in ("メール.例え.jp", "587", "STARTTLS", "User and password", "Never tested"):
        expect(row).to_contain_text(words)
    row.get_by_role("link", name="Open the setting row").click()
    expect(visitor.page).to_have_title("row · Relaybook")


def test_a_tested_setting_that_was_changed_says_so(visitor: Visitor, served: Served) -> None:
    page = visitor.go("/settings?q=demo-wrong-port")
    page.get_by_role("button", name="Test demo-wrong-port").click()
    expect(page.get_by_role("region", name="Result")).to_contain_text("Failed", timeout=60_000)
    page.goto("/settings?q=demo-wrong-port")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Failed")
    served.ask(
        "PATCH", "/v1/smtp-settings/demo-wrong-port", {"x_mailer": "New"}, **{"If-Match": "*"}
    )
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("Changed since")


def test_ticked_rows_are_those_that_are_exported(visitor: Visitor, many: list[str]) -> None:
    page = visitor.go("/settings?q=many-")
    for one in many[:2]:
        page.get_by_label(f"Choose {one} for export").check()
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_label("IDs, one a line")).to_have_value("\n".join(many[:2]))
