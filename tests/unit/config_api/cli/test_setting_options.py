from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.setting_options import (
    cleared,
    fields_of,
    merged,
    setting_options,
    with_method,
)

if TYPE_CHECKING:
    from pathlib import Path


def fields(*arguments: str) -> dict[str, Any]:
    @click.command
    @setting_options
    def command(**options: Any) -> dict[str, Any]:
        return fields_of(options)

    given: dict[str, Any] = command.main(list(arguments), standalone_mode=False)
    return given


def test_only_what_was_given_is_sent() -> None:
    assert fields() == {}
    assert fields("--host", "smtp.acme.example", "--no-debug") == {
        "host": "smtp.acme.example",
        "debug": False,
    }


def test_every_option_becomes_its_field(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("PEM\n")
    (tmp_path / "password").write_text("s p\n")
    given = fields(
        "--host", "h", "--port", "465", "--security", "implicit_tls", "--tls", "TLSv1.2",
        "--tls", "TLSv1.3", "--ca-file", str(tmp_path / "ca.pem"), "--auth", "password",
        "--user", "u", "--password-file", str(tmp_path / "password"), "--mechanism", "PLAIN",
        "--provider", "p", "--x-mailer", "x", "--debug", "--connection-timeout", "1",
        "--timeout", "600000", "--property", "mail.smtp.localhost=a=b",
    )  # fmt: skip
    assert given == {
        "host": "h",
        "port": 465,
        "security": "implicit_tls",
        "tls_protocols": ["TLSv1.2", "TLSv1.3"],
        "ca_pem": "PEM\n",
        "auth": {
            "method": "password",
            "user": "u",
            "password": "s p",
            "mechanism": "PLAIN",
            "provider_id": "p",
        },
        "x_mailer": "x",
        "debug": True,
        "connection_timeout_ms": 1,
        "timeout_ms": 600_000,
        "session_properties": {"mail.smtp.localhost": "a=b"},
    }


def test_no_option_takes_a_password_itself() -> None:
    with pytest.raises(click.NoSuchOption):
        fields("--password", "secret")


def test_a_secret_property_is_refused_on_the_command_line() -> None:
    with pytest.raises(WrongUsage, match="list of processes"):
        fields("--property", "mail.smtp.proxy.password=secret")


def test_a_property_needs_a_value() -> None:
    with pytest.raises(WrongUsage, match="is not NAME=VALUE"):
        fields("--property", "mail.smtp.localhost")


def test_clearing_sets_fields_to_null() -> None:
    assert cleared(("ca", "password", "user")) == {
        "ca_pem": None,
        "auth": {"password": None, "user": None},
    }


def test_options_win_over_the_document_field_by_field() -> None:
    document = {"port": 25, "auth": {"method": "password", "user": "a"}}
    assert merged(document, {"port": 587, "auth": {"user": "b"}}) == {
        "port": 587,
        "auth": {"method": "password", "user": "b"},
    }


@pytest.mark.parametrize(
    ("auth", "method"),
    [
        ({"user": "a"}, "password"),
        ({"user": "a", "provider_id": "p"}, "access_token"),
        ({"user": "a", "method": "none"}, "none"),
    ],
)
def test_a_user_alone_says_how_to_sign_in(auth: dict[str, str], method: str) -> None:
    assert with_method({"auth": auth})["auth"]["method"] == method


def test_a_setting_without_a_user_says_nothing_about_signing_in() -> None:
    assert with_method({"host": "h"}) == {"host": "h"}
