"""One sweep: what was searched, for what, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.security.canaries import Canaries, Hit
    from tests.integration.security.sinks import Place


@dataclass
class Sweep:
    """The outcome; `figures` is a sentence for the record."""

    canaries: Canaries
    places: int = 0
    size: int = 0
    hits: set[Hit] = field(default_factory=set)

    @property
    def figures(self) -> str:
        looks = self.canaries.encoded * self.places
        return (
            f"{len(self.canaries)} canaries, {self.canaries.encoded} pairs of canary and encoding"
            f" ({self.canaries.forms} forms), {self.places} places, {self.size} bytes,"
            f" {looks} looks"
        )


def sweep(canaries: Canaries, places: Iterable[Place]) -> Sweep:
    """Search every place for every canary in every encoding; equal contents are searched once."""
    done = Sweep(canaries)
    known: dict[bytes, set[Hit]] = {}
    for name, content in places:
        done.places += 1
        done.size += len(content)
        if content not in known:
            known[content] = canaries.hits(name, content)
        done.hits |= {replace(hit, place=name) for hit in known[content]}
    return done
