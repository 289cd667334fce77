from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.effective import effective_properties, token_hosts
from services.config_api.domain.setting_fields import make_draft
from tests.support.settings import a_certificate, a_draft


def values_of(properties: Any) -> Any:
    return {name: one["value"] for name, one in properties.items()}


def test_what_follows_from_a_setting_is_derived() -> None:
    properties = effective_properties(
        a_draft(tls_protocols=["TLSv1.2", "TLSv1.3"], auth={"mechanism": "PLAIN"}).values
    )

    assert {one["source"] for one in properties.values()} == {"derived"}
    assert values_of(properties) == {
        "mail.transport.protocol": "smtp",
        "mail.smtp.host": "smtp.acme.example",
        "mail.smtp.port": "587",
        "mail.smtp.auth": "true",
        "mail.smtp.user": "mailer@acme.example",
        "mail.smtp.connectiontimeout": "60000",
        "mail.smtp.timeout": "60000",
        "mail.smtp.starttls.enable": "true",
        "mail.smtp.starttls.required": "true",
        "mail.smtp.ssl.enable": "false",
        "mail.smtp.ssl.protocols": "TLSv1.2 TLSv1.3",
        "mail.smtp.auth.mechanisms": "PLAIN",
    }


def test_what_has_no_value_is_left_out() -> None:
    values = make_draft(
        {"host": "h", "security": "none", "timeout_ms": None, "connection_timeout_ms": None}
    ).values

    assert values_of(effective_properties(values)) == {
        "mail.transport.protocol": "smtp",
        "mail.smtp.host": "h",
        "mail.smtp.port": "25",
        "mail.smtp.auth": "false",
        "mail.smtp.starttls.enable": "false",
        "mail.smtp.starttls.required": "false",
        "mail.smtp.ssl.enable": "false",
    }


def test_implicit_tls_stays_with_the_protocol_smtp() -> None:
    values = values_of(
        effective_properties(make_draft({"host": "h", "security": "implicit_tls"}).values)
    )

    assert values["mail.transport.protocol"] == "smtp"
    assert values["mail.smtp.ssl.enable"] == "true"
    assert values["mail.smtp.starttls.enable"] == "false"


def test_the_administrator_wins() -> None:
    values = make_draft(
        {"host": "h", "session_properties": {"mail.smtp.port": "26", "mail.debug": "true"}}
    ).values
    properties = effective_properties(values)

    assert properties["mail.smtp.port"] == {"value": "26", "source": "setting"}
    assert properties["mail.debug"] == {"value": "true", "source": "setting"}
    assert properties["mail.smtp.host"] == {"value": "h", "source": "derived"}


def test_the_protocol_smtps_takes_its_own_prefix() -> None:
    values = make_draft(
        {
            "host": "h",
            "security": "implicit_tls",
            "session_properties": {"mail.transport.protocol": "smtps"},
        }
    ).values
    properties = effective_properties(values)

    assert properties["mail.transport.protocol"] == {"value": "smtps", "source": "setting"}
    assert properties["mail.smtps.host"] == {"value": "h", "source": "derived"}
    assert "mail.smtp.host" not in properties


def test_an_access_token_needs_its_mechanism_listed() -> None:
    auth = {"method": "access_token", "user": "u", "provider_id": "p"}
    derived = values_of(effective_properties(make_draft({"host": "h", "auth": auth}).values))

    assert derived["mail.smtp.auth.mechanisms"] == "XOAUTH2"


def test_secret_properties_are_not_among_them() -> None:
    draft = make_draft({"host": "h", "session_properties": {"mail.smtp.proxy.password": "canary"}})

    assert "canary" not in repr(effective_properties(draft.values))


def test_a_flag_of_security_that_java_ignores_does_not_win() -> None:
    values = make_draft(
        {"host": "h", "session_properties": {"mail.smtp.starttls.required": "no"}}
    ).values

    assert effective_properties(values)["mail.smtp.starttls.required"] == {
        "value": "true",
        "source": "derived",
    }


BY_PROXY = {"mail.smtp.proxy.host": "proxy.example", "mail.smtp.socks.host": "socks.example"}


@pytest.mark.parametrize(
    "changes",
    [
        {"security": "none"},
        {"ca_pem": a_certificate()},
        {"session_properties": BY_PROXY | {"mail.smtp.ssl.trust": "*"}},
        {"session_properties": BY_PROXY | {"mail.smtp.ssl.checkserveridentity": "False"}},
    ],
)
def test_a_proxy_that_could_pose_as_the_server_could_read_a_token(changes: dict[str, Any]) -> None:
    values = make_draft({"host": "h", "session_properties": BY_PROXY} | changes).values
    assert token_hosts(values) == ("h", "proxy.example", "socks.example")


def test_a_proxy_reads_no_token_under_tls_that_is_checked() -> None:
    properties = BY_PROXY | {"mail.smtp.ssl.checkserveridentity": "true", "mail.smtp.host": "i"}
    values = make_draft({"host": "h", "session_properties": properties}).values
    assert token_hosts(values) == ("h", "i")
