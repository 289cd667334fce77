"""Step `config`: what can be judged before any packet is sent."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from services.conn_tester.ciphers import is_known
from services.conn_tester.contexts import VERSIONS
from services.conn_tester.diagnosis.finding import conclude

if TYPE_CHECKING:
    from services.conn_tester.assignment import Assignment, SignIn, Target
    from services.conn_tester.probe.state import Probe

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_LONGEST_NAME: Final = 253
_LAST_PORT: Final = 65535
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_INVISIBLE: Final = re.compile(
    r"^\s|\s$|[\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060\u3000\ufeff\uff01-\uff5e]"
)


def check_config(probe: Probe) -> None:
    """Refuse a setting that cannot work or may not reach the wire; warn of odd characters.

    The API has judged the same; this is the last place before the wire.
    """
    target = probe.target
    for warning in probe.assignment.warnings:
        probe.record.warn(warning.code, **warning.facts)
    _check_control_characters(probe.assignment)
    _check_host(target.host)
    _check_ports(target)
    _check_tls(target)
    if probe.assignment.depth != "connect":
        _check_sign_in(probe, target.sign_in)


def literal_address(host: str) -> str | None:
    """Return the address that a host is the literal of, or None for a name."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ip_address(bare))
    except ValueError:
        return None


def _check_control_characters(assignment: Assignment) -> None:
    target, envelope = assignment.target, assignment.envelope
    sign_in, behaviour = target.sign_in, target.behaviour
    proxy = behaviour.proxy
    values = {
        "host": target.host,
        "user": sign_in.user,
        "password": sign_in.password.reveal() if sign_in.password else None,
        "mechanism": sign_in.mechanism,
        "mail_from": envelope.sender if envelope else None,
        "rcpt_to": envelope.recipient if envelope else None,
        "x_mailer": target.x_mailer,
        behaviour.prefix + "localhost": target.ehlo_name,
        behaviour.prefix + "localaddress": target.local_address,
        behaviour.prefix + "sasl.authorizationid": behaviour.authorization_id,
        behaviour.prefix + "proxy.user": proxy.user if proxy else None,
        behaviour.prefix + "proxy.host": proxy.host if proxy else None,
    }
    for field, value in values.items():
        if value and _CONTROL.search(value):
            raise conclude("control_characters", field=field)
    in_commands = {behaviour.prefix + "localhost": target.ehlo_name}
    if envelope is not None:
        in_commands |= {"mail_from": envelope.author, "rcpt_to": envelope.recipient}
        in_commands[behaviour.prefix + "from"] = envelope.sender
    for field, value in in_commands.items():
        in_path = field != behaviour.prefix + "localhost" and set(value or "") & set("<> ")
        if value and (in_path or not value.isprintable()):
            raise conclude("control_characters", field=field)


def _check_ports(target: Target) -> None:
    proxy = target.behaviour.proxy
    for port in (target.port, proxy.port if proxy else target.port):
        if not 1 <= port <= _LAST_PORT:
            raise conclude("port_invalid", value=port)


def _check_tls(target: Target) -> None:
    for version in target.tls_protocols:
        if version not in VERSIONS:
            raise conclude("protocol_unknown", value=version)
    for suite in target.behaviour.cipher_suites:
        if not is_known(suite):
            name = target.behaviour.prefix + "ssl.ciphersuites"
            raise conclude("cipher_unknown", value=suite, name=name)


def _check_host(host: str) -> None:
    if not host:
        raise conclude("host_missing")
    if literal_address(host):
        return
    labels = host.removesuffix(".").split(".")
    named = all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    hexadecimal = labels[-1].lower().startswith("0x")  # another spelling of an address
    if not named or hexadecimal or len(host) > _LONGEST_NAME:
        raise conclude("host_invalid", value=host)


def _check_sign_in(probe: Probe, sign_in: SignIn) -> None:
    if sign_in.method != "password":
        return
    if not sign_in.user:
        raise conclude("credentials_missing", field="user")
    if sign_in.password is None:
        raise conclude("credentials_missing", field="password")
    for field, value in (("user", sign_in.user), ("password", sign_in.password.reveal())):
        if _INVISIBLE.search(value):
            probe.record.warn("odd_characters", field=field)
