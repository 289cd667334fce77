"""A recorder of spans that keeps them in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.tracing import Place, begun

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class NotedSpan:
    """A span and what was said of it; `ends` counts how often it ended."""

    name: str
    kind: str
    parent: Place | None
    attributes: dict[str, object]
    place: Place
    failure: str | None = None
    ends: int = 0

    def note(self, name: str, value: object) -> None:
        self.attributes[name] = value

    def fail(self, kind: str) -> None:
        self.failure = kind

    def end(self) -> None:
        self.ends += 1


@dataclass
class Recorder:
    """Gives each span a place of its own."""

    spans: list[NotedSpan] = field(default_factory=list)

    def begin(
        self, name: str, *, kind: str, parent: Place | None, attributes: Mapping[str, object]
    ) -> NotedSpan:
        self.spans.append(NotedSpan(name, kind, parent, dict(attributes), begun(parent)))
        return self.spans[-1]
