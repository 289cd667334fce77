"""Everything works by forms and links alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.integration.cli.running import SAMPLE
from tests.integration.web.browser.visiting import a_visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.integration.web.browser.visiting import Served


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    with a_visitor(browser, served, java_script_enabled=False) as visitor:
        yield visitor.page


def test_a_setting_is_searched_registered_mended_tested_and_deleted(
    page: Page, served: Served
) -> None:
    page.goto("/settings")
    page.get_by_label("Search ID, host or user").fill("wrong-port")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_text(["demo-wrong-port"])
    page.get_by_role("link", name="Register new").click()
    page.get_by_label("ID", exact=True).fill("plain")
    page.get_by_label("Host", exact=True).fill("smtp.plain.example:587")
    page.get_by_text("None", exact=True).last.click()
    page.get_by_label("Name of property 1").fill("mail.smtp.localhost")
    page.get_by_role("button", name="Add a property").click()
    page.get_by_label("Name of property 2").fill("mail.smtp.from")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("smtp.plain.example")
    page.get_by_role("button", name="Take the suggestion").click()
    expect(page.get_by_label("Host", exact=True)).to_have_value("smtp.plain.example")
    expect(page.get_by_label("Name of property 2")).to_have_value("mail.smtp.from")
    page.get_by_role("button", name="Connection test").click()
    expect(page).to_have_url(re.compile(r"/register\?test="))
    expect(page.get_by_label("Host", exact=True)).to_have_value("smtp.plain.example")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("plain was registered")
    assert sorted(served.setting("plain")["session_properties"]) == [
        "mail.smtp.from",
        "mail.smtp.localhost",
    ]
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_role("status").first).to_contain_text("plain was deleted")


def test_a_running_test_shows_its_end_by_itself(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("button", name="Test demo", exact=True).click()
    expect(page.get_by_role("region", name="Result")).to_contain_text("Passed", timeout=60_000)


def test_a_file_is_planned_and_imported(page: Page) -> None:
    page.goto("/import")
    page.locator("#file").set_input_files(SAMPLE)
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("region", name="Import plan")).to_contain_text("kaisha")
    page.locator("#file").set_input_files(SAMPLE)
    page.get_by_role("button", name="Run the import").click()
    expect(page.get_by_role("region", name="Import result")).to_contain_text("kaisha")
