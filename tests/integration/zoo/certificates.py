"""Situations about certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509

from tests.integration.zoo.situation import Situation, Zoo, peer
from tests.integration.zoo.transport import under_starttls
from tests.support.smtp.certificates import DAY, HOST, Authority, Issued, Wanted, issue
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENT_AUTH = x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH
OTHER = Authority.root("Other Company Root")


def _issued(make: Callable[[Zoo], Issued], title: str, code: str, **expected: Any) -> Situation:
    return Situation(
        title=f"certificate: {title}",
        code=code,
        step=expected.pop("step", "tls"),
        asked={"security": "starttls"} | expected.pop("asked", {}),
        opened=peer(under_starttls(lambda zoo: make(zoo).context()), made=True),
        **expected,
    )


def _wanted(**wanted: Any) -> Callable[[Zoo], Issued]:
    return lambda zoo: zoo.authority.issue(Wanted(**wanted))


def _with_root(zoo: Zoo) -> Issued:
    issued = zoo.authority.issue()
    chain = (zoo.authority.issued.certificate,)
    return Issued(certificate=issued.certificate, key=issued.key, chain=chain)


def _incomplete(zoo: Zoo) -> Issued:
    return zoo.authority.intermediate().issue(with_chain=False)


def _public_and_alone(zoo: Zoo) -> Issued:
    wanted = Wanted(issuer_address="http://pki.example/issuing.crt")
    return zoo.authority.intermediate().issue(wanted, with_chain=False)


SOON = frozenset({"cert_expires_soon"})
OLD_WAY = frozenset({"cert_without_san"})
OTHER_NAME = "smtp.hosting.example"
CERTIFICATES = (
    _issued(_wanted(begins=-9 * DAY, ends=-DAY), "expired", "cert_expired"),
    _issued(_wanted(begins=DAY, ends=9 * DAY), "not yet valid", "cert_not_yet_valid"),
    _issued(_wanted(names=(OTHER_NAME,)), "for another name", "cert_wrong_host"),
    _issued(_wanted(names=(OTHER_NAME,)), "for another name that leads to the same server",
            "cert_wrong_host", fix={"host": OTHER_NAME},
            tools={"hosts": f"127.0.0.1 {HOST} {OTHER_NAME}\n"}),
    _issued(_wanted(names=("*.acme.example",), common_name="x"), "by a wildcard", "ok",
            step="quit"),
    _issued(_wanted(names=("*.example",)), "by a wildcard for one label less", "cert_wrong_host"),
    _issued(_wanted(), "for a name, asked by address", "cert_wrong_host",
            asked={"host": "127.0.0.1"}, fix={"host": HOST}),
    _issued(_wanted(names=("127.0.0.1",)), "for the address", "ok", step="quit",
            asked={"host": "127.0.0.1"}),
    _issued(_wanted(purposes=(CLIENT_AUTH,)), "for clients", "cert_wrong_purpose"),
    _issued(_wanted(rsa_bits=1024), "with a key of 1024 bits", "cert_weak"),
    _issued(_wanted(hashed="sha1"), "signed with SHA-1", "cert_weak"),
    _issued(lambda _zoo: issue(Wanted()), "self-signed", "cert_self_signed"),
    _issued(lambda _zoo: OTHER.issue(), "of another authority", "cert_unknown_ca"),
    _issued(lambda _zoo: OTHER.issue(), "of a private authority that nobody has entered",
            "cert_unknown_ca", trusted=False),
    _issued(_with_root, "of a private authority, sent with its root", "cert_unknown_ca",
            trusted=False),
    _issued(lambda zoo: zoo.authority.intermediate().issue(), "with its whole chain", "ok",
            step="quit"),
    _issued(lambda zoo: zoo.authority.intermediate().issue(), "with the chain of an unknown root",
            "cert_unknown_ca", trusted=False),
    _issued(_incomplete, "without the intermediate of the private authority",
            "cert_chain_incomplete"),
    _issued(_public_and_alone, "public, without its intermediate", "cert_chain_incomplete",
            trusted=False),
    _issued(_wanted(ends=5 * DAY + timedelta(hours=1)), "for five days more", "ok", step="quit",
            warnings=SOON),
    _issued(_wanted(names=None), "with a common name alone", "ok", step="quit", warnings=OLD_WAY),
    Situation(title="certificate: expired, with implicit TLS", code="cert_expired", step="tls",
              asked={"security": "implicit_tls"},
              opened=peer(SmtpScript(), tls=lambda zoo: zoo.context(begins=-9 * DAY, ends=-DAY))),
)  # fmt: skip
