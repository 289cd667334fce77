"""What surrounds every page: the way in, the menu, language, colours, the viewer's clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import expect

from tests.integration.web.browser.visiting import PHONE, a_visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.integration.web.browser.visiting import Served, Visitor


def test_the_printed_link_signs_in_once_and_a_look_at_it_uses_nothing_up(
    browser: Browser, served: Served
) -> None:
    found = re.search(r"http://\S+/sign-in\?link=\S+", served.up.told)
    assert found is not None
    link = found.group()
    httpx.head(link, trust_env=False)  # a mail scanner looks first
    with (
        a_visitor(browser, served, roles=()) as first,
        a_visitor(browser, served, roles=()) as next_,
    ):
        first.go(link)
        expect(first.page).to_have_title("SMTP settings · Relaybook")
        next_.go(link)
        expect(next_.page.get_by_role("alert")).to_contain_text("not valid any more")


def test_nobody_sees_a_page_without_signing_in(browser: Browser, served: Served) -> None:
    with a_visitor(browser, served, roles=()) as stranger:
        for path in ("/settings", "/register", "/tests", "/export"):
            stranger.go(path)
            expect(stranger.page).to_have_url(re.compile("/sign-in$"))


def test_a_user_signs_in_by_password_and_signing_out_ends_it(
    browser: Browser, served: Served
) -> None:
    user = {"name": "alice", "password": "correct horse battery", "roles": ["operator"]}
    served.ask("POST", "/v1/users", user)
    with a_visitor(browser, served, roles=()) as alice:
        page = alice.go("/sign-in")
        page.get_by_label("User", exact=True).fill("alice")
        page.get_by_label("Password", exact=True).fill("wrong horse battery")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("User or password is wrong")
        page.get_by_label("User", exact=True).fill("alice")
        page.get_by_label("Password", exact=True).fill("correct horse battery")
        page.keyboard.press("Enter")
        expect(page).to_have_title("SMTP settings · Relaybook")
        page.get_by_role("button", name="Signed in as alice").click()
        expect(page.locator("#person")).to_contain_text("operator")
        page.get_by_role("button", name="Sign out").click()
        page.goto("/settings")
        expect(page).to_have_url(re.compile("/sign-in$"))


def test_the_menu_and_the_buttons_are_those_that_a_role_may_use(
    browser: Browser, served: Served
) -> None:
    with a_visitor(browser, served, roles=("reader",)) as reader:
        menu = reader.go("/settings").get_by_role("navigation", name="Pages")
        expect(menu.get_by_role("link")).to_have_text(
            [
                "SMTP settings",
                "Connection tests",
                "As of a moment",
                "System status",
                "API reference",
            ]
        )
        expect(reader.page.get_by_role("link", name="Register new")).to_have_count(0)
        page = reader.go("/settings/demo")
        expect(page.get_by_label("Host", exact=True)).to_be_disabled()
        expect(page.get_by_role("button", name="Update")).to_have_count(0)
    with a_visitor(browser, served, roles=("operator",), tenants=("demo",)) as limited:
        menu = limited.go("/settings").get_by_role("navigation", name="Pages")
        expect(menu.get_by_role("link", name="Import")).to_have_count(0)
        expect(limited.page.get_by_role("rowheader")).to_have_text(["demo"])


def test_the_reader_chooses_language_and_colours_and_the_system_decides_otherwise(
    page: Page,
) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/settings")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("heading", name="SMTPサーバ設定")).to_be_visible()
    page.get_by_role("button", name="配色", exact=True).click()
    page.get_by_role("button", name="明るい配色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="配色", exact=True).click()
    page.get_by_role("button", name="システムに合わせる").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_moments_stand_on_the_viewers_clock_with_utc_beside(visitor: Visitor) -> None:
    page = visitor.go("/settings")
    moment = page.locator("time").first
    written = moment.get_attribute("datetime")
    assert written is not None
    in_tokyo = page.evaluate(
        "(at) => new Date(at).toLocaleString('sv-SE', {timeZone: 'Asia/Tokyo'}).slice(0, 16)",
        written,
    )
    expect(moment).to_have_text(in_tokyo)
    assert moment.get_attribute("title") == written[:19].replace("T", " ") + " UTC"
    page.reload()  # now the server knows the zone
    assert in_tokyo in page.content()


def test_the_menu_opens_on_a_phone(browser: Browser, served: Served) -> None:
    with a_visitor(browser, served, viewport=PHONE) as visitor:
        page = visitor.go("/settings")
        expect(page.get_by_role("link", name="Connection tests")).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        page.get_by_role("link", name="Connection tests").click()
        expect(page).to_have_url(re.compile("/tests$"))
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"]


def test_the_first_key_leads_past_the_menu(visitor: Visitor) -> None:
    page = visitor.go("/settings")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
