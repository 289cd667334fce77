from __future__ import annotations

from typing import Any

import pytest

from tests.integration.http.asking import Asker, Service, problem

ACME = {
    "id": "acme",
    "host": "smtp.acme.example",
    "auth": {"method": "password", "user": "mailer", "password": "correct horse"},
}
PATH = "/v1/smtp-settings/acme"


@pytest.fixture
def acme(operator: Asker) -> dict[str, Any]:
    answer = operator("POST", "/v1/smtp-settings", ACME)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    document: dict[str, Any] = answer.get_json()
    return document


def test_a_registered_setting_is_answered_with_place_and_tag(operator: Asker) -> None:
    answer = operator("POST", "/v1/smtp-settings", ACME)
    assert answer.status_code == 201
    assert answer.headers["Location"] == PATH
    assert answer.headers["ETag"] == '"v1"'
    body = answer.get_json()
    assert (body["port"], body["security"], body["secret"]) == (587, "starttls", "stored")
    assert "correct horse" not in answer.get_data(as_text=True)
    assert "password" not in body["auth"]


def test_what_was_registered_is_what_readers_see(reader: Asker, acme: dict[str, Any]) -> None:
    answer = reader("GET", PATH)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v1"')
    assert answer.get_json() == acme
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_an_unchanged_setting_is_not_sent_again(reader: Asker, acme: dict[str, Any]) -> None:
    for tag in ('"v1"', 'W/"v1"', "*"):
        answer = reader("GET", PATH, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.get_data(), answer.headers["ETag"]) == (304, b"", '"v1"')


def test_head_answers_what_get_does_without_a_body(reader: Asker, acme: dict[str, Any]) -> None:
    answer = reader("HEAD", PATH)
    assert (answer.status_code, answer.headers["ETag"], answer.get_data()) == (200, '"v1"', b"")


def test_a_second_registration_exists_already(operator: Asker, acme: dict[str, Any]) -> None:
    problem(operator("POST", "/v1/smtp-settings", ACME), 409, "already-exists")


def test_a_setting_that_nobody_registered_is_not_found(operator: Asker) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        problem(operator(method, "/v1/smtp-settings/nobody"), 404, "not-found")


def test_a_change_needs_if_match(operator: Asker, acme: dict[str, Any]) -> None:
    for method, document in (("PUT", ACME), ("PATCH", {"port": 25}), ("DELETE", None)):
        problem(operator(method, PATH, document), 428, "precondition-required")


def test_a_stale_version_is_refused(operator: Asker, acme: dict[str, Any]) -> None:
    for method, document in (("PUT", ACME), ("PATCH", {"port": 25}), ("DELETE", None)):
        for tag in ('"v2"', 'W/"v1"', "v1"):
            answer = operator(method, PATH, document, headers={"If-Match": tag})
            problem(answer, 412, "version-conflict")


def test_a_replacement_moves_the_version_on(operator: Asker, acme: dict[str, Any]) -> None:
    changed = ACME | {"debug": True}
    answer = operator("PUT", PATH, changed, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v2"')
    assert operator("GET", PATH).get_json() == answer.get_json()


def test_a_replacement_that_changes_nothing_records_nothing(
    operator: Asker, acme: dict[str, Any], service: Service
) -> None:
    head = service.relaybook.store.head()
    answer = operator("PUT", PATH, ACME, headers={"If-Match": "*"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"v1"')
    assert service.relaybook.store.head() == head


@pytest.mark.parametrize("media_type", ["application/json", "application/merge-patch+json"])
def test_a_merge_patch_changes_what_it_names(
    operator: Asker, acme: dict[str, Any], media_type: str
) -> None:
    answer = operator(
        "PATCH", PATH, data='{"debug": true}', content_type=media_type, headers={"If-Match": "*"}
    )
    assert answer.get_json() | {"version": 1, "updated_at": 0} == acme | {
        "debug": True,
        "updated_at": 0,
    }


def test_another_destination_needs_the_secret_again(operator: Asker, acme: dict[str, Any]) -> None:
    answer = operator("PATCH", PATH, {"host": "other.example"}, headers={"If-Match": "*"})
    body = problem(answer, 422, "secret-required")
    assert "/auth/password" in {error["pointer"] for error in body["errors"]}


def test_all_wrong_fields_are_named_with_pointer_code_and_fix(operator: Asker) -> None:
    wrong = {"id": "x", "host": "smtp://mail.example:25", "port": 70000, "colour": "red"}
    body = problem(operator("POST", "/v1/smtp-settings", wrong), 422, "validation-failed")
    pointers = {error["pointer"] for error in body["errors"]}
    assert "/colour" in pointers or {"/host", "/port"} <= pointers
    assert all(error["code"] and error["detail"] for error in body["errors"])


def test_checks_come_in_the_order_of_the_contract(
    service: Service, operator: Asker, reader: Asker, acme: dict[str, Any]
) -> None:
    broken = {"data": "{", "content_type": "text/plain"}
    stale = {"headers": {"If-Match": '"v9"'}}
    problem(service.stranger()("PUT", PATH, **broken), 401, "unauthenticated")
    problem(reader("PUT", PATH, **broken), 403, "forbidden")
    problem(operator("PUT", "/v1/smtp-settings/nobody", **broken), 404, "not-found")
    large = {"data": b" " * (10 * 1024 * 1024 + 1), "content_type": "text/plain"}
    problem(operator("PUT", PATH, **large), 413, "payload-too-large")
    problem(operator("PUT", PATH, **broken), 415, "unsupported-media-type")
    problem(operator("PUT", PATH, data="{", content_type="application/json"), 400, "malformed")
    problem(operator("PUT", PATH, {"port": "x"}), 428, "precondition-required")
    problem(operator("PUT", PATH, {"port": "x"}, **stale), 412, "version-conflict")
    answer = operator("PUT", PATH, {"port": "x"}, headers={"If-Match": '"v1"'})
    problem(answer, 422, "validation-failed")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"id":"a","id":"b"}', b'{"a":NaN}', b"[" * 5000, b'{"a":"\\ud800"}',
     b'{"a":1' + b"0" * 5000 + b"}", b"\xff", b'{"a":"\x00"}', b'{"a":Infinity}'],
)  # fmt: skip
def test_broken_json_is_a_problem_and_never_an_internal_one(operator: Asker, body: bytes) -> None:
    answer = operator("POST", "/v1/smtp-settings", data=body, content_type="application/json")
    problem(answer, 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null"])
def test_json_that_is_no_object_is_refused(
    operator: Asker, acme: dict[str, Any], body: bytes
) -> None:
    for method, path in (("POST", "/v1/smtp-settings"), ("PUT", PATH), ("PATCH", PATH)):
        answer = operator(
            method, path, data=body, content_type="application/json", headers={"If-Match": "*"}
        )
        problem(answer, 422, "validation-failed")


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The OAuth provider is not known"),
        ("ja", "OAuth プロバイダーが登録されていません"),
    ],
)
def test_a_provider_that_does_not_exist_yet_is_a_warning_with_its_sentence(
    operator: Asker, language: str, title: str
) -> None:
    auth = {"method": "access_token", "user": "mailer", "provider_id": "exchange"}
    document = {"id": "acme", "host": "smtp.acme.example", "auth": auth}
    headers = {"Accept-Language": language}
    answer = operator("POST", "/v1/smtp-settings", document, headers=headers)
    assert answer.status_code == 201
    (warning,) = answer.get_json()["warnings"]
    assert warning["code"] == "provider_unknown"
    assert warning["title"] == title
    assert "exchange" in warning["hint"]


def test_an_id_that_differs_from_the_path_is_refused(operator: Asker, acme: dict[str, Any]) -> None:
    for method in ("PUT", "PATCH"):
        answer = operator(method, PATH, ACME | {"id": "other"}, headers={"If-Match": "*"})
        body = problem(answer, 422, "validation-failed")
        assert [error["pointer"] for error in body["errors"]] == ["/id"]


def test_a_body_with_a_content_encoding_is_not_taken(operator: Asker) -> None:
    answer = operator("POST", "/v1/smtp-settings", ACME, headers={"Content-Encoding": "gzip"})
    problem(answer, 415, "unsupported-media-type")


def test_a_deleted_setting_is_gone(operator: Asker, acme: dict[str, Any]) -> None:
    answer = operator("DELETE", PATH, headers={"If-Match": '"v1"'})
    assert (answer.status_code, answer.get_data()) == (204, b"")
    problem(operator("GET", PATH), 404, "not-found")
    again = operator("POST", "/v1/smtp-settings", ACME)
    assert again.headers["ETag"] == '"v3"'


def test_pages_are_followed_by_cursor_and_link(operator: Asker) -> None:
    for name in ("b", "A", "a", "B", "c"):
        operator("POST", "/v1/smtp-settings", {"id": name, "host": f"{name.lower()}.example"})
    seen, path = [], "/v1/smtp-settings?limit=2&count=true"
    while path:
        answer = operator("GET", path)
        page = answer.get_json()
        seen += [item["id"] for item in page["items"]]
        assert page["total"] == 5
        link = answer.headers.get("Link")
        assert (link is None) == (page["next"] is None)
        path = "" if link is None else link.partition(">")[0].removeprefix("<")
    assert seen == ["A", "B", "a", "b", "c"]


def test_a_list_is_narrowed_by_text_in_any_case(operator: Asker, acme: dict[str, Any]) -> None:
    operator("POST", "/v1/smtp-settings", {"id": "zed", "host": "zed.example"})
    for q in ("ACME", "smtp.ac", "MAILER"):
        items = operator("GET", f"/v1/smtp-settings?q={q}").get_json()["items"]
        assert [item["id"] for item in items] == ["acme"]
        assert items[0] == acme | {"last_test": None}
    assert operator("GET", "/v1/smtp-settings?q=%25").get_json()["items"] == []


def test_an_unknown_query_parameter_is_refused(reader: Asker, acme: dict[str, Any]) -> None:
    for path in ("/v1/smtp-settings?limits=1", f"{PATH}?colour=red", "/v1/me?x=1", "/v1/status?x"):
        problem(reader("GET", path), 422, "validation-failed")


def test_the_last_test_comes_without_a_tag(reader: Asker, acme: dict[str, Any]) -> None:
    answer = reader("GET", f"{PATH}?expand=last_test")
    assert answer.get_json() == acme | {"last_test": None}
    assert "ETag" not in answer.headers


def test_a_setting_is_seen_as_it_was(
    operator: Asker, acme: dict[str, Any], service: Service
) -> None:
    position = service.relaybook.store.head()
    before = service.watch().isoformat().replace("+00:00", "Z")
    service.watch.forward(hours=1)
    operator("PATCH", PATH, {"debug": True}, headers={"If-Match": "*"})
    assert operator("GET", f"{PATH}?at={position}").get_json() == acme
    assert operator("GET", f"{PATH}?at={before}").get_json() == acme
    assert operator("GET", f"{PATH}?at={position + 1}").get_json()["debug"] is True
    problem(operator("GET", f"{PATH}?at=0"), 404, "not-found")


def test_a_tenant_without_a_setting_has_the_default_one(operator: Asker, reader: Asker) -> None:
    problem(reader("GET", f"{PATH}/effective"), 404, "not-found")
    operator("POST", "/v1/smtp-settings", {"id": "default", "host": "mail.example"})
    answer = reader("GET", f"{PATH}/effective")
    body = answer.get_json()
    assert (body["resolved_from"], body["host"]) == ("default", "mail.example")
    assert answer.headers["ETag"] == '"default-v1-none"'
    assert body["session_properties"]["mail.smtp.host"] == {
        "value": "mail.example",
        "source": "derived",
    }


def test_its_own_setting_comes_before_the_default_one(
    operator: Asker, reader: Asker, acme: dict[str, Any]
) -> None:
    operator("POST", "/v1/smtp-settings", {"id": "default", "host": "mail.example"})
    answer = reader("GET", f"{PATH}/effective")
    assert answer.get_json()["resolved_from"] == "acme"
    tag = answer.headers["ETag"]
    assert tag == '"acme-v1-none"'
    again = reader("GET", f"{PATH}/effective", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_another_tenants_setting_is_not_there(
    service: Service, operator: Asker, acme: dict[str, Any]
) -> None:
    other = service.asker("operator", tenants=["zed"])
    for method, path in (
        ("GET", PATH), ("GET", f"{PATH}?at=1"), ("GET", f"{PATH}/effective"), ("PUT", PATH),
        ("PATCH", PATH), ("DELETE", PATH),
    ):  # fmt: skip
        problem(other(method, path, headers={"If-Match": "*"}), 404, "not-found")
    assert other("GET", "/v1/smtp-settings?count=true").get_json() == {
        "items": [],
        "next": None,
        "total": 0,
    }
    problem(other("POST", "/v1/smtp-settings", ACME), 403, "forbidden")
    own = other("POST", "/v1/smtp-settings", ACME | {"id": "zed"})
    assert own.status_code == 201
