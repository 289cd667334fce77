from __future__ import annotations

import json
import logging
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

import pyrage  # type: ignore[import-untyped]  # it has no types
import pytest

from events.access import CredentialsRead
from events.transfer import ExportMade
from services.config_api.application import exports
from services.config_api.formats import age_header
from tests.integration.http.asking import Asker, Service, problem
from tests.integration.http.exporting import (
    PASSPHRASE,
    PASSWORD,
    SETTINGS,
    export,
    facts,
    register_two,
    sealed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive the key in a moment: the work factor stands in the file."""
    monkeypatch.setattr(age_header, "WORK_FACTOR", 10)


@pytest.fixture
def keeper(service: Service) -> Asker:
    """Somebody who may read credentials as well."""
    return service.asker("operator", "credentials")


@pytest.fixture(autouse=True)
def settings(operator: Asker) -> None:
    register_two(operator)


def bring_back(
    asker: Asker, file: bytes, *, query: str = "mode=new&format=yaml", passphrase: str = PASSPHRASE
) -> TestResponse:
    headers = {"Relaybook-Passphrase": passphrase} if passphrase else {}
    return asker(
        "POST", f"/v1/imports?{query}", data=file, content_type="application/age", headers=headers
    )


def test_a_sealed_file_opens_elsewhere_with_its_passphrase_alone(keeper: Asker) -> None:
    answer = sealed(keeper)
    assert answer.mimetype == "application/age"
    assert answer.headers["Content-Disposition"].endswith('.json.age"')
    plain = json.loads(pyrage.passphrase.decrypt(answer.get_data(), PASSPHRASE))
    assert [one["auth"]["password"] for one in plain["settings"]] == [PASSWORD, PASSWORD]
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(answer.get_data(), PASSPHRASE.upper())


def test_every_setting_of_a_sealed_file_is_told(keeper: Asker, service: Service) -> None:
    sealed(keeper, ids=["acme"])
    sealed(keeper)
    first, second = facts(service, ExportMade)
    assert first.sealed
    told = [(one.setting_id, one.setting_version, one.export_id)
            for one in facts(service, CredentialsRead)]  # fmt: skip
    assert told == [
        ("acme", 1, first.export_id),
        ("acme", 1, second.export_id),
        ("globex", 1, second.export_id),
    ]
    event = service.relaybook.store.read_stream("access-globex")[0]
    assert event.tenant == "globex"
    assert (
        event.correlation_id == service.relaybook.store.read_stream("access-acme")[1].correlation_id
    )


def test_a_sealed_file_comes_back_by_an_import(keeper: Asker, service: Service) -> None:
    file = sealed(keeper, format="yaml").get_data()
    for name in ("acme", "globex"):
        keeper("DELETE", f"{SETTINGS}/{name}", headers={"If-Match": "*"})
    answer = bring_back(keeper, file)
    assert answer.get_json()["counts"]["create"] == 2
    assert keeper("GET", f"{SETTINGS}/acme").get_json()["secret"] == "stored"
    again = bring_back(keeper, file, query="mode=update&format=yaml")
    assert again.get_json()["counts"]["unchanged"] == 2


def test_a_passphrase_in_japanese_is_sent_as_utf8(keeper: Asker) -> None:
    phrase = "合言葉は長いほうがよいのです"
    file = sealed(keeper, format="yaml", passphrase=phrase).get_data()
    answer = bring_back(
        keeper, file, query="mode=update&format=yaml", passphrase=phrase.encode().decode("latin-1")
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)


@pytest.mark.parametrize("passphrase", ["", "wrong horse battery", "\xff\xfe\xfd"])
def test_an_import_without_the_right_passphrase_says_so(keeper: Asker, passphrase: str) -> None:
    answer = bring_back(keeper, sealed(keeper, format="yaml").get_data(), passphrase=passphrase)
    (error,) = problem(answer, 422, "validation-failed")["errors"]
    assert error["header"] == "Relaybook-Passphrase"
    assert "passphrase" in error["detail"]
    assert "wrong horse" not in answer.get_data(as_text=True)


def test_a_sealed_import_names_the_format_inside(keeper: Asker) -> None:
    answer = bring_back(keeper, sealed(keeper).get_data(), query="mode=new")
    (error,) = problem(answer, 422, "validation-failed")["errors"]
    assert error["parameter"] == "format"


def test_a_sealed_file_that_was_cut_off_or_is_none_is_malformed(keeper: Asker) -> None:
    file = sealed(keeper, format="yaml").get_data()
    for broken in (file[:-1], file[:50], b"relaybook: 1", b""):
        problem(bring_back(keeper, broken), 400, "malformed")
    assert keeper("GET", f"{SETTINGS}/acme").headers["ETag"] == '"v1"'


def test_a_sealed_file_needs_the_role_credentials(operator: Asker, service: Service) -> None:
    problem(sealed(operator), 403, "forbidden")
    problem(sealed(operator, format="nothing"), 403, "forbidden")
    problem(export(service.asker("credentials")), 403, "forbidden")
    problem(export(service.asker("reader")), 403, "forbidden")
    assert facts(service, ExportMade) == []


@pytest.mark.parametrize(
    "passphrase", [None, "", "a" * 11, "a" * 257, " " + PASSPHRASE, "a\tb" * 5]
)
def test_a_weak_or_unusable_passphrase_is_refused(keeper: Asker, passphrase: str | None) -> None:
    refused = problem(sealed(keeper, passphrase=passphrase), 422, "validation-failed")
    (error,) = refused["errors"]
    assert error["pointer"] == "/passphrase"
    if passphrase and len(passphrase) == 11:
        assert "12" in error["detail"]


def test_neither_passphrase_nor_secret_is_logged_or_left_in_a_file(
    keeper: Asker,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.config_api.application.exports._IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    written: list[bytes] = []

    class Watched(SpooledTemporaryFile[bytes]):
        def write(self, piece: Any) -> int:
            written.append(piece)
            return super().write(piece)

    monkeypatch.setattr(exports, "SpooledTemporaryFile", Watched)
    caplog.set_level(logging.DEBUG)
    bring_back(keeper, sealed(keeper, format="yaml").get_data())
    kept = b"".join(written)
    assert b"age-encryption.org/v1" in kept
    assert PASSWORD.encode() not in kept
    assert PASSPHRASE not in caplog.text
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert PASSPHRASE.encode() not in content
            assert PASSWORD.encode() not in content


def test_another_passphrase_under_the_same_key_is_another_request(keeper: Asker) -> None:
    file = sealed(keeper, format="yaml").get_data()

    def sent(passphrase: str) -> TestResponse:
        headers = {"Idempotency-Key": "k", "Relaybook-Passphrase": passphrase}
        path = "/v1/imports?mode=update&format=yaml"
        return keeper("POST", path, data=file, content_type="application/age", headers=headers)

    problem(sent("wrong horse battery"), 422, "validation-failed")
    problem(sent(PASSPHRASE), 422, "idempotency-conflict")
