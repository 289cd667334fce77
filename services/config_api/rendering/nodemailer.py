"""Transport options of Nodemailer, as JSON for `nodemailer.createTransport`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.config_api.domain.setting_fields import TLS_PROTOCOLS
from services.config_api.rendering.certificates import certificates
from services.config_api.rendering.notes import Language
from services.config_api.rendering.sending import Sending, Transport

_PASSWORD: Final = "<password>"  # noqa: S105 -- a placeholder
_ACCESS_TOKEN: Final = "<access token>"  # noqa: S105 -- the same
_MECHANISMS: Final = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})
_SECURITY: Final[Mapping[Transport, Mapping[str, bool]]] = {
    "none": {"secure": False, "ignoreTLS": True},
    "opportunistic": {"secure": False, "opportunisticTLS": True},
    "starttls": {"secure": False, "requireTLS": True},
    "implicit_tls": {"secure": True},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NodemailerTarget:
    """Nodemailer's SMTP transport."""

    name: str = "nodemailer"
    content_type: str = "application/json"
    filename: str = "nodemailer.json"
    comments: bool = False

    def render(self, sending: Sending, language: Language) -> str:  # noqa: ARG002 -- no comments
        """Return the options; a person, or the program, puts the secret in."""
        options: dict[str, Any] = {"host": sending.host, "port": sending.port}
        options |= _SECURITY[sending.transport]
        options |= _authentication(sending)
        tls = _tls(sending)
        if sending.transport != "none" and tls:
            options["tls"] = tls
        options |= _limits(sending)
        named = {"name": sending.ehlo_name, "localAddress": sending.local_address}
        options |= {name: value for name, value in named.items() if value}
        if sending.debug:
            options |= {"debug": True, "logger": True}
        return json.dumps(options, ensure_ascii=False, indent=2) + "\n"


def _authentication(sending: Sending) -> dict[str, Any]:
    if sending.method == "none":
        return {}
    if sending.method == "access_token":
        token = {"type": "OAuth2", "user": sending.user, "accessToken": _ACCESS_TOKEN}
        return {"auth": token}
    known = [name for name in sending.mechanisms if name in _MECHANISMS]
    auth = {"auth": {"user": sending.user, "pass": _PASSWORD}}
    return auth | ({"authMethod": known[0]} if known else {})


def _tls(sending: Sending) -> dict[str, Any]:
    tls: dict[str, Any] = {}
    if sending.tls_protocols:
        versions = newest_run(sending.tls_protocols)
        tls |= {"minVersion": versions[0], "maxVersion": versions[-1]}
    if sending.ca_pem:
        tls["ca"] = "".join(certificates(sending.ca_pem))
    return tls


def newest_run(allowed: Sequence[str]) -> list[str]:
    """Return the newest allowed versions without a gap: a range of two bounds may allow no more."""
    run: list[str] = []
    for version in reversed(TLS_PROTOCOLS):
        if version in allowed:
            run.insert(0, version)
        elif run:
            break
    return run


def _limits(sending: Sending) -> dict[str, int]:
    """Return the time limits in milliseconds; without one Nodemailer keeps its own."""
    limits = {
        "connectionTimeout": sending.connection_timeout_ms,
        "greetingTimeout": sending.timeout_ms,
        "socketTimeout": sending.timeout_ms,
    }
    return {name: limit for name, limit in limits.items() if limit is not None}
