"""What only the API sees: settings that it refuses or warns of, tests that nobody ends."""

from __future__ import annotations

from typing import Any, Final

SIGN_IN: Final = {"method": "password", "user": "mailer", "password": "correct horse battery"}

#: What the draft has, its fields, the code of the refusal, and the fix of the setting.
REFUSED: Final[tuple[tuple[str, dict[str, Any], str, Any], ...]] = (
    ("a URL as its host", {"host": "https://smtp.acme.example/"}, "host_is_url",
     {"host": "smtp.acme.example"}),
    ("a port in its host", {"host": "smtp.acme.example:465"}, "host_has_port",
     {"host": "smtp.acme.example", "port": 465}),
    ("an e-mail address as its host", {"host": "mailer@smtp.acme.example"}, "host_is_address",
     {"host": "smtp.acme.example"}),
)  # fmt: skip
#: What the setting has, its fields beside a good host, and the code of the warning.
WARNED: Final[tuple[tuple[str, dict[str, Any], str], ...]] = (
    ("a blank before its host", {"host": " smtp.acme.example"}, "host_trimmed"),
    ("STARTTLS beside implicit TLS", {
        "security": "implicit_tls", "session_properties": {"mail.smtp.starttls.enable": "true"},
    }, "starttls_ignored"),
    ("trust in everybody", {"session_properties": {"mail.smtp.ssl.trust": "*"}},
     "certificate_not_verified"),
    ("no check of the server's identity",
     {"session_properties": {"mail.smtp.ssl.checkserveridentity": "false"}},
     "identity_not_checked"),
    ("a misspelt property", {"session_properties": {"mail.smtp.starttls.enabled": "true"}},
     "unknown_property"),
    ("a timeout that Java cannot read", {"session_properties": {"mail.smtp.timeout": "5s"}},
     "property_value_ignored"),
)  # fmt: skip
#: What becomes of the test, and the code of its end.
ENDED: Final = (
    ("nobody takes the test in a quarter of an hour", "no_tester"),
    ("somebody stops the test", "cancelled"),
)
