from __future__ import annotations

import pytest

from events.detection import DetectionResult, Evidence, Proposal
from events.envelope import Cause
from events.messages import DetectionReported
from services.config_api.application.context import Context
from tests.integration.http.asking import Asker, Service, problem

DETECTIONS = "/v1/detections"
FOUND = DetectionResult(
    proposals=(
        Proposal(
            host="smtp.acme.example",
            port=465,
            security="implicit_tls",
            evidence=(
                Evidence(code="usual_name"),
                Evidence(code="tls_checked", facts={"version": "TLSv1.3"}),
            ),
        ),
    ),
    notes=(Evidence(code="null_mx", facts={"domain": "acme.example"}),),
)


@pytest.fixture
def tester(service: Service) -> Asker:
    return service.asker("tester")


def test_a_detection_is_accepted_and_claimed_once(operator: Asker, tester: Asker) -> None:
    answer = operator("POST", DETECTIONS, {"domain": "Acme.Example"})
    body = answer.get_json()
    assert answer.status_code == 202
    place = answer.headers["Location"]
    assert place == f"{DETECTIONS}/{body['id']}"
    assert (body["state"], body["domain"], body["proposals"]) == ("queued", "acme.example", [])
    assert operator("GET", place).get_json() == body

    claimed = tester("POST", f"{place}/claim", {"attempt": 1})
    assert claimed.get_json() == {
        "id": body["id"], "attempt": 1, "domain": "acme.example", "deadline_ms": 60_000,
    }  # fmt: skip
    assert operator("GET", place).get_json()["state"] == "running"
    again = tester("POST", f"{place}/claim", {"attempt": 1})
    assert problem(again, 409, "in-use")


def test_what_was_found_is_told_in_the_asked_language(
    service: Service, operator: Asker, tester: Asker
) -> None:
    place = operator("POST", DETECTIONS, {"domain": "acme.example"}).headers["Location"]
    detection_id = place.rpartition("/")[2]
    ctx = Context(cause=Cause.by_system("test"), at=service.watch())
    reported = DetectionReported(detection_id=detection_id, attempt=1, result=FOUND)
    assert service.relaybook.detections.record(reported, ctx)
    told = operator("GET", place).get_json()
    assert told["state"] == "completed"
    assert told["proposals"] == [
        {
            "host": "smtp.acme.example",
            "port": 465,
            "security": "implicit_tls",
            "evidence": [
                {
                    "code": "usual_name",
                    "title": "Its name is the usual one for a mail server of the domain.",
                },
                {
                    "code": "tls_checked",
                    "title": "The connection is encrypted by TLSv1.3, and the certificate is good"
                    " for this name.",
                },
            ],
        }
    ]
    japanese = operator("GET", place, headers={"Accept-Language": "ja"}).get_json()
    assert japanese["notes"][0]["title"] == (
        "acme.example はメールを受信しないドメインです(Null MX)。"
    )
    ended = tester("POST", f"{place}/claim", {"attempt": 1})
    assert problem(ended, 409, "in-use")


@pytest.mark.parametrize(
    ("document", "code", "fix"),
    [
        ({}, "required", None),
        ({"domain": "mailer@acme.example"}, "domain_is_address", {"domain": "acme.example"}),
        ({"domain": "smtp://acme.example"}, "domain_is_more", {"domain": "acme.example"}),
        ({"domain": "localhost"}, "domain_incomplete", None),
        ({"domain": 5}, "wrong_type", {"domain": "5"}),
    ],
)
def test_what_is_no_domain_is_refused(
    operator: Asker, document: dict[str, object], code: str, fix: object
) -> None:
    told = problem(operator("POST", DETECTIONS, document), 422, "validation-failed")
    (error,) = told["errors"]
    assert (error["pointer"], error["code"], error.get("fix")) == ("/domain", code, fix)


def test_a_detection_that_is_not_there_is_not_found(operator: Asker, tester: Asker) -> None:
    problem(operator("GET", f"{DETECTIONS}/nowhere"), 404, "not-found")
    problem(tester("POST", f"{DETECTIONS}/nowhere/claim", {"attempt": 1}), 404, "not-found")


def test_a_repeated_request_is_the_same_detection(operator: Asker) -> None:
    key = {"Idempotency-Key": "k-1"}
    first, second = (
        operator("POST", DETECTIONS, {"domain": "acme.example"}, headers=key) for _ in range(2)
    )
    assert first.get_json() == second.get_json()


def test_detections_count_as_tests_for_the_rate(operator: Asker) -> None:
    for number in range(30):
        asked = operator("POST", DETECTIONS, {"domain": f"acme{number}.example"})
        assert asked.status_code == 202
    refused = operator("POST", DETECTIONS, {"domain": "acme.example"})
    problem(refused, 429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) > 0
