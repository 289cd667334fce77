"""Session properties that the administrator set, read as Angus Mail reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SMTP: Final = "mail.smtp."
SMTPS: Final = "mail.smtps."
_PROTOCOL: Final = "mail.transport.protocol"
_NUMBER: Final = re.compile(r"0x([0-9A-Fa-f]{1,16})|([+-]?[0-9]{1,32})")
_INT_RANGE: Final = range(-(2**31), 2**31)


@dataclass(frozen=True, kw_only=True, slots=True)
class Honoured:
    """The administrator's own values; derived ones say what the setting says.

    `values` are those of the protocol in force without their `prefix`, the secret ones among them;
    `session` holds the rest by whole name. A value that Java cannot read counts as absent, as
    there.
    """

    values: Mapping[str, str]
    prefix: str = SMTP
    session: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        properties: Mapping[str, Mapping[str, Any]],
        secrets: Mapping[str, str] | None = None,
    ) -> Honoured:
        """Take the administrator's values from `{name: {"value", "source"}}`."""
        own = {
            name: str(entry["value"])
            for name, entry in properties.items()
            if entry["source"] == "setting"
        }
        prefix = SMTPS if own.get(_PROTOCOL) == "smtps" else SMTP
        return cls(
            values={
                name.removeprefix(prefix): value
                for name, value in {**own, **(secrets or {})}.items()
                if name.startswith(prefix)
            },
            prefix=prefix,
            session={name: value for name, value in own.items() if not name.startswith(prefix)},
        )

    def text(self, name: str) -> str | None:
        """Return a property that is not empty."""
        return self.values.get(name) or None

    def words(self, name: str) -> tuple[str, ...]:
        """Return the parts of a property, which blanks separate."""
        return tuple(self.values.get(name, "").split())

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return what a flag says: only the word that is not the default counts, in any case."""
        return _flag(self.values.get(name), default=default)

    def session_flag(self, name: str) -> bool:
        """Return what a flag says that belongs to no protocol, by its whole name."""
        return _flag(self.session.get(name), default=False)

    def number(self, name: str) -> int | None:
        """Return a whole number, None where there is none or Java cannot read it."""
        match = _NUMBER.fullmatch(self.values.get(name, ""))
        if match is None:
            return None
        number = int(match[1], 16) if match[1] else int(match[2])
        return number if number in _INT_RANGE else None

    def limit(self, name: str, setting_ms: int | None = None) -> float | None:
        """Return a time limit in seconds: the property's (0 and less: none), else the setting's."""
        milliseconds = self.number(name) if name in self.values else setting_ms
        return milliseconds / 1000 if milliseconds is not None and milliseconds > 0 else None


def _flag(value: str | None, *, default: bool) -> bool:
    other = "false" if default else "true"
    return (value is not None and value.lower() == other) != default
