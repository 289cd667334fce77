"""What holds for every answer: headers, languages, methods, health, the description."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any

import pytest
from openapi_spec_validator import validate

from services.config_api.http import docs
from services.config_api.http.app import create_app
from services.config_api.http.description import described
from services.config_api.http.headers import is_api
from services.config_api.http.streams import EXTENSION
from tests.integration.http.asking import Asker, Service, problem

CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
PUBLIC = {"/livez", "/readyz", "/metrics", "/v1/openapi.json", "/v1/asyncapi.json"}
PATHS = ("/livez", "/v1/me", "/v1/nothing", "/nothing", "/docs", "/v1/openapi.json", "/metrics")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_protects_the_browser(service: Service, path: str) -> None:
    answer = service.stranger()("GET", path)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["Trace-Id"])


def test_no_function_of_the_app_is_a_coroutine(service: Service) -> None:
    app = service.app
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    called = [one for found in hooks for some in found.values() for one in some]
    assert len(called) > 5
    assert not any(map(iscoroutinefunction, [*called, *app.view_functions.values()]))


@pytest.mark.parametrize("path", ["/v1/me", "/v1/nothing", "/livez", "/v1/openapi.json"])
def test_answers_of_the_api_are_not_stored(service: Service, path: str) -> None:
    assert service.stranger()("GET", path).headers["Cache-Control"] == "no-store"


def test_a_trace_goes_from_the_request_into_answer_and_event(
    operator: Asker, auditor: Asker
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    document = {"id": "acme", "host": "a.example"}
    answer = operator("POST", "/v1/smtp-settings", document, headers=headers)
    assert answer.headers["Trace-Id"] == trace
    event = auditor("GET", "/v1/events?subject=smtp_setting/acme").get_json()["items"][0]
    assert event["traceparent"].split("-")[1] == trace
    assert event["correlationid"] == trace
    assert event["sourceip"] == "127.0.0.1"


def test_a_path_that_is_not_there_is_a_problem_in_the_api_and_a_page_elsewhere(
    service: Service,
) -> None:
    stranger = service.stranger()
    problem(stranger("GET", "/v1/nothing"), 404, "not-found")
    problem(stranger("GET", "/v1"), 404, "not-found")
    page = stranger("GET", "/nothing", headers={"Accept-Language": "ja"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "見つかりません" in page.get_data(as_text=True)


def test_a_method_that_a_path_lacks_is_told_with_those_that_it_has(operator: Asker) -> None:
    answer = operator("POST", "/v1/smtp-settings/acme")
    problem(answer, 405, "method-not-allowed")
    allowed = {one.strip() for one in answer.headers["Allow"].split(",")}
    assert {"GET", "PUT", "PATCH", "DELETE"} <= allowed
    assert "POST" not in allowed


def test_options_tells_the_methods_to_anybody(service: Service) -> None:
    answer = service.stranger()("OPTIONS", "/v1/smtp-settings")
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert "Content-Type" not in answer.headers
    assert {"GET", "POST"} <= {one.strip() for one in answer.headers["Allow"].split(",")}


def test_a_problem_speaks_japanese_when_asked(operator: Asker) -> None:
    answer = operator(
        "POST",
        "/v1/smtp-settings",
        {"id": "x", "host": "http://x.example", "port": 0},
        headers={"Accept-Language": "ja, en;q=0.5"},
    )
    body = problem(answer, 422, "validation-failed")
    assert body["title"] == "値に誤りがあります"
    assert all(not error["detail"].isascii() for error in body["errors"])


def test_it_lives_and_is_ready_once_the_database_is_migrated(service: Service) -> None:
    assert service.stranger()("GET", "/livez").get_json() == {"status": "ok"}
    assert service.stranger()("GET", "/readyz").get_json() == {"status": "ok"}


def test_it_is_not_ready_while_it_stops(service: Service) -> None:
    service.app.extensions[EXTENSION].stopping.set()
    problem(service.stranger()("GET", "/readyz"), 503, "unavailable")
    assert service.stranger()("GET", "/livez").status_code == 200


def test_an_unexpected_failure_says_nothing_of_the_inside(
    service: Service, reader: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> Any:
        raise RuntimeError("the secret word is xyzzy")

    monkeypatch.setattr(type(service.relaybook.read_model), "setting", broken)
    answer = reader("GET", "/v1/smtp-settings/acme")
    problem(answer, 500, "internal")
    assert "xyzzy" not in answer.get_data(as_text=True)


def test_figures_name_routes_by_their_pattern(service: Service, reader: Asker) -> None:
    reader("GET", "/v1/smtp-settings/some-tenant")
    text = service.stranger()("GET", "/metrics").get_data(as_text=True)
    assert 'route="/v1/smtp-settings/{setting_id}",status="404"' in text
    reader("GET", "/v1/events/17")
    figures = service.stranger()("GET", "/metrics").get_data(as_text=True)
    assert 'route="/v1/events/{position}"' in figures
    assert "_created" not in figures
    assert "some-tenant" not in text


def test_the_status_tells_how_far_everything_is(operator: Asker) -> None:
    operator("POST", "/v1/smtp-settings", {"id": "acme", "host": "a.example"})
    body = operator("GET", "/v1/status").get_json()
    assert body["position"] > 0
    assert 0 <= body["backlog"] <= body["position"]
    assert "relaybook.connection-tests" in body["queues"]
    assert {one["lag"] for one in body["projections"]} == {0}


def test_the_description_is_openapi_3_1_and_complete(service: Service) -> None:
    document = service.stranger()("GET", "/v1/openapi.json").get_json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    described = {
        (method, re.sub(r"{[^}]*}", "{}", path))
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    served = {
        (method.lower(), re.sub(r"<[^>]*>", "{}", rule.rule))
        for rule in service.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if is_api(rule.rule)
    }
    assert described == served
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                assert operation["operationId"]
                assert operation["summary"]
                assert operation["tags"]
                public = path in PUBLIC
                assert (operation["security"] == []) == public
                assert ("401" in operation["responses"]) != public
                assert "500" in operation["responses"]


def test_every_reference_of_the_description_leads_somewhere(service: Service) -> None:
    text = service.stranger()("GET", "/v1/openapi.json").get_data(as_text=True)
    document = json.loads(text)
    for kind, name in re.findall(r'"#/components/(\w+)/(\w+)"', text):
        assert name in document["components"][kind]


def test_many_who_ask_for_the_description_at_once_have_it_made_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def slowly(base_url: str) -> dict[str, Any]:
        made.append(base_url)
        time.sleep(0.2)
        return described(base_url)

    monkeypatch.setattr(docs, "described", slowly)
    elsewhere = replace(service.relaybook.settings, public_url="https://once.example")
    ask = Asker(create_app(replace(service.relaybook, settings=elsewhere)), "")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask("GET", "/v1/openapi.json"), range(8)))
    assert {answer.get_json()["servers"][0]["url"] for answer in answers} == {elsewhere.base_url}
    assert made == [elsewhere.base_url]


def test_the_docs_show_every_operation_without_script(service: Service) -> None:
    document = service.stranger()("GET", "/v1/openapi.json").get_json()
    page = service.stranger()("GET", "/docs").get_data(as_text=True)
    for path, item in document["paths"].items():
        for method in item:
            if method != "parameters":
                assert f"{method.upper()} {path}" in page
    assert "<script" not in page
    assert "<style" not in page
    assert "http://" not in page.replace("http://127.0.0.1", "")


def test_the_address_before_the_trusted_proxies_is_recorded(
    service: Service, tmp_path: Any
) -> None:
    behind = replace(service.relaybook.settings, trusted_proxies=1)
    app = create_app(replace(service.relaybook, settings=behind))
    headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
    for one, expected in ((service.app, "127.0.0.1"), (app, "192.0.2.7")):
        asker = Asker(one, service.asker("operator", "auditor").token)
        document = {"id": f"a{expected}", "host": "a.example"}
        asker("POST", "/v1/smtp-settings", document, headers=headers)
        path = f"/v1/events?subject=smtp_setting/a{expected}"
        assert asker("GET", path).get_json()["items"][0]["sourceip"] == expected
