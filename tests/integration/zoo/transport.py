"""Situations about transport security."""

from __future__ import annotations

import ssl
import warnings
from typing import TYPE_CHECKING, Any

from tests.integration.zoo.behaviours import (
    closing,
    closing_after_hello,
    hang_up,
    say_nothing,
    saying,
    script,
    silent,
)
from tests.integration.zoo.situation import Situation, Zoo, peer, real
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.smtp.peer import Connection

QUICK = {"timeout_ms": 500}
STARTTLS = {"security": "starttls"}
IMPLICIT = {"security": "implicit_tls"}
ANSWERED = (
    ("454 4.7.0 TLS not available due to local problem\r\n", "starttls_refused"),
    ("502 5.5.1 what?\r\n", "starttls_refused"),
    ("530 5.7.0 not for you\r\n", "starttls_refused"),
    ("nonsense\r\n", "server_tls_broken"),
    ("220 go\r\n235 2.7.0 welcome\r\n", "starttls_injection"),
    ("220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n", "starttls_injection"),
    (hang_up, "closed_in_handshake"),
    (say_nothing, "handshake_timeout"),
)


def limited(context: ssl.SSLContext, *versions: ssl.TLSVersion) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = min(versions), max(versions)
    return context


def only(*versions: ssl.TLSVersion) -> Callable[[Zoo], ssl.SSLContext]:
    return lambda zoo: limited(zoo.context(), *versions)


def secured(zoo: Zoo) -> ssl.SSLContext:
    return zoo.context()


def under_starttls(
    context: Callable[[Zoo], ssl.SSLContext] = secured, **changes: Any
) -> Callable[[Zoo], SmtpScript]:
    return lambda zoo: SmtpScript(starttls=context(zoo), **changes)


def _both_ways(
    title: str, context: Callable[[Zoo], ssl.SSLContext], **expected: Any
) -> tuple[Situation, Situation]:
    """Return the situation under STARTTLS and with implicit TLS."""
    asked = expected.pop("asked", {})
    step = expected.pop("step", "tls")
    return (
        Situation(title=f"STARTTLS: {title}", asked=STARTTLS | asked, step=step,
                  opened=peer(under_starttls(context), made=True), **expected),
        Situation(title=f"implicit TLS: {title}", asked=IMPLICIT | asked,
                  step=expected.pop("implicit_step", step),
                  opened=peer(SmtpScript(), tls=context), **expected),
    )  # fmt: skip


def _wanting_a_certificate(version: ssl.TLSVersion) -> Callable[[Zoo], ssl.SSLContext]:
    def made(zoo: Zoo) -> ssl.SSLContext:
        context = limited(zoo.context(), version)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=zoo.authority.pem)
        return context

    return made


def _with_ciphers(names: str) -> Callable[[Zoo], ssl.SSLContext]:
    def made(zoo: Zoo) -> ssl.SSLContext:
        context = limited(zoo.context(), ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(names)
        return context

    return made


def _brief(answer: object) -> str:
    if isinstance(answer, str):
        return " / ".join(answer.splitlines())
    return getattr(answer, "__name__", "").replace("_", " ")


async def _plain_for_tls(connection: Connection, _line: str) -> None:
    await connection.send("220 go\r\n")
    await connection.read()
    await connection.send("500 what was that\r\n")
    await connection.gone()


async def _alert(connection: Connection) -> None:
    await connection.read()
    await connection.send(b"\x15\x03\x03\x00\x02\x02\x50")  # internal_error
    await connection.gone()


async def _unknown_name(connection: Connection) -> None:
    await connection.read()
    await connection.send(b"\x15\x03\x03\x00\x02\x02\x70")  # unrecognized_name
    await connection.gone()


V1, V1_1 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
TRANSPORT = (
    *_both_ways("everything is well", secured, code="ok", step="quit"),
    *_both_ways("TLS 1.2 alone where 1.3 is asked for", only(V1_2), code="protocol_version",
                asked={"tls_protocols": ["TLSv1.3"]}, fix={"tls_protocols": ["TLSv1.2"]}),
    *_both_ways("TLS 1.3 alone where 1.2 is asked for", only(V1_3), code="protocol_version",
                asked={"tls_protocols": ["TLSv1.2"]}, fix={"tls_protocols": ["TLSv1.3"]}),
    *_both_ways("TLS 1.0 alone", only(V1), code="protocol_version"),
    *_both_ways("TLS 1.1 alone, which the setting allows", only(V1_1), code="ok", step="quit",
                asked={"tls_protocols": ["TLSv1.1"]}, warnings=frozenset({"old_protocol"})),
    *_both_ways("no cipher in common", _with_ciphers("NULL:@SECLEVEL=0"), code="no_common_cipher"),
    *_both_ways("a client certificate is wanted (TLS 1.2)", _wanting_a_certificate(V1_2),
                code="client_certificate_required"),
    Situation(title="STARTTLS: a client certificate is wanted (TLS 1.3)", asked=STARTTLS,
              opened=peer(under_starttls(_wanting_a_certificate(V1_3)), made=True), step="tls",
              code="client_certificate_required"),
    Situation(title="implicit TLS: a client certificate is wanted (TLS 1.3)", asked=IMPLICIT,
              opened=peer(SmtpScript(), tls=_wanting_a_certificate(V1_3)), step="banner",
              code="client_certificate_required"),
    *(
        Situation(title=f"answers STARTTLS: {_brief(answer)}",
                  code=code, step="tls", asked=STARTTLS | QUICK,
                  opened=peer(SmtpScript(extensions=("STARTTLS", "AUTH PLAIN"),
                                         answers={"STARTTLS": answer})))
        for answer, code in ANSWERED
    ),
    Situation(title="offers no STARTTLS", opened=peer(script()), asked=STARTTLS, step="tls",
              code="starttls_not_offered"),
    Situation(title="a middlebox overwrites STARTTLS", asked=STARTTLS, step="tls",
              opened=peer(SmtpScript(extensions=("AUTH PLAIN", "XXXXXXXA"))),
              code="starttls_stripped"),
    Situation(title="a middlebox overwrites banner and EHLO", asked=STARTTLS, step="tls",
              opened=peer(SmtpScript(banner="220 ****************2****0*\r\n",
                                     answers={"EHLO": "500 5.5.1 unrecognized: XXXX\r\n"})),
              code="starttls_stripped", warnings=frozenset({"helo_fallback"})),
    Situation(title="goes on in plain text after STARTTLS", asked=STARTTLS | QUICK, step="tls",
              opened=peer(SmtpScript(extensions=("STARTTLS",),
                                     answers={"STARTTLS": _plain_for_tls})),
              code="server_tls_broken"),
    Situation(title="hangs up after the handshake", asked=STARTTLS, step="tls",
              opened=peer(under_starttls(answers={"EHLO TLS": hang_up}), made=True),
              code="closed_after_tls"),
    Situation(title="wants a client certificate in words, after the handshake", asked=STARTTLS,
              opened=peer(under_starttls(answers={
                  "EHLO TLS": "421 4.7.1 mx Error: No client certificate presented\r\n",
              }), made=True), code="client_certificate_required", step="tls"),
    Situation(title="forgets EHLO after the handshake", asked=STARTTLS, step="tls",
              opened=peer(under_starttls(answers={"EHLO TLS": "500 5.5.1 what?\r\n"}), made=True),
              code="protocol_error"),
    Situation(title="says nothing after the handshake", asked=STARTTLS | QUICK, step="tls",
              opened=peer(under_starttls(answers={"EHLO TLS": say_nothing}), made=True),
              code="reply_timeout"),
    Situation(title="implicit TLS: no greeting after the handshake", step="banner",
              opened=peer(silent, tls=secured), code="no_greeting",
              asked=IMPLICIT | {"deadline_ms": 4_000, "timeout_ms": 60_000}),
    Situation(title="does not answer the handshake", opened=peer(silent), asked=IMPLICIT | QUICK,
              step="tls", code="handshake_timeout"),
    Situation(title="hangs up in the handshake", opened=peer(closing_after_hello), step="tls",
              asked=IMPLICIT | QUICK, code="closed_in_handshake"),
    Situation(title="hangs up before the handshake", opened=peer(closing), step="tls",
              asked=IMPLICIT | QUICK, code="closed_in_handshake"),
    Situation(title="answers the handshake with garbage", step="tls", asked=IMPLICIT | QUICK,
              opened=peer(saying(b"\0\1garbage")), code="server_tls_broken"),
    Situation(title="answers the handshake with an internal error", step="tls",
              opened=peer(_alert), asked=IMPLICIT | QUICK, code="server_tls_broken"),
    Situation(title="does not know the name in the handshake", step="tls",
              opened=peer(_unknown_name), asked=IMPLICIT | QUICK, code="handshake_failed"),
    Situation(title="IMAP at a TLS port", step="banner", code="not_smtp_imap",
              opened=peer(saying("* OK IMAP4rev1 ready\r\n"), tls=secured), asked=IMPLICIT),
    Situation(title="IMAP at a TLS port, asked in plain text", step="banner", code="not_smtp_imap",
              opened=peer(saying("* OK IMAP4rev1 ready\r\n"), tls=secured), asked=QUICK),
    Situation(title="POP3 in plain text at a TLS setting", step="banner", code="not_smtp_pop3",
              opened=peer(saying("+OK ready\r\n")), asked=IMPLICIT | QUICK),
    Situation(title="a web server behind TLS", step="banner", code="not_smtp_http",
              opened=peer(SmtpScript(banner="", answers={"EHLO": "HTTP/1.1 400 Bad Request\r\n"}),
                          tls=secured), asked=IMPLICIT | QUICK),
    Situation(title="a web server behind TLS, asked in plain text", step="banner",
              code="not_smtp_http", asked=QUICK,
              opened=peer(SmtpScript(banner="", answers={"EHLO": "HTTP/1.1 400 Bad Request\r\n"}),
                          tls=secured)),
    *(
        Situation(title=f"TLS from the first byte, asked by {security}", step="banner",
                  opened=peer(SmtpScript(), tls=secured), asked={"security": security} | QUICK,
                  code="port_expects_tls", fix={"security": "implicit_tls"})
        for security in ("starttls", "none")
    ),
    Situation(title="plain text with STARTTLS, asked by implicit TLS", step="tls",
              opened=peer(under_starttls(), made=True), asked=IMPLICIT,
              code="port_expects_plain", fix={"security": "starttls"}),
    Situation(title="plain text without STARTTLS, asked by implicit TLS", step="tls",
              opened=peer(script()), asked=IMPLICIT, code="port_expects_plain",
              fix={"security": "none"}),
    Situation(title="TLS 1.2 alone where 1.3 is asked for", server="Postfix", step="tls",
              opened=real("postfix", "old_port"), code="protocol_version",
              asked=STARTTLS | {"tls_protocols": ["TLSv1.3"]}, fix={"tls_protocols": ["TLSv1.2"]}),
    Situation(title="wants a client certificate", server="Postfix", step="banner",
              opened=real("postfix", "certificate_port"), asked=IMPLICIT | {"timeout_ms": 5_000},
              code="client_certificate_required"),
    Situation(title="wants a client certificate (TLS 1.2)", server="Postfix", step="banner",
              opened=real("postfix", "certificate_port"),
              asked=IMPLICIT | {"timeout_ms": 5_000, "tls_protocols": ["TLSv1.2"]},
              code="client_certificate_required"),
    Situation(title="STARTTLS with an OpenSSL that it cannot use", server="OpenSMTPD", step="tls",
              opened=real("opensmtpd", "starttls_port"), asked=STARTTLS, code="server_tls_broken"),
    Situation(title="implicit TLS with an OpenSSL that it cannot use", server="OpenSMTPD",
              step="tls", opened=real("opensmtpd", "implicit_port"), asked=IMPLICIT,
              code="server_tls_broken"),
    Situation(title="offers no STARTTLS at this port", server="nodemailer", step="tls",
              opened=real("nodemailer", "plain_port"), asked=STARTTLS, code="starttls_not_offered"),
)  # fmt: skip
