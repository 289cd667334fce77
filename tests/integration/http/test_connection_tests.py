from __future__ import annotations

import json
from threading import Timer
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from events.connection_test import Step, TestResult, Warned
from events.envelope import Cause
from events.messages import TestReported
from services.config_api.application.context import Context
from services.config_api.read_model.operational_tables import idempotent_answers
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

TESTS = "/v1/connection-tests"
DRAFT = {"host": "smtp.acme.example", "auth": {"method": "none"}}
UNFINISHED = {"host": "smtp.acme.example", "auth": {"method": "password", "user": "mailer"}}


@pytest.fixture
def tester(service: Service) -> Asker:
    return service.asker("tester")


@pytest.fixture
def acme(operator: Asker) -> None:
    document = {
        "id": "acme",
        "host": "smtp.acme.example",
        "auth": {"method": "password", "user": "u", "password": "correct horse"},
    }
    assert operator("POST", "/v1/smtp-settings", document).status_code == 201


@pytest.fixture
def test_id(operator: Asker, acme: None) -> str:
    identifier: str = operator("POST", TESTS, {"setting_id": "acme"}).get_json()["id"]
    return identifier


def report(service: Service, test_id: str, code: str = "bad_credentials") -> None:
    steps = (Step(name="dns", state="passed", at_ms=0.0, duration_ms=1.9),)
    result = TestResult(verdict="failed", code=code, step="auth", steps=steps)
    ctx = Context(cause=Cause.by_system("test"), at=service.watch())
    reported = TestReported(test_id=test_id, attempt=1, result=result)
    assert service.relaybook.connection_tests.record(reported, ctx)


def events_of(answer: TestResponse) -> list[tuple[str, Any]]:
    """Return the events of a stream as (name, data)."""
    found = []
    for block in answer.get_data(as_text=True).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
        if "data" in fields:
            found.append((fields.get("event", "message"), json.loads(fields["data"])))
    return found


def test_a_test_is_accepted_and_waits(operator: Asker, reader: Asker, acme: None) -> None:
    answer = operator("POST", TESTS, {"setting_id": "acme"})
    body = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"{TESTS}/{body['id']}"
    assert (body["state"], body["verdict"], body["depth"]) == ("queued", None, "auth")
    assert (body["setting_id"], body["setting_version"], body["draft"]) == ("acme", 1, False)
    assert len(body["steps"]) == 13
    assert reader("GET", answer.headers["Location"]).get_json() == body


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/setting_id"),
        ({"setting_id": "acme", "depth": "deep"}, "/depth"),
        ({"setting_id": 5}, "/setting_id"),
        ({"setting_id": "acme", "speed": 1}, "/speed"),
        ({"setting_id": "acme", "depth": "send"}, "/mail_from"),
        ({"draft": {"host": "http://a.example"}}, "/draft/host"),
        ({"draft": {}}, "/draft/host"),
        ({"draft": UNFINISHED}, "/draft/auth/password"),
        ({"draft": UNFINISHED, "setting_id": "new"}, "/draft/auth/password"),
        ({"draft": DRAFT, "depth": "send", "mail_from": "a\r\nb", "rcpt_to": "c"}, "/mail_from"),
    ],
)
def test_a_wrong_request_is_refused_by_field(
    operator: Asker, acme: None, document: dict[str, Any], pointer: str
) -> None:
    body = problem(operator("POST", TESTS, document), 422, "validation-failed")
    assert pointer in [error["pointer"] for error in body["errors"]]


def test_a_setting_that_is_not_there_cannot_be_tested(operator: Asker) -> None:
    problem(operator("POST", TESTS, {"setting_id": "nobody"}), 404, "not-found")


def test_a_draft_of_an_id_that_nobody_registered_can_be_tested(operator: Asker) -> None:
    answer = operator("POST", TESTS, {"setting_id": "new", "draft": DRAFT})
    assert answer.status_code == 202
    assert answer.get_json()["draft"] is True


def test_a_draft_cannot_take_the_stored_secret_elsewhere(operator: Asker, acme: None) -> None:
    draft = {"host": "evil.example", "auth": {"method": "password", "user": "u"}}
    answer = operator("POST", TESTS, {"setting_id": "acme", "draft": draft})
    body = problem(answer, 422, "secret-required")
    assert [error["pointer"] for error in body["errors"]] == ["/draft/auth/password"]


def test_a_claim_hands_over_setting_and_credential_once(tester: Asker, test_id: str) -> None:
    answer = tester("POST", f"{TESTS}/{test_id}/claim", {"attempt": 1})
    assert answer.status_code == 200
    assert "correct horse" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    again = tester("POST", f"{TESTS}/{test_id}/claim", {"attempt": 1})
    problem(again, 409, "in-use")


def test_a_claim_tells_what_the_setting_is_warned_of(
    service: Service, operator: Asker, tester: Asker
) -> None:
    properties = {
        "mail.smtp.conectiontimeout": "5000",
        "mail.smtp.timeout": "5s",
        "mail.smtp.class": "com.acme.Transport",
        "mail.smtp.localport": "2525",
        "mail.smtp.ssl.protocols": "TLSv1.2,TLSv1.4",
    }
    draft = DRAFT | {"session_properties": properties}
    test_id = operator("POST", TESTS, {"draft": draft}).get_json()["id"]
    claim = tester("POST", f"{TESTS}/{test_id}/claim", {"attempt": 1}).get_json()
    codes = {
        "unknown_property", "property_value_ignored", "property_for_java_only",
        "property_without_effect", "property_list_separator", "protocol_unknown",
    }  # fmt: skip
    assert {warning["code"] for warning in claim["warnings"]} == codes
    warnings = tuple(Warned(code=one["code"], facts=one["facts"]) for one in claim["warnings"])
    result = TestResult(verdict="passed", code="ok", step="quit", warnings=warnings)
    ctx = Context(cause=Cause.by_system("test"), at=service.watch())
    reported = TestReported(test_id=test_id, attempt=1, result=result)
    assert service.relaybook.connection_tests.record(reported, ctx)
    for language in ("en", "ja"):
        told = operator("GET", f"{TESTS}/{test_id}", headers={"Accept-Language": language})
        sentences = told.get_json()["warnings"]
        assert {one["code"] for one in sentences} == codes
        assert all(one["title"] and one["hint"] for one in sentences)
        assert not any("—" in one["title"] + one["hint"] for one in sentences)
        assert any("mail.smtp.connectiontimeout" in one["hint"] for one in sentences)


def test_a_repeated_claim_gets_the_first_answer_which_is_kept_sealed(
    service: Service, tester: Asker, test_id: str
) -> None:
    headers = {"Idempotency-Key": "k"}
    path = f"{TESTS}/{test_id}/claim"
    first = tester("POST", path, {"attempt": 1}, headers=headers)
    again = tester("POST", path, {"attempt": 1}, headers=headers)
    assert (again.status_code, again.get_data()) == (200, first.get_data())
    with service.relaybook.read_engine.connect() as connection:
        kept = connection.execute(select(idempotent_answers.c.body)).scalars().all()
    assert kept == [None]


@pytest.mark.parametrize("document", [{}, {"attempt": 0}, {"attempt": "1"}, {"attempt": 1.5}])
def test_a_claim_names_its_attempt(tester: Asker, test_id: str, document: dict[str, Any]) -> None:
    answer = tester("POST", f"{TESTS}/{test_id}/claim", document)
    problem(answer, 422, "validation-failed")


def test_nobody_but_a_tester_claims(admin: Asker, test_id: str) -> None:
    problem(admin("POST", f"{TESTS}/{test_id}/claim", {"attempt": 1}), 403, "forbidden")


def test_a_cancelled_test_has_ended(operator: Asker, tester: Asker, test_id: str) -> None:
    answer = operator("POST", f"{TESTS}/{test_id}/cancel")
    assert answer.status_code == 202
    body = answer.get_json()
    assert (body["state"], body["verdict"], body["code"]) == (
        "completed",
        "inconclusive",
        "cancelled",
    )
    assert operator("POST", f"{TESTS}/{test_id}/cancel").get_json() == body
    claim = tester("POST", f"{TESTS}/{test_id}/claim", {"attempt": 1})
    problem(claim, 409, "in-use")


def test_a_cancellation_takes_no_fields(operator: Asker, test_id: str) -> None:
    path = f"{TESTS}/{test_id}/cancel"
    problem(operator("POST", path, {"why": "x"}), 422, "validation-failed")
    assert operator("POST", path, {}).status_code == 202


def test_the_conclusion_is_told_in_the_language_that_is_asked_for(
    service: Service, reader: Asker, test_id: str
) -> None:
    report(service, test_id)
    english = reader("GET", f"{TESTS}/{test_id}").get_json()
    japanese = reader("GET", f"{TESTS}/{test_id}", headers={"Accept-Language": "ja"}).get_json()
    assert (english["state"], english["verdict"], english["code"]) == (
        "completed",
        "failed",
        "bad_credentials",
    )
    assert english["title"].isascii()
    assert not japanese["title"].isascii()


def test_tests_are_listed_newest_first(operator: Asker, acme: None) -> None:
    made = [operator("POST", TESTS, {"setting_id": "acme"}).get_json()["id"] for _ in range(3)]
    seen, path = [], f"{TESTS}?setting_id=acme&limit=2"
    while path:
        answer = operator("GET", path)
        seen += [item["id"] for item in answer.get_json()["items"]]
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert seen == made[::-1]
    assert operator("GET", f"{TESTS}?verdict=passed").get_json()["items"] == []


def test_another_tenants_test_is_not_there(service: Service, test_id: str) -> None:
    other = service.asker("operator", tenants=["zed"])
    for method, path in (("GET", ""), ("GET", "/stream"), ("POST", "/cancel")):
        problem(other(method, f"{TESTS}/{test_id}{path}"), 404, "not-found")
    assert other("GET", TESTS).get_json()["items"] == []
    problem(other("POST", TESTS, {"setting_id": "acme"}), 404, "not-found")
    problem(other("POST", TESTS, {"draft": DRAFT}), 403, "forbidden")


def test_the_stream_of_an_ended_test_repeats_what_is_known_and_ends(
    service: Service, reader: Asker, test_id: str
) -> None:
    report(service, test_id)
    answer = reader("GET", f"{TESTS}/{test_id}/stream", headers={"Last-Event-ID": "whatever"})
    assert answer.mimetype == "text/event-stream"
    told = events_of(answer)
    assert [name for name, _ in told] == ["step"] * 13 + ["completed"]
    assert told[-1][1] == reader("GET", f"{TESTS}/{test_id}").get_json()


def test_the_stream_of_a_running_test_ends_with_its_conclusion(
    service: Service, reader: Asker, test_id: str
) -> None:
    def end() -> None:
        report(service, test_id)
        service.relaybook.live.close()  # the relay does not run, so nothing comes by the bus

    Timer(0.2, end).start()
    told = events_of(reader("GET", f"{TESTS}/{test_id}/stream"))
    assert told[-1][0] == "completed"
    assert told[-1][1]["code"] == "bad_credentials"


def test_whoever_asks_too_often_waits(service: Service, operator: Asker, acme: None) -> None:
    rate = service.relaybook.settings.test_rate
    assert rate is not None
    answers = [
        operator("POST", TESTS, {"draft": {"host": f"a{number}.example"}}).status_code
        for number in range(rate.count)
    ]
    assert set(answers) == {202}
    refused = operator("POST", TESTS, {"setting_id": "acme"})
    problem(refused, 429, "too-many-requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= rate.seconds
    other = service.asker("operator")
    assert other("POST", TESTS, {"setting_id": "acme"}).status_code == 202


def test_a_setting_and_a_mail_account_are_not_tried_by_ever_new_hands(
    service: Service, operator: Asker, acme: None
) -> None:
    rate = service.relaybook.settings.test_rate
    assert rate is not None
    for _ in range(rate.count):  # by as many hands as you like
        asker = service.asker("operator")
        assert asker("POST", TESTS, {"setting_id": "acme"}).status_code == 202
    problem(operator("POST", TESTS, {"setting_id": "acme"}), 429, "too-many-requests")
    acme_now = operator("GET", "/v1/smtp-settings/acme").get_json()
    guess = {"method": "password", "user": acme_now["auth"]["user"], "password": "a guess"}
    same = {"host": acme_now["host"].upper(), "port": 25, "auth": guess}
    problem(operator("POST", TESTS, {"draft": same}), 429, "too-many-requests")
    other = same | {"auth": guess | {"user": "somebody else"}}
    assert operator("POST", TESTS, {"draft": other}).status_code == 202
