"""How a figure grows with the number of things there are: the exponent of a fit, and a chart.

A benchmark that measures at several sizes puts the result under the key `growth` of its document:

    {"unit": "ms a page",
     "series": [{"name": "first page",
                 "points": [{"n": 1000, "value": 1.9}, {"n": 10000, "value": 2.0}],
                 "exponent": 0.02}]}

The exponent is the slope of the least squares line through the logarithms: 0 means that the size
does not matter, 1 that twice as many things take twice as much; of a throughput it is negative
where it falls. A single point has no exponent (`null`). `growth()` makes that from
`{"first page": {1000: 1.9, 10_000: 2.0}}`, `write_chart()` draws it into `results/NAME.svg`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import Any

from tests.bench._chart import drawn
from tests.bench._frame import RESULTS


def sizes(most: int, *, beyond: int = 0) -> list[int]:
    """Return what to measure at: a thousand and its tenfolds, at last the most."""
    marks = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size < most]
    return [size for size in (*marks, most) if size > beyond]


def growth(unit: str, series: Mapping[str, Mapping[int, float]]) -> dict[str, Any]:
    """Return the figures by size, with the exponent of each series, as JSON shows it."""
    return {
        "unit": unit,
        "series": [
            {
                "name": name,
                "points": [
                    {"n": n, "value": float(f"{value:.4g}")} for n, value in sorted(figures.items())
                ],
                "exponent": exponent(figures),
            }
            for name, figures in series.items()
        ],
    }


def exponent(figures: Mapping[int, float]) -> float | None:
    """Return the power of n that the figures follow; none if there is one size only."""
    if len(figures) == 1:
        return None
    logs = [(log(n), log(value)) for n, value in figures.items()]
    return round(linear_regression(*zip(*logs, strict=True)).slope, 3)


def write_chart(name: str, title: str, grown: Mapping[str, Any]) -> Path:
    """Draw what `growth` returned beside the results, under this name; return where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.svg"
    path.write_text(drawn(title, grown), encoding="utf-8")
    return path
