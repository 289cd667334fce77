"""Trust by session property instead of by certificate (`ssl.trust`, `ssl.checkserveridentity`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.conn_tester.certificate import matches
from services.conn_tester.diagnosis.certificate import Refused, judge_certificate
from services.conn_tester.diagnosis.finding import Concluded, conclude
from services.conn_tester.probe.config import literal_address

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe

_WRONG_NAME: Final = 62  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH


def check_trust(probe: Probe) -> None:
    """Check after a handshake what the properties leave of the checks, and warn of what they skip.

    With `ssl.trust` the chain was not checked: the name in the certificate still counts, and so
    does the list, which is compared letter by letter (as Angus does).
    """
    behaviour, target = probe.target.behaviour, probe.target
    if not behaviour.checks_identity:
        name = behaviour.prefix + "ssl.checkserveridentity"
        probe.record.warn("identity_not_checked", name=name)
    if behaviour.trusted is None:
        return
    name = behaviour.prefix + "ssl.trust"
    probe.record.warn("certificate_not_verified", name=name)
    if behaviour.checks_identity:
        _check_identity(probe)
    if not behaviour.trusts_everybody and target.host not in behaviour.trusted:
        raise conclude("not_in_trust_list", name=name, trusted=list(behaviour.trusted))


def _check_identity(probe: Probe) -> None:
    host = literal_address(probe.target.host) or probe.target.host
    if probe.chain and matches(probe.chain[0], host):
        return
    raise Concluded(
        judge_certificate(
            Refused(
                verify_code=_WRONG_NAME, chain=probe.chain, private_ca=(), now=probe.tools.now()
            )
        )
    )
