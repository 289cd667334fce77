"""Alert rules: checked by Prometheus's own tool, each tested, each with a place in the runbook."""

from __future__ import annotations

import re

import yaml

from tests.integration.observability.exported import (
    FOLDER,
    README,
    alerts,
    asked_in,
    of_relay,
    of_tester,
    promtool,
    series,
)


def test_promtool_accepts_the_rules_and_their_tests_pass() -> None:
    assert "SUCCESS" in promtool("check", "rules", "alerts.yaml")
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yaml")


def test_each_alert_has_a_test_that_it_fires_and_one_that_it_does_not() -> None:
    tests = yaml.safe_load((FOLDER / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    named = {one["name"] for one in tests}
    for alert in alerts():
        assert {f"{alert['alert']} fires", f"{alert['alert']} stays quiet"} <= named


def test_each_alert_asks_for_what_the_programs_tell(of_api: str) -> None:
    told = series([of_api, of_relay(), of_tester()])
    for alert in alerts():
        assert asked_in(alert["expr"]) <= told, alert["alert"]


def test_each_alert_says_how_bad_it_is_and_where_the_runbook_tells_what_to_do() -> None:
    headings = re.findall(r"^#+ (.+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for alert in alerts():
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert {"summary", "description", "runbook_url"} == set(alert["annotations"])
        path, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        assert path == "deploy/README.md"
        assert anchor == alert["alert"].lower()
        assert anchor in anchors
