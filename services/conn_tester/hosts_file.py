"""The machine's hosts file, read again when it changes."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class HostsFile:
    """Addresses by name; a file that is missing or unreadable holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._addresses: dict[str, tuple[str, ...]] = {}

    def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses that the file gives to a name, in its order."""
        self._refresh()
        return self._addresses.get(host.lower().rstrip("."), ())

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            text = self._path.read_text("utf-8", "replace")
        except OSError:
            self._stamp, self._addresses = None, {}
            return
        self._stamp, self._addresses = stamp, _parsed(text)


def _parsed(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        address, *host_names = line.partition("#")[0].split() or [""]
        if not _is_address(address):
            continue
        for name in host_names:
            listed = found.setdefault(name.lower(), [])
            if address not in listed:
                listed.append(address)
    return {name: tuple(addresses) for name, addresses in found.items()}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
