"""This host's part of an examination: its packages, their versions, and files that hold secrets."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions, packages_distributions
from pathlib import Path
from types import ModuleType
from typing import Final

import deploy
import events
import services
from services.config_api.bootstrap.finding import Finding
from services.config_api.settings import Settings

_OURS: Final = "relaybook"
_PACKAGES: Final = (deploy, events, services)
_PINS: Final = Path(deploy.__file__).with_name("requirements") / "run.txt"
_OTHERS: Final = 0o077
_MOST_NAMED: Final = 5


def host_findings(settings: Settings) -> Iterator[Finding]:
    """Examine what this program is made of and what lies in its data directory."""
    yield packages_finding(packages_distributions(), _PACKAGES)
    yield versions_finding(_pins(), distributions())
    yield files_finding(settings)


def packages_finding(owners: Mapping[str, list[str]], packages: Iterable[ModuleType]) -> Finding:
    """Tell whether another distribution brings a package of one of our names.

    PyPI has distributions named `events` and `services`; installed together with ours, their files
    and ours merge silently. `owners` are the distributions of each package, by its name.
    """
    named = list(packages)
    intruders = {
        owner for package in named for owner in owners.get(package.__name__, ()) if owner != _OURS
    }
    homes = {str(Path(package.__path__[0]).parent) for package in named}
    if intruders:
        detail = ", ".join(sorted(intruders))
        return Finding(part="packages", state="wrong", reason="collision", detail=detail)
    if len(homes) > 1:
        detail = ", ".join(sorted(homes))
        return Finding(part="packages", state="wrong", reason="mixed", detail=detail)
    return Finding(part="packages", state="ok")


def versions_finding(pins: Mapping[str, str], installed: Iterable[Distribution]) -> Finding:
    """Compare what is installed with what this release was tested with, where that is known."""
    found = {_spelt(one.metadata["Name"]): one.version for one in installed}
    other = [
        f"{name} {found[name]} ({version})"
        for name, version in sorted(pins.items())
        if name in found and found[name] != version
    ]
    if not other:
        return Finding(part="versions", state="ok")
    detail = ", ".join(other[:_MOST_NAMED]) + (" …" if len(other) > _MOST_NAMED else "")
    return Finding(part="versions", state="warning", reason="other_versions", detail=detail)


def files_finding(settings: Settings) -> Finding:
    """Tell whether somebody but their owner can read the files that hold secrets."""
    named = [
        settings.master_key_file,
        settings.admin_token_path,
        settings.tester_token_path,
        settings.sign_in_link_path,
    ]
    if sys.platform == "win32":
        return Finding(part="files", state="skipped")
    open_ones = [
        str(path)
        for path in named
        if path is not None and path.is_file() and path.stat().st_mode & _OTHERS
    ]
    if open_ones:
        detail = ", ".join(open_ones)
        return Finding(part="files", state="warning", reason="readable", detail=detail)
    return Finding(part="files", state="ok")


def _pins() -> dict[str, str]:
    """Return the pinned versions by name, none where the requirements did not come along."""
    if not _PINS.is_file():
        return {}
    lines = _PINS.read_text(encoding="utf-8").splitlines()
    pinned = [line.split()[0].partition("==") for line in lines if "==" in line.partition("#")[0]]
    return {_spelt(name.partition("[")[0]): version for name, _, version in pinned}


def _spelt(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
