"""Which mechanisms come into question for a password, and what Jakarta Mail would do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.conn_tester.probe.extensions import offered_mechanisms
from services.conn_tester.sasl.mechanisms import FOR_PASSWORDS

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe

_XOAUTH2: Final = "XOAUTH2"
_OF_JAVA: Final = frozenset({"LOGIN", "PLAIN", "DIGEST-MD5", "NTLM", _XOAUTH2})
#: With `sasl.enable`: those of the JDK that the tester speaks, and Angus' own.
_OF_JAVA_SASL: Final = ("CRAM-MD5", "PLAIN", _XOAUTH2)


def for_password(probe: Probe) -> tuple[str, ...]:
    """Return the mechanisms in the order in which they are tried without a list of one's own.

    With `sasl.enable` they are those of the JDK, in the property's order or else the server's.
    """
    behaviour = probe.target.behaviour
    if behaviour.uses_sasl:
        listed = behaviour.sasl_mechanisms or offered_mechanisms(probe.extensions)
        return tuple(name for name in listed if name in _OF_JAVA_SASL)
    usual = (*FOR_PASSWORDS, _XOAUTH2) if behaviour.takes_xoauth2 else FOR_PASSWORDS
    return tuple(name for name in usual if name not in behaviour.disabled_mechanisms)


def warn_of_java(probe: Probe, mechanism: str) -> None:
    """Warn where Jakarta Mail cannot speak what its own property lists."""
    listed = set(probe.target.mechanisms)
    offered = offered_mechanisms(probe.extensions)
    if listed and not listed & set(offered) & _OF_JAVA:
        probe.record.warn("java_lacks_mechanism", mechanism=mechanism, offered=list(offered))
