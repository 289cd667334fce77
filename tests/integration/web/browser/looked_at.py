"""Every page in each state that looks different: what is swept for accessibility and pictured.

A new page of the web client is added here; a test says which one is missing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import Page, expect

from tests.integration.cli.running import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.web.browser.visiting import Served

_ENDS_S: Final = 60.0
ACME: Final[dict[str, Any]] = {
    "port": 587,
    "auth": {"method": "password", "user": "mailer@acme.example", "password": "correct horse"},
    "x_mailer": "Accel",
    "session_properties": {
        "mail.smtp.localhost": "app01.acme.example",
        "mail.smtp.sendpartial": "true",
    },
}


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """What the pages are about."""

    failed: str
    passed: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One page in one state; `rule` is its route, `arrange` brings it there from its address."""

    name: str
    rule: str
    path: Callable[[Seeds], str]
    arrange: Callable[[Page], None] | None = None
    signed_in: bool = True


def seeds_of(served: Served) -> Seeds:
    """Make what the pages are about: settings, tests that passed and failed, and one outdated."""
    for name in ("acme", "globex"):
        served.register(name, **ACME)
    served.register("kaisha", host="メール.例え.jp", security="none", port=25)
    _with_a_past(served)
    tested = {name: _tested(served, name) for name in ("demo", "demo-wrong-security", "globex")}
    served.ask("PATCH", "/v1/smtp-settings/globex", {"x_mailer": "Relaybook"}, **{"If-Match": "*"})
    return Seeds(passed=tested["demo"], failed=tested["demo-wrong-security"])


def _with_a_past(served: Served) -> None:
    """Make settings that were changed and deleted, and a provider that waits for consent."""
    served.register("changed", **ACME)
    for patch in (
        {"port": 465, "security": "implicit_tls", "auth": {"password": "battery staple"}},
        {"connection_timeout_ms": 30_000, "session_properties": {"mail.smtp.localhost": None}},
    ):
        served.ask("PATCH", "/v1/smtp-settings/changed", patch, **{"If-Match": "*"})
    served.register("deleted", **ACME)
    served.ask("DELETE", "/v1/smtp-settings/deleted", **{"If-Match": "*"})
    consented = {"id": "consented", "preset": "google", "grant": "authorization_code"}
    for name in ("refused", "renewed"):  # nothing may be sent to this address
        webhook = {"id": name, "url": "https://169.254.169.254/in", "types": ["alert.*"]}
        served.ask("POST", "/v1/webhooks", webhook)
    served.ask("POST", "/v1/webhooks/refused/ping")
    served.ask("POST", "/v1/oauth-providers", consented | {"client_id": "relaybook"})


def _tested(served: Served, setting_id: str) -> str:
    """Test a setting and return the id of the test once it has ended."""
    test_id = str(served.ask("POST", "/v1/connection-tests", {"setting_id": setting_id})["id"])
    until = time.monotonic() + _ENDS_S
    while served.ask("GET", f"/v1/connection-tests/{test_id}")["state"] != "completed":
        assert time.monotonic() < until, f"the test of {setting_id} does not end"
        time.sleep(0.1)
    return test_id


def _send_empty_form(page: Page) -> None:
    page.locator("#host").fill("https://mail.acme.example:587/")
    page.locator("#port").fill("90000")
    page.locator("#setting-form button[name=do][value=save]").last.click()
    expect(page.locator("#problem")).to_be_visible()


def _open_delete(page: Page) -> None:
    page.locator("button[popovertarget=delete]").first.click()
    expect(page.locator("#delete")).to_be_visible()


def _overtaken(page: Page) -> None:
    """Save behind the back of the page, then save it."""
    other = page.context.new_page()
    other.goto(page.url)
    number = int(other.locator("#timeout_ms").input_value())
    other.locator("#timeout_ms").fill(str(number + 1))
    other.locator("#x_mailer").fill(f"Theirs {number}")
    other.locator("#setting-form button[name=do][value=save]").last.click()
    expect(other.locator(".alert-success")).to_be_visible()
    other.close()
    page.locator("#x_mailer").fill("Mine")
    page.locator("#connection_timeout_ms").fill("30000")
    page.locator("#setting-form button[name=do][value=save]").last.click()
    expect(page.locator(".conflict")).to_be_visible()


def _plan(page: Page) -> None:
    page.locator("#file").set_input_files(SAMPLE)
    page.locator("button[name=step][value=plan]").click()
    expect(page.locator("#plan .card")).to_be_visible()


def _seal(page: Page) -> None:
    page.locator("[name=secrets][value=sealed]").check()


def _open_person(page: Page) -> None:
    page.locator("button[popovertarget=person]").click()
    expect(page.locator("#person")).to_be_visible()


def _test_form(page: Page) -> None:
    page.locator("#setting-form button[name=do][value=test]").click()
    expect(page.locator("#test .verdict")).to_be_visible(timeout=60_000)


def _follow(page: Page) -> None:
    page.locator("a[href*='live=1']").click()
    expect(page.locator("#events")).to_have_attribute("hx-swap", "afterbegin")


def _renew_secret(page: Page) -> None:
    page.locator("[name=renew]").check()
    page.locator("form.narrow .form-actions button").click()
    expect(page.locator("#shown-once")).to_be_visible()


def _make_user(page: Page) -> None:
    """Create a user of a name that no other look has taken."""
    page.locator("#name").fill(f"yamada-{time.monotonic_ns()}")
    page.locator("[name=roles][value=operator]").check()
    page.locator("#part-new button").click()
    expect(page.locator("#shown-once")).to_be_visible()


def _open_revoke(page: Page) -> None:
    page.locator("button[popovertarget^=revoke]").first.click()
    expect(page.locator(".confirm:popover-open")).to_be_visible()


PAGES: Final = (
    Shown(name="sign-in", rule="/sign-in", path=lambda _: "/sign-in", signed_in=False),
    Shown(name="list", rule="/settings", path=lambda _: "/settings"),
    Shown(name="list-person", rule="/settings", path=lambda _: "/settings", arrange=_open_person),
    Shown(name="list-nothing-found", rule="/settings", path=lambda _: "/settings?q=nowhere"),
    Shown(name="register", rule="/register", path=lambda _: "/register"),
    Shown(
        name="register-refused",
        rule="/register",
        path=lambda _: "/register",
        arrange=_send_empty_form,
    ),
    Shown(name="setting", rule="/settings/<setting_id>", path=lambda _: "/settings/acme"),
    Shown(
        name="setting-delete",
        rule="/settings/<setting_id>",
        path=lambda _: "/settings/acme",
        arrange=_open_delete,
    ),
    Shown(
        name="setting-conflict",
        rule="/settings/<setting_id>",
        path=lambda _: "/settings/acme",
        arrange=_overtaken,
    ),
    Shown(
        name="setting-tested",
        rule="/settings/<setting_id>",
        path=lambda _: "/settings/demo-wrong-security",
        arrange=_test_form,
    ),
    Shown(name="setting-missing", rule="/settings/<setting_id>", path=lambda _: "/settings/no-one"),
    Shown(name="tests", rule="/tests", path=lambda _: "/tests"),
    Shown(name="test-failed", rule="/tests/<test_id>", path=lambda seeds: f"/tests/{seeds.failed}"),
    Shown(name="test-passed", rule="/tests/<test_id>", path=lambda seeds: f"/tests/{seeds.passed}"),
    Shown(name="import", rule="/import", path=lambda _: "/import"),
    Shown(name="import-plan", rule="/import", path=lambda _: "/import", arrange=_plan),
    Shown(name="export", rule="/export", path=lambda _: "/export?id=acme", arrange=_seal),
    Shown(
        name="history",
        rule="/settings/<setting_id>/history",
        path=lambda _: "/settings/changed/history",
    ),
    Shown(
        name="history-deleted",
        rule="/settings/<setting_id>/history",
        path=lambda _: "/settings/deleted/history",
    ),
    Shown(
        name="compare",
        rule="/settings/<setting_id>/compare",
        path=lambda _: "/settings/changed/compare?from=1&to=3",
    ),
    Shown(
        name="compare-unified",
        rule="/settings/<setting_id>/compare",
        path=lambda _: "/settings/changed/compare?from=1&to=3&view=unified",
    ),
    Shown(
        name="restore",
        rule="/settings/<setting_id>/restore",
        path=lambda _: "/settings/changed/restore?version=1",
    ),
    Shown(name="as-of", rule="/as-of", path=lambda _: "/as-of?at=999"),
    Shown(name="as-of-asked", rule="/as-of", path=lambda _: "/as-of"),
    Shown(
        name="as-of-setting",
        rule="/as-of/<setting_id>",
        path=lambda _: "/as-of/changed?at=999",
    ),
    Shown(name="events", rule="/events", path=lambda _: "/events"),
    Shown(name="events-live", rule="/events", path=lambda _: "/events", arrange=_follow),
    Shown(
        name="event",
        rule="/events/<int(max=9223372036854775807):position>",
        path=lambda _: "/events/3",
    ),
    Shown(name="log", rule="/log", path=lambda _: "/log"),
    Shown(name="providers", rule="/oauth-providers", path=lambda _: "/oauth-providers"),
    Shown(
        name="provider-new",
        rule="/oauth-providers/new",
        path=lambda _: "/oauth-providers/new?preset=microsoft365",
    ),
    Shown(
        name="provider",
        rule="/oauth-providers/<provider_id>",
        path=lambda _: "/oauth-providers/consented",
    ),
    Shown(name="webhooks", rule="/webhooks", path=lambda _: "/webhooks"),
    Shown(name="webhook-new", rule="/webhooks/new", path=lambda _: "/webhooks/new"),
    Shown(name="webhook", rule="/webhooks/<webhook_id>", path=lambda _: "/webhooks/refused"),
    Shown(
        name="webhook-made",
        rule="/webhooks/<webhook_id>",
        path=lambda _: "/webhooks/renewed",
        arrange=_renew_secret,
    ),
    Shown(name="users", rule="/users", path=lambda _: "/users"),
    Shown(name="users-made", rule="/users", path=lambda _: "/users", arrange=_make_user),
    Shown(name="tokens", rule="/tokens", path=lambda _: "/tokens"),
    Shown(name="tokens-revoke", rule="/tokens", path=lambda _: "/tokens", arrange=_open_revoke),
    Shown(name="status", rule="/status", path=lambda _: "/status"),
    Shown(name="welcome", rule="/welcome", path=lambda _: "/welcome"),
    Shown(
        name="consent-refused", rule="/oauth/callback", path=lambda _: "/oauth/callback?state=none"
    ),
)
#: Routes that answer no page of their own.
WITHOUT_PAGE: Final = {
    "/": "leads to the list",
    "/assets/<path:path>": "files",
    "/tests/<test_id>/stream": "a stream",
    "/events/stream": "a stream",
    "/sign-in/openid": "leads to the provider",
    "/sign-in/openid/callback": "leads back, or shows the sign-in",
}
