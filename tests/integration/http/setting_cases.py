"""Wrong and odd settings, and what an administrator is told of them (contract §3)."""

from __future__ import annotations

from typing import Any

from tests.support.der import LEAF, der_of
from tests.support.settings import a_certificate

HOST = "smtp.acme.example"
PEM = a_certificate()
KEY = "-----BEGIN PRIVATE KEY-----\nMAMCAQU=\n-----END PRIVATE KEY-----\n"
TOKEN = {"method": "access_token", "user": "u", "provider_id": "p"}
SIGN_IN = {"method": "password", "user": "mailer", "password": "correct horse"}

#: What is sent beside a host → pointer, code and fix of the only error.
REFUSED: list[tuple[dict[str, Any], str, str, Any]] = [
    ({"host": ""}, "/host", "host_missing", None),
    ({"host": f"smtp://{HOST}"}, "/host", "host_is_url", {"host": HOST}),
    (
        {"host": f"smtps://{HOST}:465/"},
        "/host",
        "host_is_url",
        {"host": HOST, "port": 465, "security": "implicit_tls"},
    ),
    ({"host": f"{HOST}:587"}, "/host", "host_has_port", {"host": HOST, "port": 587}),
    ({"host": f"{HOST}\uff1a587"}, "/host", "host_has_port", {"host": HOST, "port": 587}),
    ({"host": "[2001:db8::1]:25"}, "/host", "host_has_port", {"host": "2001:db8::1", "port": 25}),
    ({"host": "mailer@acme.example"}, "/host", "host_is_address", {"host": "acme.example"}),
    ({"host": "a..example"}, "/host", "host_invalid", None),
    ({"host": f"{'a' * 64}.example"}, "/host", "host_invalid", None),
    ({"host": "2130706433"}, "/host", "host_invalid", None),
    ({"host": "0x7f.1"}, "/host", "host_invalid", None),
    ({"host": "\uff11\uff19\uff12.0.2.7"}, "/host", "host_invalid", {"host": "192.0.2.7"}),
    ({"host": "fe80::1%eth0"}, "/host", "host_invalid", None),
    ({"host": "אa.example"}, "/host", "host_invalid", None),
    ({"host": f"{HOST}\r\n"}, "/host", "control_characters", None),
    ({"host": f"{HOST}\x85"}, "/host", "control_characters", None),
    ({"port": 0}, "/port", "port_invalid", None),
    ({"port": 65536}, "/port", "port_invalid", None),
    ({"port": "587"}, "/port", "port_invalid", {"port": 587}),
    ({"port": 587.5}, "/port", "port_invalid", None),
    ({"port": True}, "/port", "port_invalid", None),
    ({"security": "ssl"}, "/security", "not_one_of", {"security": "implicit_tls"}),
    ({"security": "tls"}, "/security", "not_one_of", None),
    ({"tls_protocols": ["TLS1.2"]}, "/tls_protocols/0", "protocol_unknown", ["TLSv1.2"]),
    ({"tls_protocols": ["tlsv1.2"]}, "/tls_protocols/0", "protocol_unknown", ["TLSv1.2"]),
    (
        {"tls_protocols": ["TLSv1.3", "SSLv3"]},
        "/tls_protocols/1",
        "protocol_unknown",
        ["TLSv1.3"],
    ),
    ({"timeout_ms": 0}, "/timeout_ms", "out_of_range", {"timeout_ms": None}),
    ({"timeout_ms": -1}, "/timeout_ms", "out_of_range", {"timeout_ms": None}),
    ({"timeout_ms": 600001}, "/timeout_ms", "out_of_range", {"timeout_ms": 600000}),
    ({"timeout_ms": "60000"}, "/timeout_ms", "wrong_type", {"timeout_ms": 60000}),
    ({"debug": "true"}, "/debug", "wrong_type", {"debug": True}),
    ({"x_mailer": "a\r\nBcc: b"}, "/x_mailer", "control_characters", None),
    ({"x_mailer": "a\x7f"}, "/x_mailer", "control_characters", None),
    ({"ca_pem": "x"}, "/ca_pem", "ca_pem_invalid", None),
    ({"ca_pem": KEY}, "/ca_pem", "ca_pem_invalid", None),
    ({"ca_pem": KEY + PEM}, "/ca_pem", "ca_pem_invalid", {"ca_pem": PEM}),
    ({"ca_pem": PEM.replace("\n", " ")}, "/ca_pem", "ca_pem_invalid", {"ca_pem": PEM}),
    ({"ca_pem": f"\0\n{PEM}"}, "/ca_pem", "control_characters", None),
    ({"auth": SIGN_IN | {"user": ""}}, "/auth/user", "credentials_missing", None),
    ({"auth": {"method": "password", "user": "u"}}, "/auth/password", "credentials_missing", None),
    ({"auth": SIGN_IN | {"password": ""}}, "/auth/password", "credentials_missing", None),
    ({"auth": SIGN_IN | {"password": "••••"}}, "/auth/password", "masked_password", None),
    ({"auth": SIGN_IN | {"password": "a\nb"}}, "/auth/password", "control_characters", None),
    ({"auth": SIGN_IN | {"user": "a\x00b"}}, "/auth/user", "control_characters", None),
    (
        {"auth": SIGN_IN | {"method": "none"}},
        "/auth/password",
        "password_without_method",
        {"auth": {"method": "password"}},
    ),
    (
        {"auth": SIGN_IN | {"mechanism": "CRAM_MD5"}},
        "/auth/mechanism",
        "not_one_of",
        {"auth": {"mechanism": "CRAM-MD5"}},
    ),
    ({"auth": TOKEN | {"provider_id": None}}, "/auth/provider_id", "required", None),
    (
        {"auth": TOKEN | {"mechanism": "PLAIN"}},
        "/auth/mechanism",
        "mechanism_without_token",
        {"auth": {"mechanism": None}},
    ),
    ({"auth": TOKEN | {"password": "x"}}, "/auth/password", "password_without_method", None),
]

#: A session property, beside which security → code and fix of the only error.
REFUSED_PROPERTIES: list[tuple[str, Any, str, str, Any]] = [
    ("smtp.host", "h", "none", "property_name_invalid", {"smtp.host": None, "mail.smtp.host": "h"}),
    ("mail.smtp.port", 25, "starttls", "wrong_type", {"mail.smtp.port": "25"}),
    ("mail.smtp.mailextension", "X\r\nDATA", "starttls", "control_characters", None),
    ("mail.smtp.proxy.password", "***", "starttls", "masked_password", None),
    ("mail.smtp.ssl.enable", "true", "starttls", "property_contradicts_security", "implicit_tls"),
    ("mail.smtp.ssl.enable", "true", "none", "property_contradicts_security", "implicit_tls"),
    ("mail.smtp.ssl.enable", "false", "implicit_tls", "property_contradicts_security", "none"),
    ("mail.smtp.starttls.enable", "false", "starttls", "property_contradicts_security", "none"),
    ("mail.smtp.starttls.required", "false", "starttls", "property_contradicts_security", "none"),
    (
        "mail.smtp.socketFactory.fallback",
        "true",
        "implicit_tls",
        "property_contradicts_security",
        "none",
    ),
    (
        "mail.smtp.socketFactory.class",
        "javax.net.ssl.SSLSocketFactory",
        "starttls",
        "property_contradicts_security",
        "implicit_tls",
    ),
]  # fmt: skip

#: What is sent beside a host → the codes of the warnings, and words in the first.
WARNED: list[tuple[dict[str, Any], list[str], str]] = [
    ({"host": f" {HOST}\u3000"}, ["host_trimmed"], HOST),
    ({"host": f"\ufeff{HOST}"}, ["host_trimmed"], HOST),
    ({"host": "smtp\u200b.acme.example"}, ["odd_characters"], "host"),
    ({"auth": SIGN_IN | {"user": "mailer "}}, ["odd_characters"], "user"),
    ({"auth": SIGN_IN | {"password": " pw"}}, ["odd_characters"], "password"),
    ({"x_mailer": "Relay\u200bbook"}, ["odd_characters"], "x_mailer"),
    ({"auth": TOKEN}, ["provider_unknown"], "p"),
    ({"port": 465}, ["port_unusual"], "465"),
    ({"port": 587, "security": "implicit_tls"}, ["port_unusual"], "587"),
    ({"timeout_ms": 30}, ["timeout_short"], "30000"),
    ({"ca_pem": a_certificate(der_of(LEAF))}, ["ca_pem_not_a_ca"], HOST),
]

#: A session property, beside which security → code of the warning and words in it.
WARNED_PROPERTIES = [
    ("mail.smtp.starttls.enabled", "true", "starttls", "unknown_property", "starttls.enable"),
    ("mail.smtp.ssl.protocol", "TLSv1.2", "starttls", "unknown_property", "ssl.protocols"),
    ("mail.smtp.connectionTimeout", "1", "starttls", "unknown_property", "connectiontimeout"),
    ("mail.smtps.timeout", "1", "starttls", "unknown_property", "mail.smtp.timeout"),
    ("mail.timeout", "1", "starttls", "unknown_property", "mail.smtp.timeout"),
    ("mail.imap.foo", "1", "starttls", "unknown_property", "mail.imap.foo"),
    ("mail.smtp.timeout", "5s", "starttls", "property_value_ignored", "∞"),
    ("mail.smtp.sasl.enable", "yes", "starttls", "property_value_ignored", "false"),
    ("mail.smtp.starttls.required", "no", "starttls", "property_value_ignored", "false"),
    ("mail.smtp.starttls.enable", "true", "implicit_tls", "starttls_ignored", "starttls.enable"),
    ("mail.smtp.ssl.trust", "*", "starttls", "certificate_not_verified", "ssl.trust"),
    ("mail.smtp.class", "com.acme.Mail", "starttls", "property_for_java_only", "class"),
    ("mail.smtp.auth.mechanisms", "LOGIN,PLAIN", "none", "property_list_separator", "LOGIN PLAIN"),
]  # fmt: skip
