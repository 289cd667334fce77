"""Two minutes of somebody new: sign in, import, mend a failing setting, see it pass, go back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.integration.cli.running import SAMPLE
from tests.integration.web.browser.visiting import a_demo

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ENDS_MS = 60_000


def test_a_newcomer_takes_the_tour(browser: Browser, tmp_path: Path) -> None:
    with a_demo(tmp_path) as served, browser.new_context(locale="en") as context:
        page = context.new_page()
        page.set_default_timeout(ENDS_MS)
        page.goto((served.up.data_dir / "sign-in.link").read_text().strip())
        expect(page).to_have_title(re.compile("SMTP settings"))
        _import_the_sample(page)
        _mend_the_failing_setting(page, f"{served.url}/settings/demo-wrong-security")
        _go_back(page)
        assert served.setting("demo-wrong-security")["security"] == "implicit_tls"
        assert served.setting("acme")["host"] == "smtp.acme.example"


def _import_the_sample(page: Page) -> None:
    page.get_by_role("link", name="Import").first.click()
    page.get_by_label("File", exact=True).set_input_files(str(SAMPLE))
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("region", name="Import plan")).to_contain_text("kaisha")
    page.get_by_role("button", name="Run the import").click()
    expect(page.get_by_role("region", name="Import result")).to_contain_text("acme")


def _mend_the_failing_setting(page: Page, address: str) -> None:
    page.goto(address)
    result = page.get_by_role("region", name="Result")
    page.get_by_role("button", name="Connection test").click()
    expect(result).to_contain_text("port_expects_plain", timeout=ENDS_MS)
    page.get_by_role("button", name="Put the change into the form").click()
    expect(page.locator("[name=security][value=starttls]")).to_be_checked()
    page.get_by_label("Password", exact=True).fill("demo-demo")  # its destination has changed
    page.get_by_role("button", name="Update").click()

    expect(page.get_by_role("status").first).to_contain_text("was updated")
    page.get_by_role("button", name="Connection test").click()
    expect(result).to_contain_text("Passed", timeout=ENDS_MS)


def _go_back(page: Page) -> None:
    page.get_by_role("link", name="History").click()
    first = page.locator("#v1")
    first.get_by_role("link", name="Restore this version").click()
    page.get_by_role("button", name="Yes, restore").click()
    expect(page.get_by_role("status").first).to_contain_text("was restored")
