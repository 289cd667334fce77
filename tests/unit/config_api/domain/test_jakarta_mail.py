from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.jakarta_mail import (
    SMTP,
    SMTPS,
    Kind,
    default_of,
    is_heard,
    kind_of,
    prefix_in_force,
    read_flag,
    read_int,
)


@pytest.mark.parametrize(
    ("value", "flag"),
    [("true", True), ("TRUE", True), ("False", False), ("yes", None), ("1", None), ("true ", None)],
)
def test_only_true_and_false_are_flags(value: Any, flag: Any) -> None:
    assert read_flag(value) is flag


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("587", 587),
        ("-1", -1),
        ("+5", 5),
        ("0x1F", 31),
        ("010", 10),
        ("5s", None),
        (" 5000", None),
        ("5 000", None),
        ("", None),
        ("2147483648", None),
        ("9" * 33, None),
    ],
)
def test_ints_are_read_as_java_reads_them(value: Any, number: Any) -> None:
    assert read_int(value) == number


def test_the_protocol_decides_the_prefix() -> None:
    assert prefix_in_force({}) == SMTP
    assert prefix_in_force({"mail.transport.protocol": "smtps"}) == SMTPS


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mail.smtp.port", Kind.INT),
        ("mail.smtp.starttls.enable", Kind.FLAG),
        ("mail.smtp.ssl.trust", Kind.TEXT),
        ("mail.smtp.ssl.socketFactory", Kind.OBJECT),
        ("mail.smtp.ssl.socketFactory.class", Kind.JAVA),
        ("mail.debug", Kind.FLAG),
        ("mail.smtps.port", None),
        ("mail.smtp.starttls.enabled", None),
    ],
)
def test_a_name_that_is_read_has_a_kind(name: str, kind: Any) -> None:
    assert kind_of(name, SMTP) is kind


def test_a_value_of_each_kind_is_heard_or_not() -> None:
    assert is_heard(Kind.TEXT, "anything")
    assert is_heard(Kind.INT, "5")
    assert is_heard(Kind.FLAG, "TRUE")
    assert not is_heard(Kind.OBJECT, "com.acme.Factory")


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("mail.smtp.starttls.enable", "false"),
        ("mail.smtp.ssl.checkserveridentity", "true"),
        ("mail.smtp.timeout", "∞"),
        ("mail.smtp.port", "25"),
        ("mail.transport.protocol", "smtp"),
        ("mail.debug", "false"),
        ("mail.smtp.chunksize", None),
    ],
)
def test_java_has_a_default_for_a_value_that_it_ignores(name: str, default: Any) -> None:
    assert default_of(name, SMTP) == default
