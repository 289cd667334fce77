"""The dashboard: each panel asks, in valid PromQL, for what the programs tell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from tests.integration.observability.exported import (
    asked_in,
    of_relay,
    of_tester,
    panels,
    promtool,
    series,
)

if TYPE_CHECKING:
    from pathlib import Path


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def test_each_panel_asks_for_what_the_programs_tell(of_api: str) -> None:
    told = series([of_api, of_relay(), of_tester()])
    for expression in expressions():
        assert asked_in(expression) <= told, expression


def test_each_figure_of_ours_is_on_the_dashboard(of_api: str) -> None:
    asked = set().union(*map(asked_in, expressions()))
    told = {
        name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
        for name in series([of_api, of_relay(), of_tester()])
        if name.startswith("relaybook_")
    }
    shown = {name.removesuffix("_bucket").removesuffix("_count") for name in asked}
    assert told - shown == {"relaybook_log_size"}  # it grows, and says nothing at a glance


def test_promtool_can_read_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(expressions())
    ]
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert "SUCCESS" in promtool("check", "rules", str(path))


def test_panels_have_a_title_a_description_and_a_place_of_their_own() -> None:
    shown = panels()
    assert len({json.dumps(one["gridPos"], sort_keys=True) for one in shown}) == len(shown)
    assert len({one["id"] for one in shown}) == len(shown)
    for panel in shown:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
