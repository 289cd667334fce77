"""From a click to the recorded result: one trace through API, log, bus, tester and back.

Once by the web client on SQLite with the embedded bus, once by the API on PostgreSQL with RabbitMQ;
whoever gathers the traces takes OTLP over HTTP, as collectors do.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from tests.integration.cli.running import Up
from tests.support.otlp import collecting
from tests.support.processes import wait_until
from tests.support.waterfall import as_tree, drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.otlp import Collector, SeenSpan

_PICTURE: Final = Path(__file__).resolve().parents[1] / "artefacts" / "trace.svg"
_SEND_TO: Final = "send relaybook.connection-tests"
_PROCESS: Final = "process relaybook.connection-tests"
_RESULT: Final = "relaybook.connection-test-results"
_CLAIM: Final = "/v1/connection-tests/{id}/claim"
_STEPS: Final = ("config", "dns", "tcp", "banner", "ehlo", "tls", "auth", "quit")


@dataclass
class Scene:
    up: Up
    collector: Collector
    kind: str


@pytest.fixture(params=["embedded", "servers"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    with collecting() as collector:
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "RELAYBOOK_LOG_FORMAT": "json",
        }
        if request.param == "servers":
            variables["RELAYBOOK_DATABASE_URL"] = request.getfixturevalue("empty_postgres_url")
            variables["RELAYBOOK_BROKER_URL"] = request.getfixturevalue("rabbitmq_vhost")
            variables["RELAYBOOK_MASTER_KEY"] = base64.b64encode(secrets.token_bytes(32)).decode()
        up = Up(tmp_path / "var", variables=variables)
        up.start("--demo")
        yield Scene(up, collector, request.param)
        assert up.end() == 0, up.log


def test_a_click_is_one_trace_up_to_the_recorded_result(scene: Scene) -> None:
    root, trace_id = clicked(scene.up) if scene.kind == "embedded" else asked(scene.up)
    to_tester = f"serve {root} > relay {_SEND_TO} > tester {_PROCESS}"
    back = f"{to_tester} > tester send {_RESULT} > relay process {_RESULT}"
    claim = f"{to_tester} > tester POST {_CLAIM} > serve POST {_CLAIM.replace('id', 'test_id')}"
    expected = {
        f"serve {root} > serve command connection_tests.request > serve append events",
        f"serve {root} > relay send relaybook.events",
        f"{claim} > serve command connection_tests.claim",
        *(f"{to_tester} > tester probe > tester step {step}" for step in _STEPS),
        f"{back} > relay command connection_tests.record > relay append events",
        f"{back} > relay send relaybook.events",
    }
    whole = partial(is_whole, scene.collector, trace_id, expected)
    wait_until(whole, seconds=20, what="the whole trace")
    spans = scene.collector.of_trace(trace_id)
    assert [one.name for one in spans if not one.parent_id] == [root]
    assert len(as_tree(spans)) == len(spans)  # all of them hang together
    assert expected <= {" > ".join(way) for way in ways_of(spans)}
    (probe,) = (one for one in spans if one.name == "probe")
    assert probe.attributes["relaybook.verdict"] == "passed"
    assert told_in_logs(scene.up, trace_id) >= {
        "services.config_api.http.trace",
        "services.config_api.application.relay.results",
        "services.conn_tester.consumer",
    }
    _PICTURE.parent.mkdir(exist_ok=True)
    _PICTURE.write_text(drawn(spans))


def asked(up: Up) -> tuple[str, str]:
    """Ask for a test by the API; return the name of the request's span and its trace."""
    token = (up.data_dir / "admin.token").read_text().strip()
    answer = httpx.post(
        f"{up.url}/v1/connection-tests",
        json={"setting_id": "demo"},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert answer.status_code == 202, answer.text
    return "POST /v1/connection-tests", answer.headers["Trace-Id"]


def clicked(up: Up) -> tuple[str, str]:
    """Sign in to the web client and press the button that asks for a test."""
    link = (up.data_dir / "sign-in.link").read_text().strip()
    with httpx.Client(base_url=up.url, trust_env=False) as browser:
        browser.headers.update({"Origin": up.url, "Sec-Fetch-Site": "same-origin"})
        browser.get(link.removeprefix(up.url))
        page = browser.get("/settings").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None, page[:2000]
        form = {"setting_id": "demo", "csrf_token": html.unescape(found[1])}
        answer = browser.post("/tests", data=form)
    assert answer.status_code == 302, answer.text
    return "POST /tests", answer.headers["Trace-Id"]


def is_whole(collector: Collector, trace_id: str, expected: set[str]) -> bool:
    """Tell whether these ways have arrived; each process sends its spans when it likes."""
    spans = collector.of_trace(trace_id)
    known = {one.span_id for one in spans}
    if not all(one.parent_id in known for one in spans if one.parent_id):
        return False
    return expected <= {" > ".join(way) for way in ways_of(spans)}


def ways_of(spans: list[SeenSpan]) -> Iterator[list[str]]:
    """Return for each span the names from the root down to it, each with its process."""
    by_id = {one.span_id: one for one in spans}
    for one in spans:
        way, at = [], one
        while True:
            way.append(f"{at.service.removeprefix('relaybook-')} {at.name}")
            if not at.parent_id:
                break
            at = by_id[at.parent_id]
        yield way[::-1]


def told_in_logs(up: Up, trace_id: str) -> set[str]:
    """Return the modules whose log lines name the trace."""
    lines = [json.loads(line) for line in up.log.splitlines() if line.startswith("{")]
    return {line["logger"] for line in lines if line.get("trace_id") == trace_id}
