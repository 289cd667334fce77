from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.config_api.cli.conftest import Done, Service

EVENT = {
    "position": "7",
    "time": "2026-01-31T00:00:00Z",
    "type": "relaybook.smtp_setting.updated.v1",
    "subject": "smtp_setting/acme",
    "actor": "token:t1",
    "sourceip": "192.0.2.7",
}


def recorded(service: Service, count: int) -> None:
    lines = "".join(json.dumps(EVENT) + "\n" for _ in range(count))
    service.answers["GET", "/v1/events"] = lambda _: httpx.Response(200, text=lines)


def test_events_are_rows_under_a_head(service: Service, relaybook: Callable[..., Done]) -> None:
    recorded(service, 3)
    done = relaybook("events", "list", "--limit", "2")
    assert done.rows[0] == ["POSITION", "TIME", "TYPE", "SUBJECT", "ACTOR", "ADDRESS"]
    assert done.rows[1:] == [list(EVENT.values())] * 2
    assert relaybook("events", "list", "--no-headers").rows == [list(EVENT.values())] * 3


def test_every_filter_is_passed_on(service: Service, relaybook: Callable[..., Done]) -> None:
    recorded(service, 0)
    filters = {
        "after": "3",
        "type": "smtp_setting.updated",
        "subject": "smtp_setting/acme",
        "actor": "token:t1",
        "correlation": "story-1",
        "since": "2026-01-01T00:00:00Z",
        "until": "2026-02-01T00:00:00Z",
    }
    line = [word for name, value in filters.items() for word in (f"--{name}", value)]
    assert relaybook("events", "list", *line).code == 0
    assert dict(service.requests[-1].url.params) == filters


def test_json_is_an_event_a_line(service: Service, relaybook: Callable[..., Done]) -> None:
    recorded(service, 2)
    lines = relaybook("events", "list", "--json").out.splitlines()
    assert list(map(json.loads, lines)) == [EVENT, EVENT]
