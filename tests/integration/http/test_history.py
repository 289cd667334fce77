"""The past over HTTP: the list and a setting as of a moment, a setting's history, comparisons."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.http.asking import Asker, Service, problem
from tests.integration.http.past import LIST, Past


@pytest.fixture
def database_url(store_url: str) -> str:
    """Both databases."""
    return store_url


@pytest.fixture
def past(service: Service, operator: Asker) -> Past:
    return Past(service, operator)


def listed(reader: Asker, at: int | str, more: str = "") -> list[str]:
    answer = reader("GET", f"{LIST}?at={quote(str(at), safe='')}{more}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["id"] for item in answer.get_json()["items"]]


STEPS = [
    ("acme", ["acme"]),
    ("globex", ["acme", "globex"]),
    ("tested", ["acme", "globex"]),
    ("changed", ["acme", "globex"]),
    ("deleted", ["globex"]),
]


@pytest.mark.parametrize(("step", "found"), STEPS)
def test_the_list_is_told_as_of_a_position_and_as_of_an_instant(
    past: Past, reader: Asker, step: str, found: list[str]
) -> None:
    assert listed(reader, past.positions[step]) == found
    assert listed(reader, past.instants[step]) == found


def test_a_setting_as_of_a_moment_is_the_one_in_the_list(past: Past, reader: Asker) -> None:
    for step in ("acme", "globex", "tested", "changed"):
        for at in (past.positions[step], past.instants[step]):
            items = reader("GET", f"{LIST}?at={at}").get_json()["items"]
            one = reader("GET", f"{LIST}/acme?at={at}&expand=last_test")
            assert one.get_json() == items[0]
            assert "ETag" not in one.headers
            assert reader("GET", f"{LIST}/acme?at={at}").headers["ETag"].startswith('"v')


def test_the_last_test_is_the_one_of_that_time(past: Past, reader: Asker) -> None:
    def last_test(step: str) -> Any:
        answer = reader("GET", f"{LIST}?at={past.positions[step]}")
        return answer.get_json()["items"][0]["last_test"]

    assert last_test("globex") is None
    assert last_test("tested")["verdict"] == "failed"
    assert last_test("tested") == last_test("changed")


def test_filters_and_the_count_are_of_that_time_too(past: Past, reader: Asker) -> None:
    at = past.positions["changed"]
    assert listed(reader, at, "&verdict=failed") == ["acme"]
    assert listed(reader, past.positions["globex"], "&verdict=failed") == []
    assert listed(reader, at, "&q=MAIL.globex") == ["globex"]
    assert listed(reader, at, "&q=mailer") == ["acme"]
    assert listed(reader, at, "&is_default=true") == []
    counted = reader("GET", f"{LIST}?at={at}&count=true&limit=1").get_json()
    assert (counted["total"], len(counted["items"])) == (2, 1)
    assert "total" not in reader("GET", f"{LIST}?at={at}").get_json()


def test_pages_of_a_moment_follow_each_other(past: Past, reader: Asker) -> None:
    at = past.instants["changed"].replace("Z", "+00:00")
    first = reader("GET", f"{LIST}?at={quote(at)}&limit=1")
    link = first.headers["Link"].split(";")[0].strip("<>")
    second = reader("GET", link).get_json()
    pages = [[one["id"] for one in page["items"]] for page in (first.get_json(), second)]
    assert (pages, second["next"]) == ([["acme"], ["globex"]], None)


def test_a_moment_before_everything_shows_nothing(past: Past, reader: Asker) -> None:
    for at in (0, past.positions["begin"], "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        assert listed(reader, at) == []
        assert reader("GET", f"{LIST}?at={at}&count=true").get_json()["total"] == 0
        problem(reader("GET", f"{LIST}/acme?at={at}"), 404, "not-found")


def test_a_moment_that_has_not_come_yet_shows_what_is_there_now(past: Past, reader: Asker) -> None:
    for at in (past.positions["deleted"] + 1, 2**63 - 1, "9999-12-31T23:59:59.999999Z"):
        assert listed(reader, at) == ["globex"]
        assert reader("GET", f"{LIST}/globex?at={at}").status_code == 200
        problem(reader("GET", f"{LIST}/acme?at={at}"), 404, "not-found")


@pytest.mark.parametrize(
    "at",
    [
        "", "-1", "1.5", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "2026-13-01T12:00:00Z",
        str(2**63), "9" * 40, "\uff11", "0x10", "2026-01-31T12:00:00%2B99:00",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(reader: Asker, at: str) -> None:
    for path in (LIST, f"{LIST}/acme"):
        refused = problem(reader("GET", f"{path}?at={at}"), 422, "validation-failed")
        assert [error["parameter"] for error in refused["errors"]] == ["at"]


def test_a_limited_reader_sees_its_tenants_past_only(past: Past, service: Service) -> None:
    limited = service.asker("reader", tenants=["globex"])
    at = past.positions["changed"]
    assert listed(limited, at) == ["globex"]
    assert limited("GET", f"{LIST}?at={at}&count=true").get_json()["total"] == 1
    for path in ("acme/history", "acme/compare?from=1&to=2", f"acme?at={at}"):
        problem(limited("GET", f"{LIST}/{path}"), 404, "not-found")
    assert limited("GET", f"{LIST}/globex/history").status_code == 200


def history(reader: Asker, more: str = "", setting_id: str = "acme") -> dict[str, Any]:
    answer = reader("GET", f"{LIST}/{setting_id}/history{more}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    return body


def test_the_history_is_told_newest_first_also_of_a_deleted_setting(
    past: Past, auditor: Asker
) -> None:
    items = history(auditor)["items"]
    assert [(one["version"], one["type"]) for one in items] == [
        (3, "smtp_setting.deleted"),
        (2, "smtp_setting.updated"),
        (1, "smtp_setting.registered"),
    ]
    newest = past.positions["deleted"]
    assert [one["position"] for one in items] == [newest, newest - 1, past.positions["acme"]]
    assert [one["recorded_at"] for one in items] == [
        past.instants[step] for step in ("deleted", "changed", "acme")
    ]


def test_an_event_of_the_history_is_the_one_of_the_log(past: Past, auditor: Asker) -> None:
    for item in history(auditor)["items"]:
        event = auditor("GET", f"/v1/events/{item['position']}").get_json()
        assert item["id"] == event["id"]
        assert event["type"] == f"relaybook.{item['type']}.v1"
        assert (item["actor"], item["correlation_id"]) == (event["actor"], event["correlationid"])
        assert (item["source_ip"], item["causation_id"]) == (event["sourceip"], None)


def test_each_event_tells_what_it_changed(past: Past, reader: Asker) -> None:
    deleted, changed, registered = (one["changes"] for one in history(reader)["items"])
    assert changed == [
        {"path": "/port", "before": 587, "after": 465},
        {"path": "/security", "before": "starttls", "after": "implicit_tls"},
        {"path": "/auth/password", "before": {"version": 1}, "after": {"version": 2}},
    ]
    assert {"path": "/host", "before": None, "after": "smtp.acme.example"} in registered
    assert {"path": "/host", "before": "smtp.acme.example", "after": None} in deleted
    assert {one["after"] for one in deleted if not isinstance(one["after"], dict)} == {None}


def test_no_secret_is_in_a_history(past: Past, reader: Asker) -> None:
    for path in ("history", "compare?from=1&to=2"):
        told = reader("GET", f"{LIST}/acme/{path}").get_data(as_text=True)
        assert "correct horse" not in told
        assert '"other"' not in told


def test_pages_of_a_history_follow_each_other(past: Past, reader: Asker) -> None:
    whole = history(reader)
    assert whole["next"] is None
    seen = []
    path: str | None = f"{LIST}/acme/history?limit=2"
    while path is not None:
        answer = reader("GET", path)
        seen.append([one["version"] for one in answer.get_json()["items"]])
        link = answer.headers.get("Link")
        path = link.split(";")[0].strip("<>") if link else None
    assert seen == [[3, 2], [1]]
    exact = history(reader, "?limit=3")
    assert (exact["items"], exact["next"]) == (whole["items"], None)


def test_a_place_that_no_history_has_is_at_its_end(past: Past, reader: Asker) -> None:
    assert history(reader, "?cursor=MQ==")["items"] == []  # 1
    assert history(reader, "?cursor=MA==")["items"] == []  # 0
    assert len(history(reader, "?cursor=OTk5")["items"]) == 3  # 999


def test_a_place_of_another_list_is_refused(past: Past, reader: Asker) -> None:
    for cursor in ("YWNtZQ==", "LTE=", "%%"):
        answer = reader("GET", f"{LIST}/acme/history?cursor={quote(cursor)}")
        refused = problem(answer, 422, "validation-failed")
        assert [error["parameter"] for error in refused["errors"]] == ["cursor"]


def test_a_setting_that_never_was_has_no_history(past: Past, reader: Asker) -> None:
    problem(reader("GET", f"{LIST}/nobody/history"), 404, "not-found")
    problem(reader("GET", f"{LIST}/nobody/compare?from=1&to=1"), 404, "not-found")


def test_history_is_for_those_who_may_read(past: Past, service: Service) -> None:
    for path in ("history", "compare?from=1&to=2"):
        assert service.asker("auditor")("GET", f"{LIST}/acme/{path}").status_code == 200
        problem(service.asker("tester")("GET", f"{LIST}/acme/{path}"), 403, "forbidden")
        problem(service.stranger()("GET", f"{LIST}/acme/{path}"), 401, "unauthenticated")


def compare(reader: Asker, before: int, after: int) -> dict[str, tuple[Any, Any]]:
    answer = reader("GET", f"{LIST}/acme/compare?from={before}&to={after}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = answer.get_json()
    assert (body["id"], body["from"], body["to"]) == ("acme", before, after)
    return {one["path"]: (one["before"], one["after"]) for one in body["changes"]}


def test_two_versions_are_compared_in_either_direction(past: Past, reader: Asker) -> None:
    forwards = compare(reader, 1, 2)
    assert forwards["/port"] == (587, 465)
    assert set(forwards) == {"/port", "/security", "/auth/password"}
    assert compare(reader, 2, 1) == {path: pair[::-1] for path, pair in forwards.items()}
    assert compare(reader, 2, 2) == {}


def test_a_deleted_version_has_no_fields(past: Past, reader: Asker) -> None:
    assert compare(reader, 2, 3)["/host"] == ("smtp.acme.example", None)
    assert compare(reader, 3, 3) == {}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("", ["from", "to"]),
        ("?from=1", ["to"]),
        ("?from=1&to=4", ["to"]),
        ("?from=0&to=1", ["from"]),
        (f"?from={2**63}&to=x", ["from", "to"]),
        ("?from=1&to=2&at=3", ["at"]),
    ],
)
def test_a_version_that_is_not_there_is_refused(
    past: Past, reader: Asker, query: str, wrong: list[str]
) -> None:
    refused = problem(reader("GET", f"{LIST}/acme/compare{query}"), 422, "validation-failed")
    assert sorted(error["parameter"] for error in refused["errors"]) == wrong


def test_a_missing_version_is_told_in_japanese(past: Past, reader: Asker) -> None:
    japanese = {"Accept-Language": "ja"}
    answer = reader("GET", f"{LIST}/acme/compare?from=9&to=1", headers=japanese)
    (error,) = problem(answer, 422, "validation-failed")["errors"]
    assert error["detail"] == "この設定にバージョン 9 はありません。最新のバージョンは 3 です。"
