from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.config_api.cli.conftest import Done, Service

ACME = "/v1/smtp-settings/acme"
SETTING: dict[str, Any] = {
    "id": "acme",
    "host": "smtp.acme.example",
    "port": 587,
    "security": "starttls",
    "is_default": False,
    "auth": {"method": "none"},
    "session_properties": {},
    "version": 4,
}
RESTORED: dict[str, Any] = {
    "position": 9,
    "version": 4,
    "type": "smtp_setting.restored",
    "id": "e9",
    "recorded_at": "2026-01-31T00:00:00Z",
    "actor": "token:t1",
    "changes": [
        {"path": "/port", "before": 25, "after": 587},
        {"path": "/debug", "before": True, "after": False},
    ],
}


def body(service: Service) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(service.requests[-1].content)
    return document


def test_a_version_is_brought_back_over_the_newest(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    service.answer("GET", ACME, SETTING, ETag='"v4"')
    service.answer("POST", f"{ACME}/restore", SETTING | {"version": 5}, ETag='"v5"')
    done = relaybook("settings", "restore", "acme", "--version", "3")
    assert done.code == 0, done.err
    assert "Restored acme." in done.err
    assert body(service) == {"version": 3}
    assert service.requests[-1].headers["If-Match"] == '"v4"'
    assert "If-None-Match" not in service.requests[-1].headers


def test_a_deleted_setting_is_brought_back(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    service.refuse("GET", ACME, 404, "not-found")
    service.answer("POST", f"{ACME}/restore", SETTING, ETag='"v5"')
    done = relaybook("settings", "restore", "acme", "--version", "3", "--no-password")
    assert done.code == 0, done.err
    assert body(service) == {"version": 3, "password": None}
    assert service.requests[-1].headers["If-None-Match"] == "*"
    assert "If-Match" not in service.requests[-1].headers


def test_bringing_back_what_is_in_force_changes_nothing(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    service.answer("POST", f"{ACME}/restore", SETTING, ETag='"v4"')
    done = relaybook("settings", "restore", "acme", "--version", "4", "--if-version", "4")
    assert "Nothing changed." in done.err


@pytest.mark.parametrize(
    "line", [["--version", "0"], [], ["--version", "1", "--no-password", "--password-file", "x"]]
)
def test_a_senseless_restore_is_wrong_usage(
    service: Service, relaybook: Callable[..., Done], line: list[str]
) -> None:
    assert relaybook("settings", "restore", "acme", *line).code == 2
    assert service.requests == []


def test_the_history_is_a_row_an_event(service: Service, relaybook: Callable[..., Done]) -> None:
    service.answer("GET", f"{ACME}/history", {"items": [RESTORED], "next": None})
    done = relaybook("settings", "history", "acme")
    assert done.rows == [
        ["VERSION", "RECORDED", "EVENT", "ACTOR", "CHANGES"],
        ["4", "2026-01-31T00:00:00Z", "smtp_setting.restored", "token:t1",
         "/port: 25 → 587; /debug: true → false"],
    ]  # fmt: skip
    as_json = relaybook("settings", "history", "acme", "--json")
    assert json.loads(as_json.out) == {"items": [RESTORED], "next": None}
    bare = relaybook("settings", "history", "acme", "--no-headers")
    assert bare.rows == done.rows[1:]


def test_two_versions_are_compared(service: Service, relaybook: Callable[..., Done]) -> None:
    found = {"id": "acme", "from": 2, "to": 5, "changes": RESTORED["changes"]}
    service.answer("GET", f"{ACME}/compare", found)
    done = relaybook("settings", "history", "acme", "--compare", "2", "5")
    assert done.code == 0
    assert done.rows[:2] == [["FIELD", "V2", "V5"], ["/port", "25", "587"]]
    assert dict(service.requests[-1].url.params) == {"from": "2", "to": "5"}
    service.answer("GET", f"{ACME}/compare", found | {"changes": []})
    same = relaybook("settings", "history", "acme", "--compare", "2", "2")
    assert "do not differ" in same.err


def test_the_effective_setting_has_the_source_of_each_property(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    properties = {"mail.smtp.host": {"value": "smtp.acme.example", "source": "derived"}}
    found = SETTING | {"resolved_from": "default", "session_properties": properties}
    service.answer("GET", f"{ACME}/effective", found)
    done = relaybook("settings", "effective", "acme")
    assert "resolved_from: default" in done.out
    assert ["SESSION PROPERTY", "VALUE", "SOURCE"] in done.rows
    assert ["mail.smtp.host", "smtp.acme.example", "derived"] in done.rows


def test_a_rendered_setting_is_the_text_itself(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    import httpx  # noqa: PLC0415 -- the fixture has replaced its client

    text = "spring.mail.host=smtp.acme.example\nx=経理\n"
    service.answers["GET", f"{ACME}/effective"] = lambda _: httpx.Response(200, text=text)
    done = relaybook("settings", "effective", "acme", "--render", "spring-boot")
    assert done.out == text
    assert service.requests[-1].url.params["render"] == "spring-boot"
    as_json = relaybook("settings", "effective", "acme", "--render", "env", "--json")
    assert json.loads(as_json.out) == {"id": "acme", "render": "env", "text": text}
    assert relaybook("settings", "effective", "acme", "--render", "exim").code == 2


def test_the_list_is_asked_for_as_it_was(service: Service, relaybook: Callable[..., Done]) -> None:
    service.answer("GET", "/v1/smtp-settings", {"items": [SETTING], "next": None})
    done = relaybook("settings", "list", "--at", "17")
    assert done.rows[0] == ["ID", "HOST", "PORT", "SECURITY", "DEFAULT", "LAST TEST"]
    assert service.requests[-1].url.params["at"] == "17"
    as_json = relaybook("settings", "list", "--json")
    assert json.loads(as_json.out) == {"items": [SETTING], "next": None}


def test_an_empty_list_is_told_and_is_valid_json(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    service.answer("GET", "/v1/smtp-settings", {"items": [], "next": None})
    assert "No settings." in relaybook("settings", "list").err
    assert json.loads(relaybook("settings", "list", "--json").out) == {"items": [], "next": None}


def test_a_refused_list_prints_nothing_on_stdout(
    service: Service, relaybook: Callable[..., Done]
) -> None:
    service.refuse("GET", "/v1/smtp-settings", 403, "forbidden")
    for more in ([], ["--json"]):
        done = relaybook("settings", "list", *more)
        assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (None, "-"),
        ({"id": "t", "verdict": "passed", "version": 4, "finished_at": "x"}, "passed (v4)"),
        (
            {"id": "t", "verdict": "failed", "version": 3, "finished_at": "x"},
            "failed (v3), changed since",
        ),
    ],
)
def test_the_list_tells_the_last_verdict_and_whether_the_setting_was_changed_since(
    service: Service, relaybook: Callable[..., Done], last: dict[str, Any] | None, told: str
) -> None:
    service.answer(
        "GET", "/v1/smtp-settings", {"items": [SETTING | {"last_test": last}], "next": None}
    )
    done = relaybook("settings", "list", "--no-headers")
    assert done.code == 0, done.err
    assert done.out.rstrip().endswith(told)
