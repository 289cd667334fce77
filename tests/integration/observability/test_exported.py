"""The figures follow Prometheus's conventions, are described, and say what happened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from events.tracing import begun, place_of, record_with
from tests.integration.observability.exported import (
    README,
    families,
    of_relay,
    of_tester,
    promtool,
    series,
)
from tests.integration.web.in_process import SETTING
from tests.support.recorder import Recorder

if TYPE_CHECKING:
    from tests.integration.http.asking import Service


@pytest.fixture(params=["api", "relay", "tester"])
def told(request: pytest.FixtureRequest, of_api: str) -> str:
    return {"api": of_api, "relay": of_relay(), "tester": of_tester()}[request.param]


def test_names_have_a_prefix_base_units_and_a_help_text(told: str) -> None:
    own = [one for one in families(told) if one.name.startswith("relaybook_")]
    assert own
    for family in own:
        assert re.fullmatch(r"relaybook_[a-z]+(_[a-z]+)*", family.name)
        assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|percent|total)$", family.name)
        assert family.documentation.endswith(".")
        if family.type == "histogram":
            assert family.name.endswith("_seconds")


def test_promtool_finds_nothing_to_say_about_ours(told: str) -> None:
    blocks = re.split(r"(?=^# HELP )", told, flags=re.MULTILINE)
    own = "".join(one for one in blocks if one.startswith("# HELP relaybook_"))
    assert promtool("check", "metrics", stdin=own) == ""


def test_every_figure_is_described_in_the_runbook(told: str) -> None:
    described = set(re.findall(r"`(relaybook_[a-z_]+)", README.read_text(encoding="utf-8")))
    named = {
        one.name + ("_total" if one.type == "counter" else "")
        for one in families(told)
        if one.name.startswith("relaybook_")
    }
    assert named - described == set()


def test_commands_are_counted_by_what_became_of_them(service: Service) -> None:
    ask = service.asker("operator")
    before = counted(service)
    first, second = (ask("POST", "/v1/smtp-settings", json=SETTING) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 409), first.get_data(as_text=True)
    after = counted(service)
    done, refused = (("smtp_settings.register", outcome) for outcome in ("done", "refused"))
    assert after[done] - before.get(done, 0) == 1
    assert after[refused] - before.get(refused, 0) == 1


def counted(service: Service) -> dict[tuple[str, str], float]:
    text = service.app.test_client().get("/metrics").get_data(as_text=True)
    return {
        (sample.labels["command"], sample.labels["outcome"]): sample.value
        for family in families(text)
        if family.name == "relaybook_commands"
        for sample in family.samples
    }


def test_the_relays_lag_the_queues_and_the_bus_are_told(of_api: str) -> None:
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(of_api)
        for sample in family.samples
    }
    assert samples["relaybook_relay_lag_events",] > 0  # no relay runs here
    assert samples["relaybook_bus_up",] == 1
    assert samples["relaybook_queue_messages", "relaybook.dead-letters"] == 0
    assert samples["relaybook_checkpoint_timestamp_seconds",] == 0
    assert {"relaybook_append_seconds_bucket", "process_cpu_seconds_total"} <= series([of_api])


def test_a_refused_command_fails_its_span_by_its_kind_and_says_nothing_of_the_setting(
    service: Service,
) -> None:
    ask = service.asker("operator")
    ask("POST", "/v1/smtp-settings", json=SETTING)
    recorder = Recorder()
    record_with(recorder)
    try:
        answer = ask("POST", "/v1/smtp-settings", json=SETTING)
    finally:
        record_with(None)
    request, command = recorder.spans
    assert (request.name, request.kind) == ("POST /v1/smtp-settings", "server")
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/smtp-settings",
        "http.response.status_code": 409,
    }
    assert request.place.trace_id == answer.headers["Trace-Id"]
    assert (command.name, command.parent) == (
        "command smtp_settings.register", request.place
    )  # fmt: skip
    assert (command.failure, command.attributes) == ("SettingExists", {})


def test_a_page_names_the_trace_in_which_it_was_made(service: Service) -> None:
    outside = begun()
    client = service.app.test_client()
    page = client.get("/sign-in", headers={"traceparent": outside.traceparent})
    found = re.search(r'<meta name="traceparent" content="([^"]+)">', page.get_data(as_text=True))
    assert found is not None
    place = place_of(found[1])
    assert place is not None
    assert place.trace_id == outside.trace_id == page.headers["Trace-Id"]
    assert place.span_id != outside.span_id
