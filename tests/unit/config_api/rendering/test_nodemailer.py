from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from services.config_api.rendering.nodemailer import NodemailerTarget, newest_run
from tests.support.hostile import a_sending, hostile_texts
from tests.support.settings import a_certificate


def options(**fields: Any) -> Any:
    return json.loads(NodemailerTarget().render(a_sending(**fields), "en"))


def test_a_whole_setting() -> None:
    found = options(
        tls_protocols=["TLSv1.2", "TLSv1.3"],
        ca_pem=a_certificate(),
        auth={"mechanism": "CRAM-MD5"},
        timeout_ms=5_000,
        debug=True,
        session_properties={"mail.smtp.localhost": "app01", "mail.smtp.localaddress": "192.0.2.1"},
    )
    assert found == {
        "host": "smtp.acme.example",
        "port": 587,
        "secure": False,
        "requireTLS": True,
        "auth": {"user": "mailer", "pass": "<password>"},
        "authMethod": "CRAM-MD5",
        "tls": {"minVersion": "TLSv1.2", "maxVersion": "TLSv1.3", "ca": a_certificate()},
        "connectionTimeout": 60_000,
        "greetingTimeout": 5_000,
        "socketTimeout": 5_000,
        "name": "app01",
        "localAddress": "192.0.2.1",
        "debug": True,
        "logger": True,
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"security": "none"}, {"secure": False, "ignoreTLS": True}),
        ({"security": "starttls"}, {"secure": False, "requireTLS": True}),
        ({"security": "implicit_tls"}, {"secure": True}),
        (
            {"security": "none", "session_properties": {"mail.smtp.starttls.enable": "true"}},
            {"secure": False, "opportunisticTLS": True},
        ),
        (
            {"security": "none", "session_properties": {"mail.smtp.starttls.required": "true"}},
            {"secure": False, "requireTLS": True},
        ),
    ],
)
def test_each_security(fields: dict[str, Any], expected: dict[str, bool]) -> None:
    found = options(**fields)
    names = ("secure", "ignoreTLS", "requireTLS", "opportunisticTLS")
    assert {name: found[name] for name in names if name in found} == expected


def test_without_limits_login_or_tls_nothing_is_said_of_them() -> None:
    nobody = {"method": "none", "user": None, "password": None}
    found = options(
        security="none",
        auth=nobody,
        timeout_ms=None,
        connection_timeout_ms=None,
        tls_protocols=["TLSv1.3"],
    )
    assert set(found) == {"host", "port", "secure", "ignoreTLS"}


@pytest.mark.parametrize(
    "auth",
    [
        {"method": "access_token", "provider_id": "p", "password": None},
        {"mechanism": "XOAUTH2"},
        {"mechanism": "OAUTHBEARER"},
    ],
)
def test_an_access_token_is_oauth2(auth: dict[str, Any]) -> None:
    token = {"type": "OAuth2", "user": "mailer", "accessToken": "<access token>"}
    assert options(auth=auth)["auth"] == token


def test_a_mechanism_that_nodemailer_lacks_is_left_out() -> None:
    assert "authMethod" not in options(auth={"mechanism": "SCRAM-SHA-1"})


@pytest.mark.parametrize(
    ("allowed", "run"),
    [
        (["TLSv1.3"], ["TLSv1.3"]),
        (["TLSv1", "TLSv1.3"], ["TLSv1.3"]),
        (["TLSv1.2", "TLSv1", "TLSv1.1"], ["TLSv1", "TLSv1.1", "TLSv1.2"]),
        (["TLSv1"], ["TLSv1"]),
    ],
)
def test_a_range_allows_no_version_that_the_setting_does_not(
    allowed: list[str], run: list[str]
) -> None:
    assert newest_run(allowed) == run


@given(user=hostile_texts(), name=hostile_texts())
def test_every_value_is_read_back_as_it_was_written(user: str, name: str) -> None:
    found = options(auth={"user": user}, session_properties={"mail.smtp.localhost": name})
    assert (found["auth"]["user"], found["name"]) == (user, name)
