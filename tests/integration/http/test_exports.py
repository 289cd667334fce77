from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import trustme

from events.access import CredentialsRead
from events.transfer import ExportMade
from tests.integration.http.asking import Asker, Service, problem
from tests.integration.http.exporting import (
    EXPORTS,
    PASSWORD,
    SETTINGS,
    export,
    facts,
    ids,
    register_two,
)

TYPES = {
    "json": "application/json",
    "yaml": "application/yaml",
    "csv": "text/csv",
    "javamail": "application/xml",
}


@pytest.fixture(autouse=True)
def settings(operator: Asker) -> None:
    register_two(operator)


@pytest.fixture(scope="module")
def authority() -> str:
    return trustme.CA().cert_pem.bytes().decode()


@pytest.mark.parametrize(("name", "content_type"), TYPES.items())
def test_a_file_has_every_setting_and_no_secret(
    operator: Asker, name: str, content_type: str
) -> None:
    answer = export(operator, format=name)
    assert answer.status_code == 200
    assert answer.mimetype == content_type
    text = answer.get_data(as_text=True)
    assert "smtp.acme.example" in text
    assert "smtp.globex.example" in text
    assert PASSWORD not in text
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="smtp-settings-')
    assert answer.headers["Content-Length"] == str(len(answer.get_data()))


def test_settings_come_in_the_order_of_their_ids_or_as_asked_for(operator: Asker) -> None:
    assert ids(export(operator)) == ["acme", "globex"]
    assert ids(export(operator, ids=["globex", "acme"])) == ["globex", "acme"]
    assert ids(export(operator, ids=["globex"])) == ["globex"]


def test_what_was_deleted_is_not_exported(operator: Asker) -> None:
    operator("DELETE", f"{SETTINGS}/acme", headers={"If-Match": "*"})
    assert ids(export(operator)) == ["globex"]


def test_no_setting_is_a_file_too(operator: Asker) -> None:
    for name in ("acme", "globex"):
        operator("DELETE", f"{SETTINGS}/{name}", headers={"If-Match": "*"})
    assert ids(export(operator)) == []


def test_an_export_is_told_before_it_leaves(operator: Asker, service: Service) -> None:
    export(operator, format="csv", ids=["acme"])
    (made,) = facts(service, ExportMade)
    assert (made.format, made.sealed, made.setting_ids, made.count) == ("csv", False, ("acme",), 1)
    assert facts(service, CredentialsRead) == []
    export(operator)
    assert facts(service, ExportMade)[1].setting_ids is None


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/format"),
        ({"format": "excel"}, "/format"),
        ({"format": "json", "secrets": "plain"}, "/secrets"),
        ({"format": "json", "lossy": "yes"}, "/lossy"),
        ({"format": "json", "ids": "acme"}, "/ids"),
        ({"format": "json", "ids": ["acme", "acme"]}, "/ids"),
        ({"format": "json", "ids": ["acme", "nobody"]}, "/ids/1"),
        ({"format": "json", "extra": 1}, "/extra"),
    ],
)
def test_a_wrong_request_is_refused(
    operator: Asker, service: Service, document: dict[str, Any], pointer: str
) -> None:
    refused = problem(operator("POST", EXPORTS, document), 422, "validation-failed")
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert facts(service, ExportMade) == []


def test_whoever_is_limited_to_tenants_exports_only_theirs(service: Service) -> None:
    limited = service.asker("operator", tenants=["globex"])
    assert ids(export(limited)) == ["globex"]
    refused = problem(export(limited, ids=["acme"]), 422, "validation-failed")
    assert refused["errors"][0]["pointer"] == "/ids/0"


def test_a_format_without_a_place_for_a_field_is_refused_unless_that_is_wanted(
    operator: Asker, service: Service, authority: str
) -> None:
    body = {"ca_pem": authority, "auth": {"password": PASSWORD}}
    answer = operator("PATCH", f"{SETTINGS}/acme", body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    refused = problem(export(operator, format="javamail"), 422, "validation-failed")
    assert refused["errors"][0]["pointer"] == "/lossy"
    assert "acme" in refused["errors"][0]["detail"]
    named = problem(
        export(operator, format="javamail", ids=["globex", "acme"]), 422, "validation-failed"
    )
    assert named["errors"][0]["pointer"] == "/ids/1"
    assert facts(service, ExportMade) == []
    assert export(operator, format="javamail", lossy=True).status_code == 200
    assert ids(export(operator)) == ["acme", "globex"]


def test_an_idempotency_key_is_taken_and_ignored(operator: Asker, service: Service) -> None:
    for name in ("json", "csv"):
        answer = operator("POST", EXPORTS, {"format": name}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 200
        assert "Idempotent-Replayed" not in answer.headers
    assert len(facts(service, ExportMade)) == 2


def test_a_spreadsheet_reads_the_csv(operator: Asker) -> None:
    text = export(operator, format="csv").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["id"], row["host"]) for row in rows] == [
        ("acme", "smtp.acme.example"),
        ("globex", "smtp.globex.example"),
    ]
