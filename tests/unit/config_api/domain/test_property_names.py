from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.jakarta_mail import OF_PROTOCOL, OF_SESSION, SMTP, SMTPS
from services.config_api.domain.property_names import suggestion


@pytest.mark.parametrize(
    ("name", "prefix", "meant"),
    [
        # misspelt
        ("mail.smtp.starttls.enabled", SMTP, "mail.smtp.starttls.enable"),
        ("mail.smtp.ssl.protocol", SMTP, "mail.smtp.ssl.protocols"),
        ("mail.smtp.auth.mechanism", SMTP, "mail.smtp.auth.mechanisms"),
        ("mail.smtp.ssl.checkserveridentify", SMTP, "mail.smtp.ssl.checkserveridentity"),
        ("mail.stmp.port", SMTP, "mail.smtp.port"),
        # in another case, or cut up in another way
        ("mail.smtp.connectionTimeout", SMTP, "mail.smtp.connectiontimeout"),
        ("mail.smtp.connection.timeout", SMTP, "mail.smtp.connectiontimeout"),
        ("mail.smtp.socketfactory.class", SMTP, "mail.smtp.socketFactory.class"),
        ("mail.SMTP.PORT", SMTP, "mail.smtp.port"),
        ("mail_smtp_port", SMTP, "mail.smtp.port"),
        # of the other protocol
        ("mail.smtps.port", SMTP, "mail.smtp.port"),
        ("mail.smtp.port", SMTPS, "mail.smtps.port"),
        ("mail.smtps.starttls.enabled", SMTP, "mail.smtp.starttls.enable"),
        # without the prefix or a part of it
        ("smtp.port", SMTP, "mail.smtp.port"),
        ("smtps.ssl.trust", SMTPS, "mail.smtps.ssl.trust"),
        ("mail.port", SMTP, "mail.smtp.port"),
        ("mail.starttls.enable", SMTP, "mail.smtp.starttls.enable"),
        ("starttls.enable", SMTP, "mail.smtp.starttls.enable"),
        (" mail.smtp.port ", SMTP, "mail.smtp.port"),
        # as other programs call them
        ("mail.smtp.tls", SMTP, "mail.smtp.starttls.enable"),
        ("mail.smtp.ssl", SMTPS, "mail.smtps.ssl.enable"),
        ("mail.smtp.username", SMTP, "mail.smtp.user"),
        ("mail.smtp.debug", SMTP, "mail.debug"),
        ("mail.protocol", SMTP, "mail.transport.protocol"),
        # nothing near
        ("mail.imap.port", SMTP, None),
        ("mail.mime.charset", SMTP, None),
        ("x", SMTP, None),
        ("mail.smtp.password", SMTP, None),
    ],
)
def test_the_name_that_was_probably_meant_is_suggested(
    name: str, prefix: str, meant: str | None
) -> None:
    assert suggestion(name, prefix) == meant


@given(st.text(max_size=80) | st.from_regex(r"mail\.[a-zA-Z.]{1,60}", fullmatch=True))
def test_only_names_that_are_read_are_suggested(name: str) -> None:
    known = {*OF_SESSION, *(SMTP + rest for rest in OF_PROTOCOL)}

    assert suggestion(name, SMTP) in known | {None}
