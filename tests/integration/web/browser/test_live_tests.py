"""Connection tests on the pages: live, from list and form, and the suggested change taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.integration.web.browser.visiting import Served, Visitor

ENDS_MS = 60_000


def result(page: Page) -> Locator:
    found = page.get_by_role("region", name="Result")
    expect(found).to_be_visible(timeout=ENDS_MS)
    return found


@pytest.mark.parametrize(
    ("setting", "verdict", "words"),
    [
        ("demo", "Passed", "The setting works"),
        ("demo-wrong-password", "Failed", "bad_credentials"),
    ],
)
def test_a_test_from_the_list_shows_its_steps_and_ends_with_verdict_and_reason(
    visitor: Visitor, setting: str, verdict: str, words: str
) -> None:
    page = visitor.go("/settings")
    page.get_by_role("button", name=f"Test {setting}", exact=True).click()
    expect(result(page)).to_contain_text(verdict)
    expect(result(page)).to_contain_text(words)
    steps = page.get_by_role("region", name="Steps").get_by_role("listitem")
    expect(steps).to_have_count(13)
    expect(page.get_by_role("region", name="SMTP dialogue")).to_contain_text("AUTH PLAIN ***")
    expect(page.get_by_role("region", name="Certificate")).to_contain_text("Relaybook demo CA")
    page.goto("/tests?setting_id=" + setting)
    expect(page.get_by_role("row").nth(1)).to_contain_text(verdict)


def test_the_form_is_tested_as_it_stands_and_the_suggestion_goes_into_it(
    visitor: Visitor, served: Served
) -> None:
    stored = served.setting("demo")
    page = visitor.go("/register?id=mended-by-test")
    page.get_by_label("Host", exact=True).fill(stored["host"])
    page.get_by_label("Port", exact=True).fill(str(stored["port"]))
    page.get_by_text("SSL/TLS from the start", exact=True).click()
    page.get_by_label("User", exact=True).fill("demo@relaybook.example")
    page.get_by_label("Password", exact=True).fill("demo-demo")
    page.get_by_text("Private CA").first.click()
    page.get_by_label("Certificate of the authority (PEM)").fill(stored["ca_pem"])
    page.get_by_role("button", name="Connection test").click()
    expect(result(page)).to_contain_text("port_expects_plain")
    assert "mended-by-test" not in str(served.ask("GET", "/v1/smtp-settings?q=mended-by"))

    page.get_by_role("button", name="Put the change into the form").click()
    expect(page.locator("[name=security][value=starttls]")).to_be_checked()
    expect(page.get_by_label("Password", exact=True)).to_have_value("demo-demo")
    page.get_by_role("button", name="Connection test").click()
    expect(result(page)).to_contain_text("Passed")

    page.goto("/settings")  # leaving, and coming back
    page.go_back()
    expect(result(page)).to_contain_text("Passed")
    expect(page.get_by_label("Host", exact=True)).to_have_value(stored["host"])
    expect(page.locator("[name=security][value=starttls]")).to_be_checked()
    page.get_by_label("Password", exact=True).fill("demo-demo")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("mended-by-test was registered")


def test_a_failed_test_never_blocks_saving(visitor: Visitor, served: Served) -> None:
    served.register("unblocked", host="127.0.0.1", port=1)
    page = visitor.go("/settings/unblocked")
    page.get_by_role("button", name="Connection test").click()
    expect(result(page)).to_contain_text("address_not_allowed")
    page.get_by_label("Value of the header").fill("saved")
    page.get_by_role("button", name="Update").click()
    expect(page.get_by_role("status").first).to_contain_text("unblocked was updated")


def test_an_unchanged_form_tests_the_setting_itself_and_keeps_a_history(
    visitor: Visitor, served: Served
) -> None:
    page = visitor.go("/settings/demo")
    for _ in range(2):
        page.get_by_role("button", name="Connection test").click()
        expect(page).to_have_url(re.compile(r"/settings/demo\?test="))
        result(page)
        page.goto("/settings/demo")
    tests = served.ask("GET", "/v1/connection-tests?setting_id=demo&limit=2")["items"]
    assert [one["draft"] for one in tests] == [False, False]
    page.goto(f"/tests/{tests[0]['id']}")
    earlier = page.get_by_role("region", name="Earlier tests")
    earlier.get_by_role("link").nth(1).click()
    expect(page).to_have_url(re.compile(tests[1]["id"]))


def test_the_suggestion_of_a_stored_test_leads_into_the_form(visitor: Visitor) -> None:
    page = visitor.go("/settings")
    page.get_by_role("button", name="Test demo-wrong-security", exact=True).click()
    expect(result(page)).to_contain_text("port_expects_plain")
    page.get_by_role("link", name="Put the change into the form").click()
    expect(page.get_by_text("The suggested change stands in the form now")).to_be_visible()
    expect(page.locator("[name=security][value=starttls]")).to_be_checked()


def test_a_test_that_needs_addresses_says_so_at_their_fields(visitor: Visitor) -> None:
    page = visitor.go("/settings/demo")
    page.get_by_text("Test options").click()
    page.get_by_label("How far").select_option("send")
    page.get_by_role("button", name="Connection test").click()
    expect(page.get_by_role("alert")).to_contain_text("Sender of the test")
    page.get_by_text("Test options").click()
    expect(page.get_by_label("How far")).to_have_value("send")
    page.get_by_label("Sender of the test").fill("demo@relaybook.example")
    page.get_by_label("Recipient of the test").fill("someone@relaybook.example")
    page.get_by_role("button", name="Connection test").click()
    expect(result(page)).to_contain_text("Passed")
