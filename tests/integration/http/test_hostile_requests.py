"""Whatever is sent is answered as a refusal at most, never as a failure, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.http.asking import Asker, problem

ACME = {"id": "acme", "host": "smtp.acme.example"}
ODD_PATHS = (
    "%00",
    "a%00b",
    "a%0d%0ab",
    "%ff%fe",
    "%F0%9F%98%80",
    "a" * 600,
    "..%5c..",
    "%e2%80%ae",
)


@pytest.fixture
def database_url(store_url: str) -> str:
    """Return each kind of database: PostgreSQL takes no NUL and no long keys in an index."""
    return store_url


@pytest.mark.parametrize("name", ODD_PATHS)
def test_a_thing_with_an_odd_name_is_not_there(admin: Asker, name: str) -> None:
    headers = {"If-Match": "*", "Idempotency-Key": "k"}
    for method, path in (
        ("GET", f"/v1/smtp-settings/{name}"),
        ("GET", f"/v1/smtp-settings/{name}?at=1"),
        ("GET", f"/v1/smtp-settings/{name}/effective"),
        ("DELETE", f"/v1/smtp-settings/{name}"),
        ("GET", f"/v1/connection-tests/{name}"),
        ("POST", f"/v1/connection-tests/{name}/cancel"),
        ("DELETE", f"/v1/tokens/{name}"),
    ):
        problem(admin(method, path, headers=headers), 404, "not-found")


@pytest.mark.parametrize(
    "query",
    ["smtp-settings?q=%00", "smtp-settings?q=%ff", "smtp-settings?q=%25_", "smtp-settings?q=%5C",
     "smtp-settings?cursor=YQBi", "smtp-settings?cursor=8J-YgA==",
     "smtp-settings?q=" + "x" * 5000, "connection-tests?setting_id=%00",
     "connection-tests?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "events?after=9223372036854775807",
     "events?subject=%F0%9F%98%80", "events?since=0001-01-01T00:00:00Z",
     "events?until=9999-12-31T23:59:59Z", "events?since=0001-01-01T00:00:00%2B14:00",
     "smtp-settings/acme?at=9223372036854775807", "smtp-settings/acme?at=0001-01-01T00:00:00Z"],
)  # fmt: skip
def test_an_odd_query_is_answered_or_refused(admin: Asker, query: str) -> None:
    assert admin("GET", f"/v1/{query}").status_code in {200, 404, 422}


@pytest.mark.parametrize(
    "change",
    [{"id": "a\u0000"}, {"host": "a\u0000b"}, {"x_mailer": "a\r\nb"}, {"port": 10**30},
     {"port": 1e400}, {"port": -1}, {"port": True}, {"port": "587"}, {"port": 587.5},
     {"tls_protocols": [[]]}, {"tls_protocols": {"a": 1}}, {"auth": []}, {"auth": {"user": {}}},
     {"session_properties": {"mail.smtp.x": None}}, {"session_properties": []}, {"debug": 1},
     {"ca_pem": "x"}, {"host": "a" * 100_000}, {"host": ""}, {"host": "\u202e"}, {"host": []},
     {"timeout_ms": 0}, {"auth": {"method": "password", "password": "****"}}],
)  # fmt: skip
def test_a_wrong_value_is_refused(admin: Asker, change: dict[str, Any]) -> None:
    answer = admin("POST", "/v1/smtp-settings", ACME | change)
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("value", [1.0, 587.0])
def test_a_whole_number_may_be_written_with_a_point(admin: Asker, value: float) -> None:
    answer = admin("POST", "/v1/smtp-settings", ACME | {"port": value})
    assert (answer.status_code, answer.get_json()["port"]) == (201, int(value))


@pytest.mark.parametrize(
    "document",
    [{"setting_id": "a\u0000"}, {"setting_id": []}, {"draft": []}, {"draft": "x"}, {"draft": 1},
     {"setting_id": "acme", "depth": None}, {"setting_id": "acme", "depth": []},
     {"setting_id": "x" * 400}, {"setting_id": "\ud83d\ude00"}],
)  # fmt: skip
def test_an_odd_request_for_a_test_is_refused(admin: Asker, document: dict[str, Any]) -> None:
    assert admin("POST", "/v1/connection-tests", document).status_code in {404, 422}
