"""Renders the Helm chart without a cluster, by Helm's own library."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml
from helm_python.chart import Chart

CHART: Final = Path(__file__).with_name("chart")
#: A set of values that switches on whatever the defaults leave off.
EVERYTHING: Final = CHART / "ci" / "everything-values.yaml"


def everything() -> dict[str, Any]:
    """Return the values of the set that switches everything on."""
    values: dict[str, Any] = yaml.safe_load(EVERYTHING.read_text(encoding="utf-8"))
    return values


def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of a release `acme` in the namespace `mail`.

    Raises HelmError where the values do not fit the chart's schema or a template fails.
    """
    with Chart.load(str(CHART)) as chart:
        chart.validate_schema(values)
        texts = chart.render(values, name="acme", namespace="mail")
    documents = [
        document
        for path, text in sorted(texts.items())
        if path.endswith(".yaml")
        for document in yaml.safe_load_all(text)
    ]
    return [document for document in documents if document]
