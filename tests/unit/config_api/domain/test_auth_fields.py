from __future__ import annotations

from typing import Any

import pytest

from events.connection_test import Warned
from events.smtp_setting import Auth
from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import make_draft
from tests.support.drafts import error_of, errors_of
from tests.support.settings import a_draft, some_fields, without_password

PASSWORD_AUTH = {"method": "password", "user": "mailer", "password": "pw"}


@pytest.mark.parametrize(
    ("auth", "errors"),
    [
        ({"method": "ntlm", "password": "x"}, {"/auth/method": "not_one_of"}),
        ({"method": "password", "user": ""}, {"/auth/user": "credentials_missing"}),
        (PASSWORD_AUTH | {"password": ""}, {"/auth/password": "credentials_missing"}),
        (PASSWORD_AUTH | {"password": "a\nb"}, {"/auth/password": "control_characters"}),
        (PASSWORD_AUTH | {"password": "***"}, {"/auth/password": "masked_password"}),
        (PASSWORD_AUTH | {"user": "u" * 513}, {"/auth/user": "too_long"}),
        ({"method": "none", "password": "x"}, {"/auth/password": "password_without_method"}),
        (
            {"method": "access_token", "user": "u", "provider_id": "p", "password": "x"},
            {"/auth/password": "password_without_method"},
        ),
        ({"method": "access_token", "user": "u"}, {"/auth/provider_id": "required"}),
    ],
)  # fmt: skip
def test_signing_in_needs_what_its_method_needs(auth: Any, errors: Any) -> None:
    assert errors_of({"host": "h", "auth": auth}) == errors


@pytest.mark.parametrize(
    ("auth", "pointer", "fix"),
    [
        ({"method": "oauth2"}, "/auth/method", {"auth": {"method": "access_token"}}),
        ({"method": "Login"}, "/auth/method", {"auth": {"method": "password"}}),
        ({"method": "ntlm"}, "/auth/method", None),
        ({"mechanism": "CRAM_MD5"}, "/auth/mechanism", {"auth": {"mechanism": "CRAM-MD5"}}),
        ({"mechanism": "plain"}, "/auth/mechanism", {"auth": {"mechanism": "PLAIN"}}),
        ({"mechanism": "scramsha256"}, "/auth/mechanism", {"auth": {"mechanism": "SCRAM-SHA-256"}}),
        ({"mechanism": "NTLM"}, "/auth/mechanism", None),
        ({"method": "none", "password": "x"}, "/auth/password", {"auth": {"method": "password"}}),
        (
            {"method": "access_token", "user": "u", "provider_id": "p", "password": "x"},
            "/auth/password",
            None,
        ),
        (
            {"method": "access_token", "user": "u", "provider_id": "p", "mechanism": "PLAIN"},
            "/auth/mechanism",
            {"auth": {"mechanism": None}},
        ),
    ],
)  # fmt: skip
def test_a_wrong_way_of_signing_in_is_refused_with_the_change_that_helps(
    auth: Any, pointer: str, fix: Any
) -> None:
    error = error_of(auth=auth)

    assert (error.pointer, error.fix) == (pointer, fix)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER", None, ""])
def test_an_access_token_goes_with_the_mechanisms_that_carry_one(mechanism: Any) -> None:
    auth = {
        "method": "access_token", "user": "u", "provider_id": "p", "mechanism": mechanism
    }  # fmt: skip

    assert make_draft({"host": "h", "auth": auth}).values.auth.mechanism == (mechanism or None)


@pytest.mark.parametrize("name", ["user", "mechanism", "provider_id"])
def test_an_empty_text_of_signing_in_is_none(name: str) -> None:
    assert getattr(make_draft({"host": "h", "auth": {name: ""}}).values.auth, name) is None


@pytest.mark.parametrize("method", ["none", "access_token"])
def test_an_empty_password_beside_another_method_is_none(method: Any) -> None:
    auth = {"method": method, "user": "u", "provider_id": "p", "password": ""}

    assert make_draft({"host": "h", "auth": auth}).secrets == {"password": None}


def test_in_registering_a_password_must_be_given_or_left_out_on_purpose() -> None:
    wrong = {"host": "a:1", "auth": {"method": "password", "user": "u"}}
    with pytest.raises(InvalidSetting) as raised:
        make_draft(wrong, registering=True)

    assert [error.pointer for error in raised.value.errors] == ["/host", "/auth/password"]
    left_out = {"host": "h", "auth": {"method": "password", "user": "u", "password": None}}
    assert make_draft(left_out, registering=True).secrets == {"password": None}
    assert make_draft({"host": "h"}, registering=True).secrets == {}


@pytest.mark.parametrize(
    ("auth", "field"),
    [
        ({"user": "mailer "}, "user"),
        ({"user": "\u200bmailer"}, "user"),
        ({"user": "\uff4dailer"}, "user"),
        ({"password": " pw"}, "password"),
        ({"password": "p\u3000w"}, "password"),
        ({"provider_id": "google "}, "provider_id"),
    ],
)
def test_odd_characters_in_what_programs_read_are_a_warning(auth: Any, field: str) -> None:
    draft = make_draft({"host": "h", "auth": PASSWORD_AUTH | auth})

    assert draft.warnings == (Warned(code="odd_characters", facts={"field": field}),)


def test_a_url_with_a_password_is_not_repeated_elsewhere() -> None:
    with pytest.raises(InvalidSetting) as raised:
        make_draft({"host": "smtp://u:canary@h", "auth": {"method": "password"}})

    assert "canary" not in repr(raised.value.errors)


def test_a_password_may_come_wrapped_already() -> None:
    secret = Secret("correct horse")

    assert a_draft(auth={"password": secret}).secrets == {"password": secret}


def test_a_refused_password_is_not_repeated() -> None:
    with pytest.raises(InvalidSetting) as raised:
        make_draft({"host": "h", "auth": PASSWORD_AUTH | {"password": "canary\n"}})

    assert "canary" not in repr(raised.value.errors)


def test_a_null_password_is_an_order_to_remove_it() -> None:
    assert a_draft(auth={"password": None}).secrets == {"password": None}


def test_an_absent_password_says_nothing() -> None:
    assert make_draft(without_password(some_fields())).secrets == {}


def test_a_user_may_stand_beside_method_none() -> None:
    assert make_draft({"host": "h", "auth": {"user": "u"}}).values.auth == Auth(user="u")


def test_a_provider_that_is_not_there_is_a_warning() -> None:
    auth = {"method": "access_token", "user": "u", "provider_id": "exchange"}

    assert make_draft({"host": "h", "auth": auth}).warnings == (
        Warned(code="provider_unknown", facts={"provider_id": "exchange"}),
    )
    assert make_draft({"host": "h", "auth": auth}, known_providers=["exchange"]).warnings == ()
