"""History, restoration, the past, events as they come, providers, users and tokens by hand."""

from __future__ import annotations

import io
import re
import tarfile
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.integration.web.browser.visiting import PHONE, a_visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.integration.web.browser.visiting import Served, Visitor

ANY = {"If-Match": "*"}


def changed(served: Served, setting_id: str) -> None:
    """Register a setting and change it twice."""
    auth = {"method": "password", "user": "mailer", "password": "correct horse"}
    served.register(setting_id, auth=auth)
    path = f"/v1/smtp-settings/{setting_id}"
    served.ask("PATCH", path, {"port": 2525, "auth": {"password": "battery"}}, **ANY)
    served.ask("PATCH", path, {"x_mailer": "Accel"}, **ANY)


def test_an_older_version_is_found_compared_and_restored(visitor: Visitor) -> None:
    changed(visitor.served, "restored")
    page = visitor.go("/settings/restored")
    page.get_by_role("link", name="History").click()
    second = page.locator("#v2")
    expect(second).to_contain_text("Port")
    expect(second.locator("del").first).to_have_text("587")
    expect(second.locator("ins").first).to_have_text("2525")
    second.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("table")).to_contain_text("2525")
    page.get_by_role("link", name="Unified").click()
    expect(page.locator(".is-gone").first).to_contain_text("587")
    page.get_by_role("link", name="Restore v1").click()
    expect(page.get_by_role("heading", name="Restore version 1?")).to_be_visible()
    page.get_by_role("button", name="Yes, restore").click()
    expect(page.get_by_role("status").first).to_contain_text("was restored")
    found = visitor.served.setting("restored")
    assert (found["port"], found["version"], found["secret"]) == (587, 4, "stored")


def test_a_deleted_setting_is_restored_by_keyboard_alone(visitor: Visitor) -> None:
    visitor.served.register("brought-back")
    visitor.served.ask("DELETE", "/v1/smtp-settings/brought-back", **ANY)
    page = visitor.go("/settings/brought-back/history")
    expect(page.get_by_text("This setting is deleted.")).to_be_visible()
    page.get_by_role("link", name="Restore this version").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes, restore").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/brought-back$"))


def test_a_printed_history_holds_all_values_and_no_buttons(visitor: Visitor) -> None:
    changed(visitor.served, "printed")
    page = visitor.go("/settings/printed/history")
    values = page.locator("#v1 table")
    expect(values).to_be_hidden()
    page.emulate_media(media="print")
    expect(values).to_be_visible()
    expect(page.get_by_role("link", name="Restore this version")).to_have_count(0)


def test_the_past_is_shown_on_the_viewers_clock_and_cannot_be_changed(visitor: Visitor) -> None:
    changed(visitor.served, "past")
    listed = visitor.served.ask("GET", "/v1/events?subject=smtp_setting/past")["items"]
    page = visitor.go("/as-of")
    page.get_by_label("or position").fill(listed[0]["position"])
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("note")).to_contain_text("You are looking at the past.")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="past", exact=True))
    expect(row).to_contain_text("v1")
    expect(row).to_contain_text("587")
    page.get_by_role("link", name="past", exact=True).click()
    expect(page.locator("main")).to_contain_text("read-only")
    assert page.locator("main input").count() == 0
    page.goto("/as-of?at=2001-01-01T00:00:00Z")
    expect(page.get_by_label("Date and time")).to_have_value("2001-01-01T09:00")


def test_events_arrive_while_the_log_is_followed(visitor: Visitor) -> None:
    page = visitor.go("/events?subject=smtp_setting/tail")
    expect(page.get_by_text("No event matches.")).to_be_visible()
    page.get_by_role("link", name="Follow live").click()
    expect(page.get_by_text("Following:")).to_be_visible()
    rows = page.locator("#events tr")
    visitor.served.register("tail")
    expect(rows).to_have_count(1)
    visitor.served.ask("PATCH", "/v1/smtp-settings/tail", {"port": 2525}, **ANY)
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Changed")
    title = page.locator("#events time").first.get_attribute("title")
    assert title is not None
    assert title.endswith("UTC")
    page.get_by_role("link", name="Stop following").click()
    expect(page.locator("#events tr")).to_have_count(2)


def test_the_bundle_is_downloaded_with_the_session(visitor: Visitor) -> None:
    page = visitor.go("/log")
    link = page.get_by_role("link", name="Download the bundle")
    for _ in range(20):  # until the relay has sealed what the demo did
        if link.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    with page.expect_download() as download:
        link.click()
    with tarfile.open(fileobj=io.BytesIO(download.value.path().read_bytes())) as bundle:
        assert "relaybook-log/verify.py" in bundle.getnames()


def test_a_user_is_created_and_revoked(visitor: Visitor, browser: Browser) -> None:
    page = visitor.go("/users")
    page.get_by_label("User", exact=False).first.fill("yamada")
    page.get_by_label("Operator").check()
    page.get_by_role("button", name="Create the user").click()
    password = page.get_by_label("The password, shown this once only:").input_value()
    with a_visitor(browser, visitor.served, roles=()) as other:
        entering = other.go("/sign-in")
        entering.get_by_label("User", exact=True).fill("yamada")
        entering.get_by_label("Password", exact=True).fill(password)
        entering.keyboard.press("Enter")
        expect(entering.get_by_role("heading", name="SMTP settings")).to_be_visible()
        page.get_by_role("button", name="Revoke yamada").click()
        page.get_by_role("button", name="Yes, revoke").click()
        expect(page.get_by_role("status").first).to_contain_text("was revoked")
        entering.goto("/settings")
        expect(entering).to_have_url(re.compile("/sign-in$"))


def test_a_token_is_shown_once_and_revoked(visitor: Visitor) -> None:
    page = visitor.go("/tokens")
    page.get_by_label("Name").fill("sender")
    page.get_by_label("Credentials").check()
    page.get_by_role("button", name="Issue the token").click()
    assert page.get_by_label("The token, shown this once only:").input_value().startswith("rb_")
    page.goto("/tokens")
    expect(page.locator("#shown-once")).to_have_count(0)
    page.get_by_role("button", name="Revoke sender").click()
    page.get_by_role("button", name="Yes, revoke").click()
    expect(page.get_by_role("row").filter(has_text="sender")).to_contain_text("revoked")


def test_a_provider_is_registered_by_preset_and_deleted(visitor: Visitor) -> None:
    page = visitor.go("/oauth-providers")
    page.get_by_role("link", name="Google").click()
    _fill_google(page)
    expect(page.get_by_role("status").first).to_contain_text("was registered")
    assert "smtp.gmail.com" in page.locator("#mail_hosts").input_value()
    expect(page.locator("main")).to_contain_text("consent needed")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_role("status").first).to_contain_text("was deleted")


def _fill_google(page: Page) -> None:
    expect(page.locator("#private_key")).to_be_hidden()
    page.get_by_text("Signed assertion (JWT)").click()
    expect(page.locator("#private_key")).to_be_visible()
    page.get_by_text("Consent of a person").click()
    page.locator("#id").fill("google")
    page.locator("#client_id").fill("relaybook")
    page.locator("#client_secret").fill("correct horse")
    page.get_by_role("button", name="Register", exact=True).click()


def test_the_status_refreshes_itself(visitor: Visitor) -> None:
    page = visitor.go("/status")
    before = page.locator(".stat-value").first.inner_text()
    visitor.served.register("counted")
    expect(page.locator(".stat-value").first).not_to_have_text(before, timeout=20_000)


def test_without_script_the_past_is_read_and_restored(browser: Browser, served: Served) -> None:
    changed(served, "plain")
    with a_visitor(browser, served, java_script_enabled=False, viewport=PHONE) as visitor:
        page = visitor.go("/settings/plain/history")
        page.locator("#v1").get_by_role("link", name="Restore this version").click()
        page.get_by_role("button", name="Yes, restore").click()
        expect(page.get_by_text("was restored")).to_be_visible()
        page.goto("/events?subject=smtp_setting/plain")
        expect(page.get_by_role("row")).to_have_count(5)
