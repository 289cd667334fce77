from __future__ import annotations

from typing import Any

import pytest

from events.connection_test import Warned
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import make_draft
from tests.support.javamail import SAMPLE, config, fields_of, one, read


def test_every_field_of_the_file_is_read() -> None:
    default, acme = read(SAMPLE)

    assert (default.setting_id, acme.setting_id) == ("default", "acme")
    assert fields_of(default) == {
        "host": "localhost",
        "port": 25,
        "security": "none",
        "tls_protocols": [],
        "auth": {"method": "none", "user": None, "provider_id": None},
        "x_mailer": None,
        "debug": False,
        "connection_timeout_ms": 60_000,
        "timeout_ms": None,
        "session_properties": {},
    }
    assert fields_of(acme) == {
        "host": "smtp.acme.example",
        "port": 587,
        "security": "starttls",
        "tls_protocols": ["TLSv1.2", "TLSv1.3"],
        "auth": {
            "method": "password",
            "user": "mailer@acme.example",
            "provider_id": None,
            "password": Secret(" canary "),
        },
        "x_mailer": "経理部メール",
        "debug": True,
        "connection_timeout_ms": None,
        "timeout_ms": 10_000,
        "session_properties": {
            "mail.smtp.localhost": "app01.acme.example",
            "mail.smtp.proxy.password": Secret("canary"),
        },
    }


def test_what_is_read_is_a_draft() -> None:
    drafts = [make_draft(fields_of(item)) for item in read(SAMPLE)]

    assert [draft.values.host for draft in drafts] == ["localhost", "smtp.acme.example"]
    assert set(drafts[1].secrets) == {"password", "mail.smtp.proxy.password"}


def test_printing_an_item_does_not_show_its_secrets() -> None:
    assert "canary" not in repr(read(SAMPLE))


def test_places_without_a_field_are_told_once() -> None:
    default, acme = read(SAMPLE)

    assert (default.ignored, acme.ignored) == ((), ("content-type", "listener"))


def test_ignored_places_before_and_inside_a_server_are_told_with_it() -> None:
    server = (
        '<smtp-server id="{}" color="red"><auth><realm/></auth><pool><size/></pool></smtp-server>'
    )
    text = (
        "<javamail-config><mode/><smtp><fallback/>"
        f"{server.format('a')}{server.format('b')}</smtp></javamail-config>"
    )
    first, second = read(text)

    assert first.ignored == (
        "mode",
        "smtp/fallback",
        "smtp/smtp-server/@color",
        "smtp/smtp-server/auth/realm",
        "smtp/smtp-server/pool",
    )
    assert second.ignored == ()


def test_other_elements_beside_the_properties_are_ignored() -> None:
    item = one(
        "<session-properties><note/><session-property name='mail.debug' value='true'/>"
        "</session-properties>"
    )

    assert fields_of(item)["session_properties"] == {"mail.debug": "true"}
    assert item.ignored == ("smtp/smtp-server/session-properties/note",)


def test_the_number_of_ignored_places_is_bounded() -> None:
    inside = "".join(f"<x{number}/>" for number in range(1_500))

    assert len(one(inside).ignored) == 1_000


@pytest.mark.parametrize(
    ("smtps", "security"),
    [
        ("", "none"),
        ("<smtps/>", "none"),
        ('<smtps enable="false" starttls="false"/>', "none"),
        ('<smtps enable="true"/>', "implicit_tls"),
        ('<smtps enable="true" starttls="false"/>', "implicit_tls"),
        ('<smtps enable="1" starttls=" TRUE "/>', "starttls"),
    ],
)
def test_smtps_says_the_security(smtps: str, security: str) -> None:
    item = one(smtps)

    assert fields_of(item)["security"] == security
    assert item.warnings == ()


def test_starttls_without_enable_is_no_security_with_a_warning() -> None:
    item = one('<smtps enable="false" starttls="true"/>')

    assert fields_of(item)["security"] == "none"
    assert item.warnings == (Warned(code="starttls_not_enabled"),)


def auth(enable: str, password: str, provider: str) -> str:
    return (
        f'<auth enable="{enable}"><user>u</user><password>{password}</password>'
        f"<system-oauth-provider-id>{provider}</system-oauth-provider-id></auth>"
    )


@pytest.mark.parametrize(
    ("element", "fields", "dropped"),
    [
        ("<auth/>", {"method": "none", "user": None, "provider_id": None}, False),
        (
            auth("true", "p", ""),
            {"method": "password", "user": "u", "provider_id": None, "password": Secret("p")},
            False,
        ),
        (
            auth("true", "", ""),
            {"method": "password", "user": "u", "provider_id": None},
            False,
        ),
        (
            auth("true", "", "exchange"),
            {"method": "access_token", "user": "u", "provider_id": "exchange"},
            False,
        ),
        (
            auth("true", "p", "exchange"),
            {"method": "access_token", "user": "u", "provider_id": "exchange"},
            True,
        ),
        (auth("false", "p", ""), {"method": "none", "user": "u", "provider_id": None}, True),
        (auth("false", " ", ""), {"method": "none", "user": "u", "provider_id": None}, False),
    ],
)
def test_auth_says_how_to_sign_in(element: str, fields: Any, dropped: bool) -> None:
    item = one(element)

    assert fields_of(item)["auth"] == fields
    assert item.warnings == ((Warned(code="password_dropped"),) if dropped else ())


def test_missing_elements_leave_the_defaults() -> None:
    draft = make_draft(fields_of(one()))

    assert (draft.values.security, draft.values.port) == ("none", 25)
    assert (draft.values.connection_timeout_ms, draft.values.timeout_ms) == (60_000, 60_000)
    assert draft.values.auth.method == "none"


@pytest.mark.parametrize(("text", "timeout"), [("-1", None), ("0", None), (" 7 ", 7), ("-5", -5)])
def test_a_timeout_without_limit_is_none(text: str, timeout: int | None) -> None:
    assert fields_of(one(f"<timeout>{text}</timeout>"))["timeout_ms"] == timeout


@pytest.mark.parametrize(
    ("inside", "attributes", "pointer", "code"),
    [
        ("", 'host="h"', "/id", "required"),
        ("", 'id="a b" host="h"', "/id", "id_invalid"),
        ("", 'id="a" host="h" port="25x"', "/port", "port_invalid"),
        ("", 'id="a" host="h" port="99999999999"', "/port", "port_invalid"),
        ("<timeout>1s</timeout>", 'id="a" host="h"', "/timeout_ms", "wrong_type"),
        ("<debug>maybe</debug>", 'id="a" host="h"', "/debug", "wrong_type"),
        ('<smtps enable="yes"/>', 'id="a" host="h"', "/security", "wrong_type"),
        ('<auth enable="yes"/>', 'id="a" host="h"', "/auth/method", "wrong_type"),
        (
            '<session-properties><session-property value="x"/></session-properties>',
            'id="a" host="h"',
            "/session_properties",
            "property_name_invalid",
        ),
    ],
)
def test_what_cannot_be_read_makes_the_item_invalid(
    inside: str, attributes: str, pointer: str, code: str
) -> None:
    item = one(inside, attributes)

    assert item.fields is None
    assert [(error.pointer, error.code) for error in item.errors] == [(pointer, code)]


def test_an_invalid_item_does_not_hide_the_others() -> None:
    bad, good = read(config('<smtp-server id="a" port="x"/><smtp-server id="b" host="h"/>'))

    assert (bad.fields, good.fields is not None) == (None, True)


@pytest.mark.parametrize(
    "text",
    ["<javamail-config/>", config(""), "<javamail-config><encode/></javamail-config>"],
)
def test_a_file_without_servers_has_no_items(text: str) -> None:
    assert read(text) == []
