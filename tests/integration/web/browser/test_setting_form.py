"""The form of a setting: registering, changing, what is wrong where, secrets, properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.integration.web.browser.visiting import a_visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.integration.web.browser.visiting import Served, Visitor

AUTH = {"method": "password", "user": "mailer", "password": "correct horse"}


def save(page: Page, name: str = "Update") -> None:
    page.get_by_role("button", name=name, exact=True).click()


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def test_a_setting_is_registered_and_the_port_follows_the_security(
    visitor: Visitor, served: Served
) -> None:
    page = visitor.go("/settings")
    page.get_by_role("link", name="Register new").click()
    field(page, "ID").fill("new-one")
    field(page, "Host").fill("smtp.new.example")
    page.get_by_text("SSL/TLS from the start", exact=True).click()
    expect(field(page, "Port")).to_have_attribute("placeholder", "465")
    field(page, "User").fill("mailer@new.example")
    field(page, "Password").fill("correct horse")
    save(page, "Register")
    expect(page.get_by_role("status").first).to_contain_text("new-one was registered")
    stored = served.setting("new-one")
    assert (stored["port"], stored["security"], stored["secret"]) == (465, "implicit_tls", "stored")
    field(page, "Port").fill("2465")
    page.get_by_text("TLS/STARTTLS", exact=True).click()
    expect(field(page, "Port")).to_have_value("2465")  # it was typed


def test_a_port_that_is_usual_for_one_security_follows_to_another(
    visitor: Visitor, served: Served
) -> None:
    served.register("follows")
    page = visitor.go("/settings/follows")
    page.get_by_text("SSL/TLS from the start", exact=True).click()
    expect(field(page, "Port")).to_have_value("465")


def test_what_is_wrong_stands_at_the_field_and_above_and_nothing_typed_is_lost(
    visitor: Visitor, served: Served
) -> None:
    page = visitor.go("/register")
    field(page, "ID").fill("wrong one")
    field(page, "Host").fill("https://smtp.wrong.example/")
    field(page, "Password").fill("typed once")
    field(page, "Value of the header").fill("kept")
    save(page, "Register")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(3)
    expect(field(page, "Host")).to_have_attribute("aria-invalid", "true")
    expect(field(page, "Host")).to_have_accessible_description(re.compile("smtp.wrong.example"))
    expect(field(page, "Value of the header")).to_have_value("kept")
    expect(field(page, "Password")).to_have_value("typed once")
    summary.get_by_role("link", name="User").click()
    expect(field(page, "User")).to_be_focused()
    page.get_by_role("button", name="Take the suggestion").first.click()
    expect(field(page, "Host")).to_have_value("smtp.wrong.example")
    field(page, "ID").fill("mended")
    field(page, "User").fill("mailer")
    save(page, "Register")
    expect(page).to_have_title("mended · Relaybook")
    assert served.setting("mended")["secret"] == "stored"


def test_a_number_that_is_none_is_told_in_the_readers_language(
    browser: Browser, served: Served
) -> None:
    served.register("numbers")
    with a_visitor(browser, served, locale="ja") as reader:
        page = reader.go("/settings/numbers")
        field(page, "タイムアウト(ミリ秒)").fill("5s")
        save(page, "更新")
        expect(page.get_by_role("alert")).to_contain_text("タイムアウト: 値の型は")


def test_a_stored_password_stays_with_its_destination(visitor: Visitor, served: Served) -> None:
    served.register("bound", auth=AUTH)
    page = visitor.go("/settings/bound")
    assert "correct horse" not in page.content()
    field(page, "Value of the header").fill("harmless")
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("bound was updated")
    field(page, "Host").fill("elsewhere.example")
    save(page)
    expect(field(page, "Password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("/host")
    field(page, "Password").fill("another horse")
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("bound was updated")
    assert served.setting("bound")["host"] == "elsewhere.example"
    page.get_by_label("Remove the stored password").check()
    save(page)
    expect(page.get_by_label("Remove the stored password")).to_have_count(0)
    assert served.setting("bound")["secret"] == "none"


def test_session_properties_are_completed_added_kept_and_taken_out(
    visitor: Visitor, served: Served
) -> None:
    served.register(
        "props",
        session_properties={
            "mail.smtp.localhost": "app01",
            "mail.smtp.proxy.password": "under-the-mat",
        },
    )
    page = visitor.go("/settings/props")
    assert "under-the-mat" not in page.content()
    assert page.locator("datalist option[value='mail.smtp.starttls.required']").count() == 1
    page.get_by_role("button", name="Add a property").click()
    name = page.get_by_label("Name of property 3")
    expect(name).to_be_focused()
    name.fill("mail.smtp.timeout")
    page.get_by_label("Value of property 3").fill("7000")
    page.get_by_label("Name of property 1").fill("")
    page.get_by_label("Value of property 1").fill("")
    in_force = page.locator("#effective")
    row = in_force.get_by_role("row").filter(has_text="mail.smtp.timeout")
    expect(row).to_contain_text("7000")
    expect(row).to_contain_text("your property")
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("props was updated")
    stored = served.setting("props")
    assert stored["session_properties"] == {"mail.smtp.timeout": "7000"}
    assert stored["secret"] == "stored"
    page.get_by_label("Name of property 1").fill("")
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("props was updated")
    assert served.setting("props")["secret"] == "none"


def test_a_property_in_two_rows_and_one_that_weakens_are_refused_at_their_rows(
    visitor: Visitor, served: Served
) -> None:
    served.register("twice")
    page = visitor.go("/settings/twice")
    page.get_by_label("Name of property 1").fill("mail.smtp.localhost")
    page.get_by_label("Value of property 1").fill("a")
    page.get_by_role("button", name="Add a property").click()
    page.get_by_label("Name of property 2").fill("mail.smtp.localhost")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("more than one row")
    page.get_by_label("Name of property 2").fill("mail.smtp.ssl.enable")
    page.get_by_label("Value of property 2").fill("true")
    save(page)
    expect(page.get_by_label("Name of property 2")).to_have_attribute("aria-invalid", "true")


def test_somebody_else_saved_first_and_each_field_is_chosen(
    visitor: Visitor, served: Served
) -> None:
    served.register("both", x_mailer="before")
    page = visitor.go("/settings/both")
    served.ask(
        "PATCH",
        "/v1/smtp-settings/both",
        {"x_mailer": "theirs", "timeout_ms": 1500, "debug": True},
        **{"If-Match": "*"},
    )
    field(page, "Value of the header").fill("mine")
    field(page, "Connection timeout (ms)").fill("2500")
    save(page)
    conflict = page.locator(".conflict")
    expect(conflict.get_by_role("heading")).to_contain_text("Somebody else saved first")
    expect(conflict.get_by_role("rowheader")).to_have_text(
        ["X-Mailer header both changed it", "Debug", "Connection timeout", "Timeout"]
    )
    conflict.get_by_role("row").filter(has_text="X-Mailer").get_by_label("theirs").check()
    conflict.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_role("status").first).to_contain_text("both was updated")
    stored = served.setting("both")
    assert (stored["x_mailer"], stored["debug"]) == ("theirs", True)
    assert (stored["timeout_ms"], stored["connection_timeout_ms"]) == (1500, 2500)


def test_a_setting_that_was_deleted_meanwhile_is_registered_again(
    visitor: Visitor, served: Served
) -> None:
    served.register("gone", x_mailer="one")
    page = visitor.go("/settings/gone")
    served.ask("DELETE", "/v1/smtp-settings/gone", **{"If-Match": "*"})
    field(page, "Value of the header").fill("two")
    save(page)
    page.get_by_role("button", name="Register it again with these values").click()
    expect(page.get_by_role("status").first).to_contain_text("gone was registered")
    assert served.setting("gone")["x_mailer"] == "two"


def test_a_setting_is_deleted_after_a_confirmation_by_keyboard(
    visitor: Visitor, served: Served
) -> None:
    served.register("doomed")
    page = visitor.go("/settings/doomed")
    button = page.get_by_role("button", name="Delete", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, delete")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("doomed was deleted")


def test_an_access_token_comes_from_a_provider_that_is_chosen(
    visitor: Visitor, served: Served
) -> None:
    provider = {
        "id": "idp",
        "grant": "client_credentials",
        "token_url": "https://login.example/token",
        "client_id": "relaybook",
        "client_secret": "s",
        "mail_hosts": ["smtp.token.example"],
    }
    served.ask("POST", "/v1/oauth-providers", provider)
    page = visitor.go("/register?id=token")
    field(page, "Host").fill("smtp.token.example")
    page.get_by_text("Access token", exact=True).click()
    expect(field(page, "Password")).to_be_hidden()
    field(page, "User").fill("mailer")
    field(page, "OAuth provider").select_option("idp")
    save(page, "Register")
    expect(page.get_by_role("status").first).to_contain_text("token was registered")
    assert served.setting("token")["auth"]["provider_id"] == "idp"


def test_what_was_typed_stays_when_the_session_has_ended_or_nothing_answers(
    visitor: Visitor, served: Served
) -> None:
    served.register("stays")
    page = visitor.go("/settings/stays")
    field(page, "Value of the header").fill("typed for long")
    page.route("**/settings/stays", lambda route: route.abort())  # as a network that is gone
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
    page.unroute("**/settings/stays")
    session = page.context.cookies()
    page.context.clear_cookies()
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Sign in again in another window")
    expect(field(page, "Value of the header")).to_have_value("typed for long")
    page.context.add_cookies(session)  # type: ignore[arg-type]  # what it returned itself
    save(page)
    expect(page.get_by_role("status").first).to_contain_text("stays was updated")
    visitor.complaints.clear()  # the browser told of the network that was gone
