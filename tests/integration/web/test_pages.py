"""The pages in a real browser, against everything that `relaybook up --demo` starts."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.integration.cli.running import Up
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = "deploy/demo/javamail-config.xml"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sign-in link that a running demo printed."""
    folder = tmp_path_factory.mktemp("up")
    up = Up(folder / "data")
    up.start("--demo")
    found = re.search(r"http://\S+/sign-in\?link=\S+", up.told)
    assert found is not None
    httpx.head(found.group(), trust_env=False)  # a mail scanner looks first; it uses nothing up
    yield found.group()
    assert up.end() == 0, up.log


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        missing("no Chromium: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, link: str) -> dict[str, object]:
    """The state of a browser that followed the link."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    expect(page).to_have_title("SMTP settings · Relaybook")
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture
def page(browser: Browser, signed_in: dict[str, object], link: str) -> Iterator[Page]:
    """A signed-in page; whatever the browser complains of fails the test."""
    context = browser.new_context(storage_state=signed_in, base_url=base_of(link))  # type: ignore[arg-type]  # what it returned itself
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/settings")
    yield page
    context.close()
    assert complaints == []


def base_of(link: str) -> str:
    return link.partition("/sign-in")[0]


@pytest.mark.parametrize(
    ("setting", "verdict", "words"),
    [
        ("demo", "Passed", "The setting works"),
        ("demo-wrong-password", "Failed", "bad_credentials"),
        ("demo-wrong-port", "Failed", "refused"),
        ("demo-wrong-security", "Failed", "port_expects_plain"),
    ],
)
def test_a_test_shows_its_steps_live_and_ends_with_step_and_reason(
    page: Page, setting: str, verdict: str, words: str
) -> None:
    page.get_by_role("button", name=f"Test {setting}", exact=True).click()
    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text(verdict)
    expect(result).to_contain_text(words)
    expect(page.get_by_role("region", name="Steps").get_by_role("listitem")).to_have_count(13)
    page.goto("/settings")
    row = page.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name=setting, exact=True)
    )
    expect(row).to_contain_text(verdict)


def test_an_import_shows_its_plan_before_anything_changes(page: Page) -> None:
    page.goto("/import")
    page.get_by_label("File", exact=True).set_input_files(SAMPLE)
    page.get_by_role("button", name="Show what will happen").click()
    plan = page.get_by_role("region", name="Import plan")
    expect(plan).to_contain_text("smtp.acme.example")
    assert "acme" not in listed(page)

    page.get_by_role("button", name="Run the import").click()
    expect(page.get_by_role("region", name="Import result")).to_contain_text("acme")
    page.goto("/settings")
    expect(page.get_by_role("rowheader", name="acme", exact=True)).to_be_visible()
    expect(page.get_by_role("rowheader", name="kaisha", exact=True)).to_be_visible()


def listed(page: Page) -> str:
    other = page.context.new_page()
    other.goto("/settings")
    rows = " ".join(other.get_by_role("rowheader").all_inner_texts())
    other.close()
    return rows


def test_a_file_that_cannot_be_read_says_where(
    browser: Browser, signed_in: dict[str, object], link: str
) -> None:
    context = browser.new_context(storage_state=signed_in, base_url=base_of(link))  # type: ignore[arg-type]  # what it returned itself
    page = context.new_page()
    page.goto("/import")
    broken = {"name": "broken.xml", "mimeType": "text/xml", "buffer": b"<javamail-config>\n<smtp>"}
    page.get_by_label("File", exact=True).set_input_files(broken)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2")
    context.close()


def test_search_finds_by_part_of_id_host_or_user(page: Page) -> None:
    page.get_by_label("Search ID, host or user").fill("WRONG-PORT")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_text(["demo-wrong-port"])
    assert "q=WRONG-PORT" in page.url


def test_the_reader_chooses_language_and_colours(page: Page) -> None:
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("heading", name="SMTPサーバ設定")).to_be_visible()
    page.get_by_role("button", name="暗い配色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_link_works_once(browser: Browser, signed_in: dict[str, object], link: str) -> None:
    assert signed_in
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("not valid any more")
    context.close()


def test_nobody_sees_a_page_without_signing_in(browser: Browser, link: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(base_of(link) + "/settings")
    expect(page).to_have_url(re.compile("/sign-in$"))
    context.close()


def test_a_user_signs_in_by_password(
    browser: Browser, link: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    token = next(tmp_path_factory.getbasetemp().glob("up*/data/admin.token")).read_text().strip()
    user = {"name": "alice", "password": "correct horse battery", "roles": ["operator"]}
    headers = {"Authorization": f"Bearer {token}"}
    made = httpx.post(f"{base_of(link)}/v1/users", json=user, headers=headers, trust_env=False)
    assert made.status_code == 201
    context = browser.new_context(base_url=base_of(link))
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("User", exact=True).fill("alice")
    page.get_by_label("Password", exact=True).fill("wrong horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("User or password is wrong")
    page.get_by_label("User", exact=True).fill("alice")
    page.get_by_label("Password", exact=True).fill(user["password"])  # type: ignore[arg-type]  # a text
    page.keyboard.press("Enter")
    expect(page).to_have_title("SMTP settings · Relaybook")
    context.close()


def test_a_token_signs_in_as_well_and_signing_out_ends_it(
    browser: Browser, link: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    token = next(tmp_path_factory.getbasetemp().glob("up*/data/admin.token")).read_text().strip()
    context = browser.new_context(base_url=base_of(link))
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Or sign in with an access token").fill(token)
    page.get_by_role("button", name="Use the token").click()
    expect(page).to_have_title("SMTP settings · Relaybook")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/settings")
    expect(page).to_have_url(re.compile("/sign-in$"))
    context.close()
