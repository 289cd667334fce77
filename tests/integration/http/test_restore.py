from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.http.asking import problem
from tests.support.settings import some_fields

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.integration.http.asking import Asker, Service

PATH = "/v1/smtp-settings/acme"


@pytest.fixture
def moved(operator: Asker) -> Asker:
    """Version 2 went to another host with another password."""
    assert operator("POST", "/v1/smtp-settings", {"id": "acme", **some_fields()}).status_code == 201
    changed = some_fields(host="other.example", auth={"password": "other"})
    assert operator("PUT", PATH, changed, headers={"If-Match": '"v1"'}).status_code == 200
    return operator


@pytest.fixture
def deleted(moved: Asker) -> Asker:
    assert moved("DELETE", PATH, headers={"If-Match": '"v2"'}).status_code == 204
    return moved


def restore(asker: Asker, document: object, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return asker("POST", f"{PATH}/restore", document, headers=named)


def pointers(body: dict[str, Any]) -> list[str]:
    return [error["pointer"] for error in body["errors"]]


def test_an_earlier_version_comes_back_as_a_version_of_its_own(moved: Asker) -> None:
    answer = restore(moved, {"version": 1}, If_Match='"v2"')

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v3"')
    assert answer.get_json()["host"] == "smtp.acme.example"
    assert answer.get_json()["secret"] == "stored"
    assert moved("GET", PATH).get_json() == answer.get_json()


def test_what_is_in_force_is_answered_again(moved: Asker) -> None:
    answer = restore(moved, {"version": 2}, If_Match="*")

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v2"')


def test_a_deleted_setting_comes_back(deleted: Asker) -> None:
    answer = restore(deleted, {"version": 1, "password": None}, If_None_Match="*")

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v4"')
    assert answer.get_json()["secret"] == "none"


def test_a_condition_is_needed(moved: Asker) -> None:
    problem(restore(moved, {"version": 1}), 428, "precondition-required")
    answer = restore(moved, {"version": 1}, If_None_Match='"v2"')
    problem(answer, 428, "precondition-required")


@pytest.mark.parametrize(
    "headers",
    [
        {"If_Match": '"v1"'},
        {"If_Match": 'W/"v2"'},
        {"If_None_Match": "*"},
        {"If_None_Match": "*", "If_Match": '"v2"'},
    ],
)
def test_a_condition_that_is_not_so_is_refused(moved: Asker, headers: dict[str, str]) -> None:
    problem(restore(moved, {"version": 99, "nonsense": 1}, **headers), 412, "version-conflict")


@pytest.mark.parametrize("etag", ["*", '"v3"'])
def test_nothing_matches_a_deleted_setting(deleted: Asker, etag: str) -> None:
    body = problem(restore(deleted, {"version": 1}, If_Match=etag), 412, "version-conflict")

    assert "If-None-Match" in body["detail"]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({}, ["/version"]),
        ({"version": 0}, ["/version"]),
        ({"version": "1"}, ["/version"]),
        ({"version": 3}, ["/version"]),
        ({"host": "x", "password": 5, "version": 1}, ["/host", "/password"]),
        ({"version": 1, "password": "***"}, ["/password"]),
        ({"version": 1, "password": ""}, ["/password"]),
        ([], [""]),
    ],
)
def test_what_is_wrong_is_named(moved: Asker, document: object, found: list[str]) -> None:
    body = problem(restore(moved, document, If_Match='"v2"'), 422, "validation-failed")

    assert pointers(body) == found


def test_a_version_that_lacked_its_secret_needs_a_password(operator: Asker) -> None:
    auth = {"method": "password", "user": "m"}
    lacking = {"id": "acme", "host": "a.example", "auth": auth}
    file = {"relaybook": 1, "settings": [lacking]}
    assert operator("POST", "/v1/imports?mode=new", file).status_code == 201
    operator("PATCH", PATH, {"auth": {"password": "p"}}, headers={"If-Match": '"v1"'})
    body = problem(restore(operator, {"version": 1}, If_Match='"v2"'), 422, "secret-required")

    assert pointers(body) == ["/password"]
    again = restore(operator, {"version": 1, "password": "q"}, If_Match='"v2"')
    assert again.get_json()["secret"] == "stored"


def test_what_never_was_or_is_not_yours_is_not_found(service: Service, moved: Asker) -> None:
    problem(moved("POST", "/v1/smtp-settings/nobody/restore", {"version": 1}), 404, "not-found")
    other = service.asker("operator", tenants=["globex"])
    problem(restore(other, {"version": 1}, If_Match='"v2"'), 404, "not-found")


def test_only_operators_restore(reader: Asker, moved: Asker) -> None:
    del moved
    problem(restore(reader, {"version": 1}, If_Match='"v2"'), 403, "forbidden")


def test_the_same_key_restores_once(moved: Asker) -> None:
    headers = {"If_Match": '"v2"', "Idempotency_Key": "once"}
    first = restore(moved, {"version": 1}, **headers)
    again = restore(moved, {"version": 1}, **headers)

    assert (again.status_code, again.get_json()) == (200, first.get_json())
    assert again.headers["ETag"] == '"v3"'
