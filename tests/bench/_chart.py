"""Draws figures by size as an SVG of its own, both axes logarithmic, for light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Any, Final

_WIDTH: Final = 720
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 670, 56, 340  # the plot's edges
_LINE: Final = 20
_PER_DECADE: Final = (1, 2, 5)
# Told apart with any kind of colour blindness, on white as on black (after Okabe and Ito).
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f")
_STYLE: Final = """
  svg { font: 13px system-ui, sans-serif; background: #fff; fill: #1f2328 }
  .soft { fill: #59636e } .grid { stroke: #d1d9e0 } .title { font-size: 15px; font-weight: 600 }
  polyline { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; fill: #f0f6fc } .soft { fill: #9198a1 } .grid { stroke: #3d444d }
  }
"""


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Places a figure on an axis, by its logarithm."""

    least: float
    most: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        part = (log10(value) - self.least) / (self.most - self.least)
        return round(self.begin + part * (self.end - self.begin), 1)

    def ticks(self, within: Sequence[int]) -> list[float]:
        decades = range(floor(self.least), ceil(self.most) + 1)
        ticks = [digit * 10.0**decade for decade in decades for digit in within]
        return [tick for tick in ticks if self.least - 1e-9 <= log10(tick) <= self.most + 1e-9]


def drawn(title: str, grown: Mapping[str, Any]) -> str:
    """Return the chart; `grown` has the form that `_growth` tells."""
    series = grown["series"]
    points = [point for one in series for point in one["points"]]
    across = _scale([point["n"] for point in points], _LEFT, _RIGHT, steps=(1,))
    up = _scale([point["value"] for point in points], _BOTTOM, _TOP, steps=_PER_DECADE)
    height = _BOTTOM + 44 + _LINE * len(series)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>",
        f'<text class="title" x="12" y="22">{escape(title)}</text>',
        f'<text class="soft" x="12" y="42">{escape(grown["unit"])}</text>',
        *_axes(across, up),
        *(part for row, one in enumerate(series) for part in _series(row, one, across, up)),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _scale(values: Sequence[float], begin: float, end: float, *, steps: Sequence[int]) -> _Scale:
    """Return an axis that begins and ends at a number."""
    marks = [digit * 10.0**decade for decade in range(-6, 13) for digit in steps]
    least = max(mark for mark in marks if mark <= min(values))
    most = min(mark for mark in marks if mark >= max(values) and mark > least)
    return _Scale(least=log10(least), most=log10(most), begin=begin, end=end)


def _axes(across: _Scale, up: _Scale) -> Iterator[str]:
    crowded = up.most - up.least > 3
    for tick in up.ticks((1,) if crowded else _PER_DECADE):
        x, y = _LEFT - 8.0, up.place(tick)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="soft" x="{x}" y="{y + 4}" text-anchor="end">{_number(tick)}</text>'
    for tick in across.ticks((1,)):
        x, y = across.place(tick), _BOTTOM + 18.0
        yield f'<text class="soft" x="{x}" y="{y}" text-anchor="middle">{_number(tick)}</text>'


def _number(tick: float) -> str:
    return f"{tick:,.0f}" if tick >= 1 else f"{tick:g}"


def _series(row: int, one: Mapping[str, Any], across: _Scale, up: _Scale) -> Iterator[str]:
    colour = _COLOURS[row % len(_COLOURS)]
    places = [(across.place(point["n"]), up.place(point["value"])) for point in one["points"]]
    line = " ".join(f"{x},{y}" for x, y in places)
    yield f'<polyline points="{line}" stroke="{colour}"/>'
    for x, y in places:
        yield f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'
    y = _BOTTOM + 44 + row * _LINE
    power = "" if one["exponent"] is None else f" — n^{one['exponent']:.2f}"
    yield f'<rect x="{_LEFT}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
    yield f'<text x="{_LEFT + 20}" y="{y}">{escape(one["name"] + power)}</text>'
