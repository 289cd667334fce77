"""The name by which the tester introduces itself (RFC 5321 4.1.1.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe

_FULL_NAME: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def own_name(probe: Probe, local_address: str) -> str:
    """Return the property's name, else this machine's full name, else its address."""
    if probe.target.ehlo_name:
        return probe.target.ehlo_name
    if _FULL_NAME.fullmatch(probe.tools.machine):
        return probe.tools.machine
    return f"[IPv6:{local_address}]" if ":" in local_address else f"[{local_address}]"
