"""Plants secrets by the command line and by a browser."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

from services.config_api.domain.secret import Secret
from services.config_api.formats.age import sealed
from tests.integration.security.canaries import USER
from tests.integration.security.doors import setting
from tests.support.services import missing

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.integration.security.swept_house import House

_PATIENCE_MS = 15_000
_CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--password-store=basic",
]  # fmt: skip


def through_the_command_line(house: House) -> None:
    """Register, import, export, make a user and a token, and get some of it wrong."""
    new, port = house.canaries.new, house.welcoming.port
    where = ("--host", "127.0.0.1", "--port", str(port), "--security", "none")
    register = ("settings", "register", "cli", *where, "--auth", "password", "--user", USER)
    house.cli(*register, "--password-file", "-", stdin=new("CLI: password"))
    whole = setting(port, new("CLI file: password"), session_properties={})
    file = house.door("one.json", json.dumps(whole | {"id": "cli-file"}))
    house.cli("settings", "register", "cli-file", "-f", str(file))
    house.cli("test", "cli")
    items = [{"id": "cli-import", **setting(port, new("CLI import: password"))}]
    plain = json.dumps({"relaybook": 1, "settings": items}).encode()
    phrase = new("CLI passphrase")
    closed = house.door("many.json.age", b"".join(sealed([plain], Secret(phrase))))
    secret = house.door("phrase", phrase)
    house.cli("import", str(closed), "--mode", "new", "--passphrase-file", str(secret))
    house.cli("export", "-o", str(house.folder / "out" / "plain.yaml"))
    wrong = house.door("wrong.json", plain.replace(b'"none"', b'"?"'))
    house.cli("import", str(wrong), "--mode", "update", status=1)
    torn = house.door("torn.json", plain[:-2] + b",]}")
    house.cli("import", str(torn), "--mode", "update", status=1)
    house.cli("users", "create", "dora", "--role", "reader", "--password-file", "-",
              stdin=new("CLI user's password"))  # fmt: skip
    token = house.cli("tokens", "create", "--role", "credentials", "--role", "operator",
                      "--name", "cli").strip()  # fmt: skip
    house.canaries.add("token of the CLI", token.encode())
    house.door("token", token)
    for line in (("config",), ("doctor",), ("settings", "list"), ("events", "list")):
        house.cli(*line)
    sealed_export = ("export", "--sealed", "--passphrase-file", str(secret),
                     "-o", str(house.folder / "out" / "sealed.json.age"))  # fmt: skip
    house.variables["RELAYBOOK_TOKEN"] = token
    house.cli(*sealed_export)
    del house.variables["RELAYBOOK_TOKEN"]


def through_a_browser(house: House) -> None:
    """Sign in, test, register and change settings, import; the profile stays on the disk."""
    executable = shutil.which("chromium")
    if executable is None:
        missing("no Chromium: install Debian's package chromium")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(house.folder / "browser"), executable_path=executable, args=_CHROMIUM,
            base_url=house.recorder.url,
        )  # fmt: skip
        page = context.pages[0]
        page.set_default_timeout(_PATIENCE_MS)
        expect.set_options(_PATIENCE_MS)
        _follow_link(house, page)
        _sign_in(house, page)
        cookies = {one["name"]: one["value"] for one in context.cookies()}
        house.canaries.add("browser's session", cookies["relaybook"].encode())
        _test(page)
        _register(house, page)
        _change(house, page)
        _test_unsaved(house, page)
        _provide(house, page)
        _let_in(house, page)
        _import(house, page)
        context.close()


def _follow_link(house: House, page: Page) -> None:
    page.goto(house.file("data/sign-in.link"))
    expect(page).to_have_title("SMTP settings · Relaybook")
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    house.canaries.add("session by link", cookies["relaybook"].encode())
    page.context.clear_cookies()


def _sign_in(house: House, page: Page) -> None:
    password = house.canaries.text("user's password")
    page.goto("/sign-in")
    for given in (house.canaries.new("browser's wrong password"), password):
        page.get_by_label("User").fill("alice")
        page.get_by_label("Password").fill(given)
        page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_title("SMTP settings · Relaybook")


def _test(page: Page) -> None:
    page.get_by_role("button", name="Test echoed", exact=True).click()
    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text("bad_credentials")


def _fill(page: Page, **fields: str) -> None:
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text)


def _register(house: House, page: Page) -> None:
    """Register a setting in the form, first with a wrong field, so that the form comes back."""
    page.goto("/register?id=formed")
    page.locator("[name=security][value=none] + span").click()
    _fill(page, Host="https://127.0.0.1/", Port=str(house.welcoming.port), User=USER)
    _fill(page, Password=house.canaries.new("browser's form came back: password"))
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_label("Host", exact=True)).to_have_attribute("aria-invalid", "true")
    _fill(page, Host="127.0.0.1", Password=house.canaries.new("browser's form: password"))
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("formed was registered")


def _change(house: House, page: Page) -> None:
    """Give a setting another password in its form, and look at it as another reader would."""
    _fill(page, Password=house.canaries.new("browser's change: password"))
    page.get_by_role("button", name="Update", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("formed was updated")
    page.goto("/settings/formed")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")


def _test_unsaved(house: House, page: Page) -> None:
    """Test what stands in a form and is not saved: a server that says the password back."""
    _fill(page, Port=str(house.echoing.port))
    _fill(page, Password=house.canaries.new("browser's unsaved form: password"))
    page.get_by_role("button", name="Connection test").click()
    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text("bad_credentials")
    page.goto("/settings")  # leaving, and coming back to the test
    page.go_back()
    expect(result).to_contain_text("bad_credentials")


def _provide(house: House, page: Page) -> None:
    """Register an OAuth provider in its form, first with a wrong address."""
    page.goto("/oauth-providers/new")
    page.locator("[name=grant][value=client_credentials] + span").click()
    page.locator("[name=id]").fill("formed")
    page.locator("[name=client_id]").fill("relaybook")
    page.locator("[name=token_url]").fill("nowhere")
    secret = page.locator("[name=client_secret]")
    secret.fill(house.canaries.new("browser's provider came back: password"))
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.locator("[name=token_url]")).to_have_attribute("aria-invalid", "true")
    page.locator("[name=token_url]").fill(f"{house.tokens.url}/token")
    secret.fill(house.canaries.new("browser's provider: password"))
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page).to_have_title("formed · Relaybook")


def _let_in(house: House, page: Page) -> None:
    """Make a user with a password and one with a password that is made, and a token."""
    for name, password in (("erik", house.canaries.new("browser's user: password")), ("fay", "")):
        page.goto("/users")
        page.locator("[name=name]").fill(name)
        page.locator("[name=password]").fill(password)
        page.locator("[name=roles][value=reader]").check()
        page.get_by_role("button", name="Create the user").click()
        expect(page.get_by_role("status").first).to_contain_text(name)
    house.canaries.add("browser's made password", _shown_once(page))
    page.goto("/tokens")
    page.locator("[name=name]").fill("browser")
    page.locator("[name=roles][value=reader]").check()
    page.get_by_role("button", name="Issue the token").click()
    house.canaries.add("browser's new token", _shown_once(page))
    page.goto("/tokens")


def _shown_once(page: Page) -> bytes:
    return page.locator("#shown-once").input_value().encode()


def _import(house: House, page: Page) -> None:
    phrase = house.canaries.new("browser's passphrase")
    items = [
        {"id": "browser", **setting(house.welcoming.port, house.canaries.new("browser's import"))}
    ]
    plain = json.dumps({"relaybook": 1, "settings": items}).encode()
    file = house.door("browser.json.age", b"".join(sealed([plain], Secret(phrase))))
    page.goto("/import")
    page.get_by_label("File", exact=True).set_input_files(str(file))
    page.locator("summary", has_text="Passphrase").click()
    page.get_by_label("Passphrase").fill(phrase)
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("region", name="Import plan")).to_contain_text("browser")
    page.get_by_role("button", name="Run the import").click()
    expect(page.get_by_role("region", name="Import result")).to_contain_text("browser")
