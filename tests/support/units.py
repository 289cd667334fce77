"""The systemd units of `deploy/units`, read as far as tests need them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

UNITS: Final = Path(__file__).resolve().parents[2] / "deploy" / "units"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What a unit starts, with which variables, secrets and state."""

    name: str
    lines: tuple[tuple[str, str], ...]

    def all(self, key: str) -> list[str]:
        """Return every value that a key was given, in the order of the file."""
        return [value for name, value in self.lines if name == key]

    def one(self, key: str) -> str:
        """Return the one value of a key."""
        (value,) = self.all(key)
        return value

    @property
    def command(self) -> list[str]:
        return shlex.split(self.one("ExecStart"))

    def environment(self, *, credentials: str, state: str) -> dict[str, str]:
        """Return the unit's variables where secrets and state are in these directories."""
        pairs = (value.partition("=") for value in self.all("Environment"))
        return {
            name: value.replace("%d", credentials).replace("%S", state) for name, _, value in pairs
        }

    @property
    def credentials(self) -> dict[str, str]:
        """Return each credential's file on the host by its name."""
        return dict(value.split(":", 1) for value in self.all("LoadCredential"))


def units() -> dict[str, Unit]:
    """Return all units by name, without `.service`."""
    return {path.stem: _read(path) for path in sorted(UNITS.glob("*.service"))}


def _read(path: Path) -> Unit:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return Unit(name=path.stem, lines=tuple((key, value) for key, _, value in pairs))
