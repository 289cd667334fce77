"""One step of a connection test in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.config_api.cli.language import tr
from services.config_api.cli.output import plain
from services.config_api.domain.step_detail import detail_parts

Step = Mapping[str, Any]


def step_line(step: Step) -> str:
    """Return a step in one line: name, state, duration and what was found."""
    parts = (step["name"], step["state"], took(step), found(step))
    return "\t".join(plain(part) for part in parts if part)


def took(step: Step) -> str:
    """Return a step's duration in words, empty where it has none."""
    duration = step.get("duration_ms")
    return "" if duration is None else tr("{ms} ms", ms=f"{duration:.1f}")


def found(step: Step) -> str:
    """Return a step's detail in one line: its values, flat."""
    return " ".join(detail_parts(step.get("detail")))
