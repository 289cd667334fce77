"""A trace as a picture: a bar a span, below its parent, in the colour of its process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.otlp import SeenSpan

_ROW: Final = 22
_NAMES: Final = 430
_BARS: Final = 640
_TIMES: Final = 90
_HEAD: Final = 58
_COLOURS: Final = {
    "relaybook-serve": "#1d6fb8",
    "relaybook-relay": "#2b8a3e",
    "relaybook-tester": "#b35900",
}


def as_tree(spans: Sequence[SeenSpan]) -> list[tuple[int, SeenSpan]]:
    """Return the spans with their depths, each behind its parent."""
    children: dict[str, list[SeenSpan]] = {}
    for one in spans:
        children.setdefault(one.parent_id, []).append(one)

    def below(parent_id: str, depth: int) -> Iterator[tuple[int, SeenSpan]]:
        for one in sorted(children.get(parent_id, ()), key=lambda span: span.begin_ns):
            yield depth, one
            yield from below(one.span_id, depth + 1)

    return list(below("", 0))


def drawn(spans: Sequence[SeenSpan]) -> str:
    """Return the picture of one whole trace as SVG."""
    rows = as_tree(spans)
    begin = min(one.begin_ns for one in spans)
    whole = max(one.end_ns for one in spans) - begin
    width, height = _NAMES + _BARS + _TIMES, _HEAD + _ROW * len(rows) + 12
    title = f"Trace {spans[0].trace_id}: {len(spans)} spans, {whole / 1e6:.1f} ms"
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
        f' width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="14" fill="#1a1a1a">{title}</text>',
        *_legend(),
    ]
    for number, (depth, one) in enumerate(rows):
        pieces += _row(number, depth, one, begin=begin, whole=whole)
    return "\n".join([*pieces, "</svg>", ""])


def _legend() -> Iterator[str]:
    for number, (name, colour) in enumerate(_COLOURS.items()):
        x = 12 + number * 150
        yield f'<rect x="{x}" y="34" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="44" fill="#1a1a1a">{name}</text>'


def _row(number: int, depth: int, one: SeenSpan, *, begin: int, whole: int) -> Iterator[str]:
    y = _HEAD + number * _ROW
    left = _NAMES + (one.begin_ns - begin) * _BARS / whole
    wide = max(2.0, (one.end_ns - one.begin_ns) * _BARS / whole)
    took = (one.end_ns - one.begin_ns) / 1e6
    if number % 2:
        yield f'<rect x="0" y="{y}" width="100%" height="{_ROW}" fill="#f5f6f8"/>'
    failed = ' stroke="#c92a2a" stroke-width="2"' if one.failed else ""
    colour = _COLOURS.get(one.service, "#666666")
    yield f'<text x="{12 + depth * 16}" y="{y + 15}" fill="#1a1a1a">{escape(one.name)}</text>'
    yield (
        f'<rect x="{left:.1f}" y="{y + 5}" width="{wide:.1f}" height="12" rx="2"'
        f' fill="{colour}"{failed}/>'
    )
    yield f'<text x="{_NAMES + _BARS + 8}" y="{y + 15}" fill="#555555">{took:.1f} ms</text>'
