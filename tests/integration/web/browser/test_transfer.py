"""Export and import on the pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.integration.cli.running import SAMPLE
from tests.integration.web.browser.visiting import a_visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.integration.web.browser.visiting import Served, Visitor

PASSPHRASE = "correct horse battery"


def exported(page: Page) -> tuple[str, bytes]:
    page.get_by_role("button", name="Run the export").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Yes, export").click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_chosen_settings_are_exported_after_a_confirmation(
    visitor: Visitor, served: Served
) -> None:
    served.register("out", auth={"method": "password", "user": "u", "password": "correct horse"})
    page = visitor.go("/export?id=out")
    page.get_by_label("Format", exact=True).select_option("JSON")
    name, content = exported(page)
    assert re.fullmatch(r"smtp-settings-\d{8}T\d{6}Z\.json", name)
    assert [one["id"] for one in json.loads(content)["settings"]] == ["out"]
    assert b"correct horse" not in content


def test_a_sealed_export_needs_the_role_and_one_passphrase_typed_twice(
    browser: Browser, visitor: Visitor, served: Served
) -> None:
    served.register("sealed", auth={"method": "password", "user": "u", "password": "x"})
    page = visitor.go("/export?id=sealed")
    page.get_by_label("With passwords").check()
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("Passphrase, again").fill("another")
    page.get_by_role("button", name="Run the export").click()
    page.get_by_role("button", name="Yes, export").click()
    expect(page.get_by_role("alert")).to_contain_text("The two passphrases differ")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("Passphrase, again").fill(PASSPHRASE)
    name, content = exported(page)
    assert name.endswith(".xml.age")
    assert content.startswith(b"age-encryption.org/v1")
    with a_visitor(browser, served, roles=("operator",)) as operator:
        expect(operator.go("/export").get_by_label("With passwords")).to_be_disabled()


def test_what_cannot_be_exported_is_told_with_the_form_kept(visitor: Visitor) -> None:
    page = visitor.go("/export?id=no-such-setting")
    page.get_by_role("button", name="Run the export").click()
    page.get_by_role("button", name="Yes, export").click()
    expect(page.get_by_role("alert")).to_contain_text("no-such-setting")
    expect(page.get_by_label("IDs, one a line")).to_have_value("no-such-setting")


def test_an_import_shows_its_plan_before_anything_changes(visitor: Visitor, served: Served) -> None:
    page = visitor.go("/import")
    page.get_by_label("File", exact=False).first.set_input_files(SAMPLE)
    page.get_by_role("button", name="Show what will happen").click()
    plan = page.get_by_role("region", name="Import plan")
    expect(plan).to_contain_text("legacy")
    expect(plan).to_contain_text("Create")
    assert served.ask("GET", "/v1/smtp-settings?q=legacy")["items"] == []
    page.get_by_role("button", name="Run the import").click()
    expect(page.get_by_role("region", name="Import result")).to_contain_text("legacy")
    assert served.setting("legacy")["origin"] == "imported"


def test_a_file_that_cannot_be_read_says_where(visitor: Visitor) -> None:
    page = visitor.go("/import")
    broken = {"name": "broken.xml", "mimeType": "text/xml", "buffer": b"<javamail-config>\n<smtp>"}
    page.locator("#file").set_input_files(broken)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2")
