"""What else would work: other ports of the host, where the setting's own leads nowhere."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from services.conn_tester.names import LookupFailed
from services.conn_tester.probe import look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.smtp_setting import Security
    from services.conn_tester.diagnosis.finding import Finding
    from services.conn_tester.probe.state import Probe

_SUBMISSION: Final[tuple[tuple[int, Security], ...]] = ((587, "starttls"), (465, "implicit_tls"))
_MOST_NAMES: Final = 3
_HOST_NAME: Final = re.compile(
    r"(?=.{4,253}$)([a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE
)
_WRONG_PORT: Final = frozenset(
    {
        "refused", "connect_timeout", "no_greeting", "closed_before_greeting", "not_smtp",
        "not_smtp_http", "not_smtp_imap", "not_smtp_pop3", "not_smtp_ssh", "not_smtp_ftp",
        "starttls_not_offered", "starttls_stripped", "starttls_refused", "handshake_timeout",
        "closed_in_handshake", "auth_not_offered", "auth_needs_tls", "connection_reset",
    }
)  # fmt: skip


async def with_other_port(probe: Probe, finding: Finding) -> Finding:
    """Add the submission port (RFC 8314 3) as the fix where the host answers there and not here.

    At most two connections more, to the judged address, and only where the policy lets tests go.
    """
    if finding.fix is not None or finding.code not in _WRONG_PORT or not probe.addresses:
        return finding
    address = probe.address or probe.addresses[0]
    ports = [
        (port, security)
        for port, security in sorted(
            _SUBMISSION, key=lambda known: known[1] != probe.target.security
        )
        if port != probe.target.port and probe.tools.policy.permits(address, port)
    ]
    signs_in = probe.target.sign_in.method != "none"
    answers = await asyncio.gather(
        *(look.takes_mail(probe, port, security, signs_in=signs_in) for port, security in ports)
    )
    found = next((known for known, works in zip(ports, answers, strict=True) if works), None)
    return finding if found is None else replace(finding, fix=_fix(probe, *found))


async def name_of_same_server(probe: Probe, names: Iterable[str]) -> str | None:
    """Return the first of a certificate's names that leads to the address under test.

    Three of them are looked up at most: they are the server's words.
    """
    asked = [name for name in names if _HOST_NAME.fullmatch(name)][:_MOST_NAMES]
    found = await asyncio.gather(*(_leads_there(probe, name) for name in asked))
    return next((name for name, same in zip(asked, found, strict=True) if same), None)


async def _leads_there(probe: Probe, name: str) -> bool:
    try:
        limit_s = min(probe.limits.look_s, probe.limits.patience_s)
        return probe.address in await probe.tools.names.addresses(name, limit_s=limit_s)
    except LookupFailed:
        return False


def _fix(probe: Probe, port: int, security: Security) -> dict[str, Any]:
    changed = {} if security == probe.target.security else {"security": security}
    return {"port": port, **changed}
