"""Situations that every real server shows: a right and a wrong password by each mechanism."""

from __future__ import annotations

from tests.integration.zoo.situation import Situation, real
from tests.support.smtp.dovecot import UTF8_PASSWORD, UTF8_USER

OFFERED = {
    "Postfix": "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256",
    "Dovecot": "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256",
    "Exim": "PLAIN LOGIN CRAM-MD5",
    "nodemailer": "PLAIN LOGIN CRAM-MD5",
    "aiosmtpd": "PLAIN LOGIN",
}
PORTS = {"starttls": "starttls_port", "implicit_tls": "implicit_port"}


REAL_SERVERS = (
    *(
        Situation(title=f"{mechanism} by {security}", server=server, step="quit", code="ok",
                  opened=real(server.lower(), port),
                  asked={"security": security, "mechanism": mechanism, "timeout_ms": 9_000})
        for server, mechanisms in OFFERED.items()
        for mechanism in mechanisms.split()
        for security, port in PORTS.items()
    ),
    *(
        Situation(title=f"a wrong password by {mechanism}", server=server, step="auth",
                  code="bad_credentials", opened=real(server.lower(), "starttls_port"),
                  asked={"security": "starttls", "mechanism": mechanism, "password": "wrong",
                         "timeout_ms": 9_000})
        for server, mechanisms in OFFERED.items()
        for mechanism in mechanisms.split()
    ),
    *(
        Situation(title="its authority is not entered", server=server, step="tls",
                  code="cert_unknown_ca", opened=real(server.lower(), "starttls_port"),
                  asked={"security": "starttls"}, trusted=False)
        for server in OFFERED
    ),
    *(
        Situation(title="asked by another name", server=server, step="tls",
                  code="cert_wrong_host", opened=real(server.lower(), "starttls_port"),
                  asked={"security": "starttls", "host": "smtp.acme.example"},
                  tools={"hosts": "127.0.0.1 smtp.acme.example mail.acme.example\n"},
                  fix={"host": "mail.acme.example"})
        for server in OFFERED
    ),
    *(
        Situation(title=f"a password beyond ASCII by {mechanism}", server=server, step="quit",
                  code="ok", opened=real(server.lower(), "starttls_port"),
                  asked={"security": "starttls", "mechanism": mechanism, "timeout_ms": 9_000,
                         "user": UTF8_USER, "password": UTF8_PASSWORD})
        for server in ("Dovecot", "Postfix")
        for mechanism in OFFERED[server].split()
    ),
)  # fmt: skip
