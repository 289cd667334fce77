"""What the three programs tell Prometheus, by the code that tells it, and the rules beside it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from prometheus_client.parser import text_string_to_metric_families

from events.figures import exposed
from services.config_api.application.relay.tally import RELAY
from services.conn_tester.figures import TESTER
from tests.support.services import missing

if TYPE_CHECKING:
    from prometheus_client import Metric

FOLDER: Final = Path(__file__).resolve().parents[3] / "deploy" / "observability"
README: Final = FOLDER.parent / "README.md"
_NAME: Final = re.compile(r"\b(?:relaybook|process|python)_[a-z_]+\b")
_SUFFIXES: Final = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
    "info": ("_info",),
}


def of_relay() -> str:
    return exposed(RELAY).decode()


def of_tester() -> str:
    return exposed(TESTER).decode()


def families(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))


def series(texts: list[str]) -> set[str]:
    """Return every name that a query may ask for."""
    return {
        family.name + suffix
        for text in texts
        for family in families(text)
        for suffix in _SUFFIXES[family.type]
    }


def asked_in(expression: str) -> set[str]:
    """Return the names of ours that a PromQL expression asks for."""
    return set(_NAME.findall(expression))


def alerts() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = document["groups"][0]["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    """Return the dashboard's panels that show something."""
    document = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return [one for one in document["panels"] if one["type"] != "row"]


def promtool(*arguments: str, stdin: str = "") -> str:
    """Run Prometheus's own checker and return what it says; fails where it finds something."""
    if shutil.which("promtool") is None:
        missing("no promtool (Debian package prometheus)")
    done = subprocess.run(
        ["promtool", *arguments], input=stdin, capture_output=True, text=True, check=False,
        cwd=FOLDER, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
