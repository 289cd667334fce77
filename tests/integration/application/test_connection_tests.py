from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from services.config_api.domain.errors import (
    AttemptTaken,
    SecretRequired,
    SettingNotFound,
    TestEnded,
    TestNotFound,
)
from services.config_api.domain.setting_fields import make_draft
from services.config_api.read_model.documents import localized_test
from services.config_api.vault.tables import sealed_secrets
from tests.support.asking import a_report, register, request_test
from tests.support.settings import a_draft, some_fields, without_password

if TYPE_CHECKING:
    from tests.support.relaybook import House


def claim(house: House, test_id: str, attempt: int = 1) -> dict[str, Any]:
    return house.relaybook.connection_tests.claim(test_id, attempt, house.ctx(actor="token:t"))


def sealed_ids(house: House) -> set[str]:
    with house.relaybook.read_engine.connect() as connection:
        return set(connection.execute(select(sealed_secrets.c.id)).scalars())


def document(house: House, test_id: str) -> dict[str, Any]:
    stored = house.relaybook.read_model.test(test_id)
    assert stored is not None
    return stored.document


def test_a_new_test_is_queued_with_all_thirteen_steps(embedded_house: House) -> None:
    register(embedded_house)
    told = localized_test(document(embedded_house, request_test(embedded_house)), "en")
    assert (told["state"], told["verdict"], told["title"]) == ("queued", None, None)
    assert told["setting_version"] == 1
    assert len(told["steps"]) == 13
    assert {step["state"] for step in told["steps"]} == {"skipped"}
    assert "facts" not in told


def test_a_test_of_a_setting_that_is_not_there_is_refused(embedded_house: House) -> None:
    with pytest.raises(SettingNotFound):
        request_test(embedded_house, "nobody")


def test_a_claim_hands_over_setting_and_credential(house: House) -> None:
    register(house, session_properties={"mail.smtp.proxy.password": "p2"})
    test_id = request_test(house)
    handed = claim(house, test_id)
    assert handed["credential"] == {"password": "correct horse"}
    assert handed["secret_properties"] == {"mail.smtp.proxy.password": "p2"}
    assert handed["setting"]["host"] == "smtp.acme.example"
    assert "password" not in handed["setting"]["auth"]
    assert handed["session_properties"]["mail.smtp.host"]["source"] == "derived"
    assert handed["deadline_ms"] == 60_000
    assert document(house, test_id)["state"] == "running"
    assert document(house, test_id)["attempts"] == 1


def test_an_attempt_is_claimed_by_one_tester_only(house: House) -> None:
    register(house)
    test_id = request_test(house)
    claim(house, test_id)
    with pytest.raises(AttemptTaken):
        claim(house, test_id)


def test_an_attempt_that_is_not_at_hand_cannot_be_claimed(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house)
    with pytest.raises(AttemptTaken):
        claim(embedded_house, test_id, attempt=2)
    claim(embedded_house, test_id)


def test_an_unknown_or_ended_test_cannot_be_claimed(embedded_house: House) -> None:
    register(embedded_house)
    with pytest.raises(TestNotFound):
        claim(embedded_house, "no-such-test")
    test_id = request_test(embedded_house)
    embedded_house.relaybook.connection_tests.cancel(test_id, embedded_house.ctx())
    with pytest.raises(TestEnded):
        claim(embedded_house, test_id)


def test_the_version_asked_for_is_tested_although_it_changed(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house)
    draft = a_draft(host="new.example", auth={"password": "other"})
    embedded_house.relaybook.smtp_settings.replace("acme", draft, 1, embedded_house.ctx())
    handed = claim(embedded_house, test_id)
    assert handed["setting"]["host"] == "smtp.acme.example"
    assert handed["credential"] == {"password": "correct horse"}


def test_a_drafts_password_is_sealed_under_the_test_and_shredded_at_its_end(house: House) -> None:
    test_id = request_test(house, None, draft=a_draft(auth={"password": "draft only"}))
    assert sealed_ids(house) == {f"{test_id}/password"}
    assert claim(house, test_id)["credential"] == {"password": "draft only"}
    assert house.relaybook.connection_tests.record(a_report(test_id), house.ctx())
    assert sealed_ids(house) == set()
    stream = house.relaybook.store.read_stream(f"connection_test-{test_id}")
    assert all(b"draft only" not in event.data for event in stream)


def test_a_cancelled_draft_is_shredded_too(embedded_house: House) -> None:
    test_id = request_test(embedded_house, None, draft=a_draft())
    embedded_house.relaybook.connection_tests.cancel(test_id, embedded_house.ctx())
    assert sealed_ids(embedded_house) == set()


def test_a_draft_to_the_same_destination_borrows_the_stored_password(embedded_house: House) -> None:
    register(embedded_house)
    draft = make_draft(without_password(some_fields(x_mailer="m")))
    test_id = request_test(embedded_house, draft=draft)
    assert claim(embedded_house, test_id)["credential"] == {"password": "correct horse"}
    embedded_house.relaybook.connection_tests.record(a_report(test_id), embedded_house.ctx())
    assert sealed_ids(embedded_house) == {"acme/password"}


def test_a_draft_to_another_destination_needs_the_password(embedded_house: House) -> None:
    register(embedded_house)
    draft = make_draft(without_password(some_fields(host="evil.example")))
    with pytest.raises(SecretRequired):
        request_test(embedded_house, draft=draft)


def test_a_borrowed_password_is_withheld_once_the_setting_moved(embedded_house: House) -> None:
    register(embedded_house)
    draft = make_draft(without_password(some_fields(x_mailer="m")))
    test_id = request_test(embedded_house, draft=draft)
    moved = a_draft(host="new.example", auth={"password": "other"})
    embedded_house.relaybook.smtp_settings.replace("acme", moved, 1, embedded_house.ctx())
    assert claim(embedded_house, test_id)["credential"] is None


def test_a_result_completes_the_test_and_stands_at_the_setting(house: House) -> None:
    register(house)
    test_id = request_test(house)
    claim(house, test_id)
    house.watch.forward(seconds=3)
    assert house.relaybook.connection_tests.record(a_report(test_id), house.ctx())
    told = localized_test(document(house, test_id), "ja")
    assert (told["state"], told["verdict"], told["code"]) == ("completed", "passed", "ok")
    assert told["title"]
    assert told["finished_at"] == "2026-03-01T12:00:03Z"
    last = house.relaybook.read_model.last_test("acme")
    assert last is not None
    assert (last.id, last.verdict, last.version) == (test_id, "passed", 1)


def test_a_second_result_has_no_effect(house: House) -> None:
    register(house)
    test_id = request_test(house)
    tests = house.relaybook.connection_tests
    assert tests.record(a_report(test_id), house.ctx())
    failed = a_report(test_id, verdict="failed", code="refused", step="tcp")
    assert not tests.record(failed, house.ctx())
    assert document(house, test_id)["verdict"] == "passed"
    assert len(house.relaybook.store.read_stream(f"connection_test-{test_id}")) == 2


def test_a_result_for_an_unknown_test_has_no_effect(embedded_house: House) -> None:
    head = embedded_house.relaybook.store.head()
    report = a_report("no-such-test")
    assert not embedded_house.relaybook.connection_tests.record(report, embedded_house.ctx())
    assert embedded_house.relaybook.store.head() == head


def test_cancelling_twice_is_cancelling_once(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house)
    tests = embedded_house.relaybook.connection_tests
    first = tests.cancel(test_id, embedded_house.ctx()).document
    second = tests.cancel(test_id, embedded_house.ctx()).document
    assert first == second
    assert first is not None
    assert (first["verdict"], first["code"]) == ("inconclusive", "cancelled")
    assert embedded_house.relaybook.read_model.last_test("acme") is None


def test_a_draft_says_nothing_of_the_stored_setting(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house, draft=a_draft())
    embedded_house.relaybook.connection_tests.record(a_report(test_id), embedded_house.ctx())
    assert embedded_house.relaybook.read_model.last_test("acme") is None


def test_the_events_of_a_test_hold_no_secret(embedded_house: House) -> None:
    register(embedded_house)
    test_id = request_test(embedded_house, draft=a_draft(auth={"password": "s3cr3t"}))
    events = embedded_house.relaybook.store.read_all(after=0, limit=100).events
    assert all(b"s3cr3t" not in event.data for event in events)
    assert "s3cr3t" not in json.dumps(document(embedded_house, test_id))
