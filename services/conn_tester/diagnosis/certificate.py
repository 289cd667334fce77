"""What a refused certificate is refused for, judged by the chain that the server sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.x509 import oid

from services.conn_tester.certificate import (
    UNREADABLE,
    fingerprint,
    name_of,
    names,
    purposes,
    signature_hash,
    when,
)
from services.conn_tester.diagnosis.finding import Finding

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate, Name

_VERIFY_CODES: Final = {
    9: "cert_not_yet_valid",
    10: "cert_expired",
    26: "cert_wrong_purpose",
    62: "cert_wrong_host",  # a name
    64: "cert_wrong_host",  # an IP address
    66: "cert_weak",  # the server's key
    67: "cert_weak",  # an authority's key
    68: "cert_weak",  # a signature's hash
}
_WORD: Final = re.compile(r"\w+")
_INTERMEDIATES: Final = frozenset({"intermediate", "issuing", "sub", "subca", "subordinate"})
_GENERAL: Final = frozenset(
    {"ca", "certificate", "certification", "authority", "private", "test", "mail", "server", "the"}
)
_SELF_SIGNED_LEAF: Final = 18
_SMALLEST_RSA: Final = 2048
_BROKEN_HASHES: Final = frozenset({"md5", "sha1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """OpenSSL's verdict with what it was given; `chain` begins with the server's own.

    `private_ca` are the certificates of the setting's CA field, and the deployment's own.
    """

    verify_code: int
    chain: tuple[Certificate, ...]
    private_ca: tuple[Certificate, ...]
    now: datetime


def judge_certificate(refused: Refused) -> Finding:
    """Return the code for a refused chain, with dates, issuer and names as facts.

    OpenSSL's verify codes (x509_vfy.h) tell most cases; those about a missing issuer are told apart
    by what the server sent.
    """
    if not refused.chain:  # the second look did not get to see it
        known = {**_VERIFY_CODES, _SELF_SIGNED_LEAF: "cert_self_signed"}
        return Finding(code=known.get(refused.verify_code, "cert_unknown_ca"))
    code = _VERIFY_CODES.get(refused.verify_code) or _by_chain(refused)
    return Finding(code=code, facts=_facts(code, refused))


def lacks_alternative_name(leaf: Certificate) -> bool:
    """Tell whether a certificate names its host only by its common name."""
    return not names(leaf, with_common_name=False)


def _by_chain(refused: Refused) -> str:
    leaf, end = refused.chain[0], _end_of_path(refused.chain)
    if refused.verify_code == _SELF_SIGNED_LEAF or _is_self_issued(leaf):
        return "cert_self_signed"
    if _is_self_issued(end):
        return "cert_unknown_ca"
    below = any(_may_be_below(anchor, end.issuer) for anchor in refused.private_ca)
    sent = any(anchor in refused.chain for anchor in refused.private_ca)  # but not what leads there
    if sent or below or (end == leaf and _is_public(leaf)):
        return "cert_chain_incomplete"
    return "cert_unknown_ca"


def _end_of_path(chain: tuple[Certificate, ...]) -> Certificate:
    """Return how far the sent certificates lead from the server's own, by their names."""
    end, *others = chain
    while above := next((one for one in others if one.subject == end.issuer), None):
        others.remove(above)
        end = above
    return end


def _may_be_below(anchor: Certificate, issuer: Name) -> bool:
    """Tell by their names whether an anchor may have signed an issuer that nobody has shown."""
    if issuer == anchor.subject:  # of the same name, and yet not the one that has signed
        return False
    words, known = _words(issuer), _words(anchor.subject)
    if "root" in words:
        return False
    return bool(words & _INTERMEDIATES or (words & known) - _GENERAL)


def _words(name: Name) -> set[str]:
    return {word for part in name for word in _WORD.findall(str(part.value).lower())}


def _is_self_issued(certificate: Certificate) -> bool:
    return certificate.issuer == certificate.subject


def _is_public(leaf: Certificate) -> bool:
    """Tell whether a public authority issued it: these always sign by an intermediate."""
    try:
        found = {extension.oid for extension in leaf.extensions}
    except UNREADABLE:
        return False
    return not found.isdisjoint(
        {
            oid.ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
            oid.ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
        }
    )


def _facts(code: str, refused: Refused) -> dict[str, Any]:
    leaf = refused.chain[0]
    shown = _culprit(code, refused)
    by_path = code in {"cert_unknown_ca", "cert_chain_incomplete"}
    issuer = _end_of_path(refused.chain).issuer if by_path else shown.issuer
    return {
        "subject": name_of(shown.subject) or ", ".join(names(leaf)),
        "issuer": name_of(issuer),
        "names": names(leaf),
        "not_before": when(shown.not_valid_before_utc),
        "not_after": when(shown.not_valid_after_utc),
        "sha256": fingerprint(leaf),
        **({"weakness": weakness(shown)} if code == "cert_weak" else {}),
        **({"purposes": purposes(leaf)} if code == "cert_wrong_purpose" else {}),
    }


def _culprit(code: str, refused: Refused) -> Certificate:
    """Return the certificate of the chain that has the fault, the server's own if in doubt."""
    for certificate in refused.chain:
        faulty = {
            "cert_expired": certificate.not_valid_after_utc < refused.now,
            "cert_not_yet_valid": certificate.not_valid_before_utc > refused.now,
            "cert_weak": weakness(certificate) is not None,
        }.get(code, True)
        if faulty:
            return certificate
    return refused.chain[0]


def weakness(certificate: Certificate) -> str | None:
    """Return what is weak about a certificate's key or signature, in words."""
    try:
        key = certificate.public_key()
    except UNREADABLE:
        return None
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < _SMALLEST_RSA:
        return f"{key.key_size} bits"
    algorithm = signature_hash(certificate)
    if algorithm is not None and algorithm.name in _BROKEN_HASHES:
        return algorithm.name.upper()
    return None
