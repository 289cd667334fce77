from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from services.config_api.http import follow
from tests.integration.http.asking import Asker, Service, problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def recorded(operator: Asker, auditor: Asker) -> list[dict[str, Any]]:
    for name in ("a", "b", "c"):
        operator("POST", "/v1/smtp-settings", {"id": name, "host": f"{name}.example"})
    operator("DELETE", "/v1/smtp-settings/b", headers={"If-Match": "*"})
    events: list[dict[str, Any]] = auditor("GET", "/v1/events?limit=500").get_json()["items"]
    return events


def test_events_are_cloud_events_in_order(recorded: list[dict[str, Any]]) -> None:
    positions = [int(event["position"]) for event in recorded]
    assert positions == sorted(positions)
    last = recorded[-1]
    assert last["specversion"] == "1.0"
    assert last["type"] == "relaybook.smtp_setting.deleted.v1"
    assert last["source"] == "/relaybook"
    assert last["subject"] == "smtp_setting/b"
    assert last["streamversion"] == "2"
    assert last["actor"].startswith("token:")
    assert last["data"]["setting_id"] == "b"


def test_a_page_says_where_the_next_one_begins(
    auditor: Asker, recorded: list[dict[str, Any]]
) -> None:
    seen, after = [], 0
    while True:
        page = auditor("GET", f"/v1/events?limit=2&after={after}").get_json()
        if not page["items"]:
            break
        seen += page["items"]
        after = page["next"]
    assert seen == recorded


def test_a_stream_to_the_end_has_one_event_a_line(
    auditor: Asker, recorded: list[dict[str, Any]]
) -> None:
    answer = auditor("GET", "/v1/events", headers={"Accept": "application/x-ndjson"})
    assert answer.mimetype == "application/x-ndjson"
    lines = answer.get_data(as_text=True).splitlines()
    assert [json.loads(line) for line in lines] == recorded


def test_filters_hold_together(auditor: Asker, recorded: list[dict[str, Any]]) -> None:
    def found(query: str) -> list[str]:
        items = auditor("GET", f"/v1/events?{query}").get_json()["items"]
        return [item["id"] for item in items]

    of_b = [event["id"] for event in recorded if event["subject"] == "smtp_setting/b"]
    assert found("subject=smtp_setting/b") == of_b
    assert found("type=smtp_setting.deleted") == of_b[1:]
    actor = recorded[-1]["actor"]
    assert found(f"actor={actor}&subject=smtp_setting/b") == of_b
    assert found("until=2026-01-31T12:00:00Z") == []
    assert len(found("since=2026-01-31T12:00:00Z&limit=500")) == len(recorded)


def test_what_came_since_then_is_read_without_the_log_before(
    service: Service, operator: Asker, auditor: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, begun = type(service.relaybook.store), service.relaybook.store.head()
    service.watch.forward(hours=1)
    since = service.watch().strftime("since=%Y-%m-%dT%H:%M:%SZ")
    operator("POST", "/v1/smtp-settings", {"id": "later", "host": "smtp.later.example"})
    read, asked = store.read_all, []

    def told(self: Any, **more: Any) -> Any:
        asked.append(more["after"])
        return read(self, **more)

    monkeypatch.setattr(store, "read_all", told)
    for accept in ("application/json", "application/x-ndjson"):
        answer = auditor("GET", f"/v1/events?{since}", headers={"Accept": accept})
        assert "smtp_setting/later" in answer.get_data(as_text=True)
    assert min(asked) >= begun
    for first in ("0001-01-01T00:00:00Z", "0001-01-01T00:00:30Z"):
        assert auditor("GET", f"/v1/events?since={first}").status_code == 200
    assert asked[-1] == 0


@pytest.mark.parametrize(
    "query", ["type=smtp_setting.exploded", "after=-1", "limit=501", "since=now", "subjects=a"]
)
def test_a_wrong_filter_is_refused(auditor: Asker, query: str) -> None:
    problem(auditor("GET", f"/v1/events?{query}"), 422, "validation-failed")


def test_one_event_is_read_by_its_position(auditor: Asker, recorded: list[dict[str, Any]]) -> None:
    for event in recorded:
        assert auditor("GET", f"/v1/events/{event['position']}").get_json() == event
    last = int(recorded[-1]["position"])
    problem(auditor("GET", f"/v1/events/{last + 1}"), 404, "not-found")
    problem(auditor("GET", "/v1/events/0"), 404, "not-found")
    problem(auditor("GET", f"/v1/events/{10**30}"), 404, "not-found")


def test_an_auditor_of_one_tenant_sees_its_events_only(
    service: Service, recorded: list[dict[str, Any]]
) -> None:
    limited = service.asker("auditor", tenants=["b"])
    page = limited("GET", "/v1/events").get_json()
    assert {event["subject"] for event in page["items"]} == {"smtp_setting/b"}
    of_a = next(event for event in recorded if event["subject"] == "smtp_setting/a")
    problem(limited("GET", f"/v1/events/{of_a['position']}"), 404, "not-found")


def test_a_live_stream_resumes_behind_the_last_event(
    service: Service, auditor: Asker, recorded: list[dict[str, Any]]
) -> None:
    headers = {
        "Authorization": f"Bearer {auditor.token}",
        "Last-Event-ID": recorded[-2]["position"],
    }
    client = service.app.test_client()
    with client.get("/v1/events/stream", headers=headers, buffered=False) as answer:
        assert answer.mimetype == "text/event-stream"
        told = ""
        for chunk in answer.response:
            told += chunk if isinstance(chunk, str) else chunk.decode()
            if "data: " in told:
                break
    assert f"id: {recorded[-1]['position']}\n" in told
    data = next(line for line in told.splitlines() if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: ")) == recorded[-1]


def streamed(service: Service, token: str | None, query: str) -> Iterator[dict[str, Any]]:
    """Yield the events of a live stream."""
    headers = {"Authorization": f"Bearer {token}"}
    client = service.app.test_client()
    with client.get(f"/v1/events/stream?{query}", headers=headers, buffered=False) as answer:
        for chunk in answer.response:
            for line in (chunk if isinstance(chunk, str) else chunk.decode()).splitlines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("type", lambda event: event["type"].removeprefix("relaybook.").removesuffix(".v1")),
        ("subject", lambda event: event["subject"]),
        ("actor", lambda event: event["actor"]),
        ("correlation", lambda event: event["correlationid"]),
    ],
)
def test_a_live_stream_tells_what_was_asked_for(
    service: Service,
    auditor: Asker,
    recorded: list[dict[str, Any]],
    name: str,
    of: Callable[[dict[str, Any]], str],
) -> None:
    wanted = of(recorded[-1])
    expected = [event for event in recorded if of(event) == wanted]
    query = urlencode({name: wanted, "after": 0})
    told = islice(streamed(service, auditor.token, query), len(expected))
    assert list(told) == expected


def test_an_open_stream_ends_with_its_token(
    service: Service,
    admin: Asker,
    recorded: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "QUIET_S", 0.05)
    made = admin("POST", "/v1/tokens", {"name": "watcher", "roles": ["auditor"]}).get_json()
    told = streamed(service, made["token"], "after=0")
    assert next(told) == recorded[0]
    assert admin("DELETE", f"/v1/tokens/{made['id']}").status_code == 204
    assert len(list(told)) < 50  # it ends


def test_a_last_event_id_that_is_no_position_is_refused(auditor: Asker) -> None:
    answer = auditor("GET", "/v1/events/stream", headers={"Last-Event-ID": "x"})
    problem(answer, 422, "validation-failed")


def test_no_event_shows_a_password(operator: Asker, auditor: Asker) -> None:
    document = {
        "id": "p",
        "host": "p.example",
        "auth": {"method": "password", "user": "u", "password": "correct horse"},
        "session_properties": {"mail.smtp.proxy.password": "battery staple"},
    }
    assert operator("POST", "/v1/smtp-settings", document).status_code == 201
    text = auditor("GET", "/v1/events?limit=500").get_data(as_text=True)
    assert "smtp_setting/p" in text
    assert "correct horse" not in text
    assert "battery staple" not in text
