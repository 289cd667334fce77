from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

ONE = """<?xml version="1.0" encoding="UTF-8"?>
<javamail-config xmlns="http://intra-mart.co.jp/system/mail/javamail/config/javamail-config">
  <smtp>
    <smtp-server id="{id}" host="{host}" port="25"/>
  </smtp>
</javamail-config>
"""


def send(asker: Asker, query: str, body: str, **more: Any) -> TestResponse:
    settings = {"content_type": "application/xml"} | more
    return asker("POST", f"/v1/imports?{query}", data=body.encode(), **settings)


def test_a_dry_run_says_what_would_happen_and_does_nothing(operator: Asker) -> None:
    answer = send(operator, "mode=new&dry_run=true", ONE.format(id="acme", host="a.example"))
    body = answer.get_json()
    assert answer.status_code == 200, body
    assert (body["mode"], body["dry_run"], body["counts"]["create"]) == ("new", True, 1)
    assert [(item["id"], item["action"]) for item in body["items"]] == [("acme", "create")]
    problem(operator("GET", "/v1/smtp-settings/acme"), 404, "not-found")


def test_an_import_does_what_its_plan_said(operator: Asker) -> None:
    answer = send(operator, "mode=new", ONE.format(id="acme", host="a.example"))
    assert answer.status_code == 201
    assert answer.get_json()["counts"]["create"] == 1
    setting = operator("GET", "/v1/smtp-settings/acme").get_json()
    assert (setting["host"], setting["origin"]) == ("a.example", "imported")


def test_one_invalid_item_refuses_the_whole_file_with_the_plan(operator: Asker) -> None:
    body = ONE.format(id="acme", host="a b.example")
    answer = send(operator, "mode=new", body)
    refused = problem(answer, 422, "import-invalid")
    assert refused["plan"]["counts"]["invalid"] == 1
    skipped = send(operator, "mode=new&skip_invalid=true&dry_run=true", body)
    assert skipped.status_code == 200


@pytest.mark.parametrize(
    "query", ["", "mode=replace", "mode=new&dry_run=yes", "mode=new&format=excel", "mode=new&x=1"]
)
def test_a_wrong_query_is_refused(operator: Asker, query: str) -> None:
    answer = send(operator, query, ONE.format(id="acme", host="a.example"))
    problem(answer, 422, "validation-failed")


def test_the_format_may_be_named_where_the_type_says_nothing(operator: Asker) -> None:
    body = ONE.format(id="acme", host="a.example")
    answer = send(operator, "mode=new", body, content_type="application/octet-stream")
    problem(answer, 415, "unsupported-media-type")
    answer = send(
        operator, "mode=new&format=javamail", body, content_type="application/octet-stream"
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body",
    ["", "<", "<javamail-config>", "{}",
     '<!DOCTYPE a [<!ENTITY b "c">]><javamail-config>&b;</javamail-config>'],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_malformed(operator: Asker, body: str) -> None:
    answer = send(operator, "mode=new", body)
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


def test_a_file_may_be_larger_than_other_bodies(operator: Asker) -> None:
    padding = " " * (11 * 1024 * 1024)
    body = ONE.format(id="acme", host="a.example") + padding
    assert send(operator, "mode=new", body).status_code == 201


def test_a_file_above_its_own_limit_is_not_read(operator: Asker) -> None:
    answer = send(
        operator, "mode=new", "", environ_overrides={"CONTENT_LENGTH": str(200 * 1024 * 1024 + 1)}
    )
    problem(answer, 413, "payload-too-large")


def test_an_import_is_carried_out_once_a_key(operator: Asker, service: Service) -> None:
    body = ONE.format(id="acme", host="a.example")
    headers = {"Idempotency-Key": "k"}
    first = send(operator, "mode=new", body, headers=headers)
    again = send(operator, "mode=new", body, headers=headers)
    assert (again.status_code, again.get_data()) == (201, first.get_data())
    other = send(operator, "mode=update", body, headers=headers)
    problem(other, 422, "idempotency-conflict")


def test_whoever_is_limited_to_tenants_imports_nothing(service: Service) -> None:
    limited = service.asker("operator", tenants=["acme"])
    answer = send(limited, "mode=new", ONE.format(id="acme", host="a.example"))
    problem(answer, 403, "forbidden")


def test_a_refused_import_is_kept_as_it_was_told(operator: Asker) -> None:
    body = ONE.format(id="acme", host="a b.example")
    headers = {"Idempotency-Key": "k"}
    first = send(operator, "mode=new", body, headers=headers)
    problem(first, 422, "import-invalid")
    again = send(operator, "mode=new", body, headers=headers)
    assert (again.status_code, again.get_data()) == (422, first.get_data())
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_dry_run_is_kept_as_well(operator: Asker) -> None:
    body = ONE.format(id="acme", host="a.example")
    answers = [
        send(operator, "mode=new&dry_run=true", body, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert answers[0].get_data() == answers[1].get_data()
    assert answers[1].headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_plan_is_told_in_the_language_that_is_asked_for(operator: Asker, language: str) -> None:
    body = ONE.format(id="acme", host="a b.example")
    answer = send(operator, "mode=new&dry_run=true", body, headers={"Accept-Language": language})
    (item,) = answer.get_json()["items"]
    assert ("。" in item["problems"][0]["detail"]) == (language == "ja")
