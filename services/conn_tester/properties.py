"""Session properties that the administrator set and the probe honours, read as Angus Mail does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "mail.smtp."
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Honoured:
    """The administrator's own values without their prefix; derived ones say what the setting says.

    An integer that Java cannot read counts as absent, as there.
    """

    values: Mapping[str, str]

    @classmethod
    def read(cls, properties: Mapping[str, Mapping[str, Any]]) -> Honoured:
        """Take the administrator's values from `{name: {"value", "source"}}`."""
        return cls(
            values={
                name.removeprefix(_PREFIX): str(entry["value"])
                for name, entry in properties.items()
                if name.startswith(_PREFIX) and entry["source"] == "setting"
            }
        )

    @property
    def tls_protocols(self) -> tuple[str, ...]:
        """The versions in `ssl.protocols`, which blanks separate."""
        return tuple(self.values.get("ssl.protocols", "").split())

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The mechanisms in `auth.mechanisms`, the first one preferred."""
        return tuple(self.values.get("auth.mechanisms", "").upper().split())

    def text(self, name: str) -> str | None:
        """Return a property that is not empty."""
        return self.values.get(name) or None

    def limit(self, name: str, setting_ms: int | None) -> float | None:
        """Return a time limit in seconds: the property's (0 and less: none), else the setting's."""
        value = self.values.get(name)
        milliseconds = setting_ms
        if value is not None:
            milliseconds = int(value) if _INTEGER.fullmatch(value) else None
        return milliseconds / 1000 if milliseconds is not None and milliseconds > 0 else None
