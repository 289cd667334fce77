from __future__ import annotations

import hashlib
import json
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select

from events.store.port import RowExists, StoreUnavailable
from services.config_api.application.idempotency import AnswerKey
from services.config_api.http.failures import problem_of
from services.config_api.http.idempotency import RUNNING, SEALED_PREFIX
from services.config_api.read_model.operational_tables import idempotent_answers
from services.config_api.vault.tables import sealed_secrets
from tests.integration.http.asking import Asker, Service, problem

ACME = {"id": "acme", "host": "smtp.acme.example"}
SETTINGS = "/v1/smtp-settings"
KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def database_url(store_url: str) -> str:
    """Return each kind of database: their unique violations differ."""
    return store_url


def test_a_repeated_command_has_one_effect_and_the_first_answer(
    operator: Asker, service: Service
) -> None:
    first = operator("POST", SETTINGS, ACME, headers=KEY)
    head = service.relaybook.store.head()
    again = operator("POST", SETTINGS, ACME, headers=KEY)
    assert service.relaybook.store.head() == head
    assert (again.status_code, again.get_data()) == (201, first.get_data())
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_repeated_deletion_is_still_done(operator: Asker) -> None:
    operator("POST", SETTINGS, ACME)
    headers = KEY | {"If-Match": '"v1"'}
    answers = [operator("DELETE", f"{SETTINGS}/acme", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]


def test_another_body_under_the_same_key_is_refused(operator: Asker) -> None:
    operator("POST", SETTINGS, ACME, headers=KEY)
    answer = operator("POST", SETTINGS, ACME | {"port": 25}, headers=KEY)
    problem(answer, 422, "idempotency-conflict")


def test_a_key_belongs_to_one_principal_method_and_path(operator: Asker, service: Service) -> None:
    operator("POST", SETTINGS, ACME, headers=KEY)
    other = service.asker("operator")
    problem(other("POST", SETTINGS, ACME, headers=KEY), 409, "already-exists")
    headers = KEY | {"If-Match": "*"}
    answer = operator("PATCH", f"{SETTINGS}/acme", {"debug": True}, headers=headers)
    assert answer.headers["ETag"] == '"v2"'


@pytest.mark.parametrize(
    ("document", "status", "slug"),
    [({"id": "acme"}, 422, "validation-failed"), (ACME, 409, "already-exists")],
)
def test_a_refusal_is_kept_as_well(
    operator: Asker, document: dict[str, Any], status: int, slug: str
) -> None:
    if status == 409:
        operator("POST", SETTINGS, ACME)
    first = problem(operator("POST", SETTINGS, document, headers=KEY), status, slug)
    if status == 409:
        operator("DELETE", f"{SETTINGS}/acme", headers={"If-Match": "*"})
    again = operator("POST", SETTINGS, document, headers=KEY)
    assert (again.status_code, again.get_json()) == (status, first)


def test_a_change_that_records_nothing_is_kept(operator: Asker, service: Service) -> None:
    operator("POST", SETTINGS, ACME)
    headers = KEY | {"If-Match": "*"}
    first = operator("PUT", f"{SETTINGS}/acme", ACME, headers=headers)
    operator("PATCH", f"{SETTINGS}/acme", {"debug": True}, headers={"If-Match": "*"})
    again = operator("PUT", f"{SETTINGS}/acme", ACME, headers=headers)
    assert (again.headers["ETag"], again.get_data()) == ('"v1"', first.get_data())


def test_a_key_is_forgotten_after_a_day(operator: Asker, service: Service) -> None:
    operator("POST", SETTINGS, ACME, headers=KEY)
    service.watch.forward(hours=24, seconds=1)
    problem(operator("POST", SETTINGS, ACME, headers=KEY), 409, "already-exists")


def test_an_old_key_may_be_used_for_something_else(operator: Asker, service: Service) -> None:
    operator("POST", SETTINGS, ACME, headers=KEY)
    service.watch.forward(hours=24, seconds=1)
    answer = operator("POST", SETTINGS, ACME | {"id": "zed"}, headers=KEY)
    assert answer.status_code == 201
    assert operator("POST", SETTINGS, ACME | {"id": "zed"}, headers=KEY).status_code == 201


def test_a_key_that_is_still_running_is_in_conflict(operator: Asker, service: Service) -> None:
    actor = operator("GET", "/v1/me").get_json()["actor"]
    running = service.app.extensions[RUNNING]
    key = AnswerKey(principal=actor, method="POST", path=SETTINGS, key="k-1")
    running.take(key)
    problem(operator("POST", SETTINGS, ACME, headers=KEY), 409, "idempotency-conflict")
    running.leave(key)
    assert operator("POST", SETTINGS, ACME, headers=KEY).status_code == 201


def test_whoever_loses_the_race_of_two_processes_gets_the_winners_answer(
    operator: Asker, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = operator("POST", SETTINGS, ACME, headers=KEY)
    answers = type(service.relaybook.answers)
    find, calls = answers.find, []

    def late(*args: Any) -> Any:
        calls.append(args)
        return None if len(calls) == 1 else find(*args)

    monkeypatch.setattr(answers, "find", late)
    again = operator("POST", SETTINGS, ACME, headers=KEY)
    assert (again.status_code, again.get_data()) == (201, first.get_data())
    assert len(calls) > 1


@pytest.mark.parametrize("key", ["", "é", "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(operator: Asker, key: str) -> None:
    headers = {"Idempotency-Key": key}
    problem(operator("POST", SETTINGS, ACME, headers=headers), 422, "validation-failed")


@pytest.mark.parametrize("key", ["k-1", "a b"])
def test_a_key_leaves_the_order_of_the_checks_as_it_is(operator: Asker, key: str) -> None:
    operator("POST", SETTINGS, ACME)
    headers = {"Idempotency-Key": key}
    large = {"data": b" " * (10 * 1024 * 1024 + 1), "content_type": "text/plain"}
    missing, acme = f"{SETTINGS}/nobody", f"{SETTINGS}/acme"
    problem(operator("PUT", missing, headers=headers, **large), 404, "not-found")
    problem(operator("PUT", acme, headers=headers, **large), 413, "payload-too-large")
    text = {"data": "{", "content_type": "text/plain"}
    problem(operator("PUT", acme, headers=headers, **text), 415, "unsupported-media-type")


def test_a_dry_run_refuses_a_key_that_is_none_too(operator: Asker) -> None:
    file = {"relaybook": 1, "settings": [ACME]}
    path = "/v1/imports?mode=new&dry_run=true"
    answer = operator("POST", path, file, headers={"Idempotency-Key": "a b"})
    problem(answer, 422, "validation-failed")


def test_a_failure_of_the_service_is_not_kept(
    operator: Asker, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any, **_more: Any) -> Any:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(type(service.relaybook.store), "append", away)
        problem(operator("POST", SETTINGS, ACME, headers=KEY), 503, "unavailable")
    assert operator("POST", SETTINGS, ACME, headers=KEY).status_code == 201


def stored(service: Service) -> list[bytes]:
    """Return what the tables of answers and sealed values hold, cell by cell."""
    found: list[bytes] = []
    with service.relaybook.read_engine.connect() as connection:
        for table in (idempotent_answers, sealed_secrets):
            for row in connection.execute(select(table)):
                found += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    return found


def test_an_answer_with_a_secret_is_kept_sealed_and_shredded_with_its_key(
    admin: Asker, service: Service
) -> None:
    wanted = {"name": "mailer", "roles": ["reader"]}
    first = admin("POST", "/v1/tokens", wanted, headers=KEY)
    token = first.get_json()["token"]
    again = admin("POST", "/v1/tokens", wanted, headers=KEY)
    assert again.get_data() == first.get_data()
    cells = stored(service)
    assert b"k-1" in cells
    assert not any(token.encode() in cell for cell in cells)
    assert any(cell.startswith(SEALED_PREFIX.encode()) for cell in cells)
    service.watch.forward(hours=24, seconds=1)
    assert service.relaybook.answers.forget_old(service.watch()) == 1
    assert stored(service) == []


def test_the_stored_fingerprint_gives_no_password_away(operator: Asker, service: Service) -> None:
    body = json.dumps(ACME).encode()
    answer = operator("POST", SETTINGS, data=body, content_type="application/json", headers=KEY)
    assert answer.status_code == 201
    actor = operator("GET", "/v1/me").get_json()["actor"]
    key = AnswerKey(principal=actor, method="POST", path=SETTINGS, key="k-1")
    kept = service.relaybook.answers.find(key, service.watch())
    assert kept is not None
    assert hashlib.sha256(body).hexdigest() not in kept.request_sha256


def test_two_requests_at_once_under_one_key_have_one_effect(
    operator: Asker, service: Service
) -> None:
    go, answers = Event(), []

    def ask() -> None:
        go.wait()
        answers.append(operator("POST", SETTINGS, ACME, headers=KEY))

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}
    assert all(
        answer.get_json()["type"].endswith("idempotency-conflict")
        for answer in answers
        if answer.status_code == 409
    )


def test_another_row_that_exists_is_no_idempotency_matter() -> None:
    found = problem_of(RowExists("tokens"))
    assert found is not None
    assert found.slug == "already-exists"
