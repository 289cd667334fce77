"""Changes of a setting that mean the same, and merge patches, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from events.store.port import VersionConflict
from tests.integration.http.asking import problem
from tests.support.settings import a_certificate

if TYPE_CHECKING:
    from tests.integration.http.asking import Asker, Service

ALL = "/v1/smtp-settings"
PATH = "/v1/smtp-settings/acme"
PEM = a_certificate()
SIGN_IN = {"method": "password", "user": "mailer", "password": "correct horse"}
EVERYTHING = {
    "id": "acme",
    "host": "Faß.example",
    "port": 2525,
    "security": "starttls",
    "tls_protocols": ["TLSv1.3", "TLSv1.2"],
    "ca_pem": PEM.replace("\n", "\r\n"),
    "auth": SIGN_IN | {"mechanism": "PLAIN", "provider_id": ""},
    "x_mailer": "",
    "session_properties": {"mail.smtp.localhost": "app01", "mail.smtp.proxy.password": "hidden"},
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"host": "xn--fa-hia.example"},
        {"host": "FAß.EXAMPLE"},
        {"host": " faß.example. "},
        {"tls_protocols": ["TLSv1.2", "TLSv1.3", "TLSv1.2"]},
        {"ca_pem": PEM},
        {"x_mailer": None},
        {"auth": {"password": "correct horse"}},
        {"auth": {"provider_id": None}},
        {"session_properties": {"mail.smtp.proxy.password": "hidden"}},
        {"timeout_ms": 60000.0},
        {"origin": "imported", "version": 9, "created_at": "x"},
    ],
)
def test_a_change_that_means_the_same_records_nothing(
    operator: Asker, service: Service, change: Any
) -> None:
    operator("POST", ALL, EVERYTHING)
    head = service.relaybook.store.head()
    answer = operator("PATCH", PATH, change, headers={"If-Match": '"v1"'})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v1"')
    assert answer.get_json()["host_unicode"] == "Faß.example"
    assert service.relaybook.store.head() == head


def test_a_replacement_in_other_words_records_nothing(operator: Asker, service: Service) -> None:
    operator("POST", ALL, EVERYTHING)
    head = service.relaybook.store.head()
    same = EVERYTHING | {"host": "xn--fa-hia.example", "ca_pem": PEM, "debug": False}
    answer = operator("PUT", PATH, same, headers={"If-Match": '"v1"'})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v1"')
    assert service.relaybook.store.head() == head


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({"debug": True}, {"debug": True}),
        ({"timeout_ms": None}, {"timeout_ms": None}),
        ({"tls_protocols": None, "auth": {"password": "x"}}, {"tls_protocols": []}),
        ({"port": None, "auth": {"password": "x"}}, {"port": 587}),
        ({"ca_pem": None, "auth": {"password": "x"}}, {"ca_pem": None}),
        (
            {"session_properties": {"mail.smtp.localhost": None}},
            {"session_properties": {}},
        ),
        (
            {"session_properties": {"mail.smtp.from": "a@b"}},
            {"session_properties": {"mail.smtp.localhost": "app01", "mail.smtp.from": "a@b"}},
        ),
        ({"session_properties": None}, {"session_properties": {}}),
        ({"debug": True, "last_test": 5, "secret": "none"}, {"debug": True, "secret": "stored"}),
    ],
)
def test_a_merge_patch_sets_adds_and_takes_away(operator: Asker, patch: Any, after: Any) -> None:
    sent = EVERYTHING | {"session_properties": {"mail.smtp.localhost": "app01"}}
    before = operator("POST", ALL, sent).get_json()
    answer = operator("PATCH", PATH, patch, headers={"If-Match": "*"})
    document = answer.get_json()

    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert {name: document[name] for name in after} == after
    moved = {"version", "updated_at", "updated_by", "warnings"} | set(after)
    assert {name: document.get(name) for name in before if name not in moved} == {
        name: value for name, value in before.items() if name not in moved
    }


def test_a_change_that_others_keep_overtaking_is_asked_to_come_again(
    operator: Asker, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator("POST", ALL, {"id": "acme", "host": "smtp.acme.example"})

    def overtaken(*_args: Any, **_more: Any) -> Any:
        raise VersionConflict("smtp_setting-acme", 1)

    monkeypatch.setattr(type(service.relaybook.store), "append", overtaken)
    headers = {"If-Match": "*", "Accept-Language": "en"}
    answer = operator("PATCH", PATH, {"port": 2525}, headers=headers)
    assert "at the same time" in problem(answer, 503, "unavailable")["detail"]
    assert answer.headers["Retry-After"] == "1"


def test_a_patch_keeps_the_rules_too(operator: Asker) -> None:
    operator("POST", ALL, EVERYTHING)
    patch = {"host": None, "port": "5", "auth": {"mechanism": "plain"}}
    answer = operator("PATCH", PATH, patch, headers={"If-Match": "*"})

    errors = problem(answer, 422, "validation-failed")["errors"]
    assert {one["pointer"]: one["code"] for one in errors} == {
        "/port": "port_invalid",
        "/host": "host_missing",
        "/auth/mechanism": "not_one_of",
    }
