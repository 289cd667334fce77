from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from events.smtp_setting import (
    SecretRef,
    SettingDeleted,
    SettingRegistered,
    SettingUpdated,
)
from services.config_api.domain.decide_setting import decide
from services.config_api.domain.errors import (
    DefaultProtected,
    InvalidSetting,
    SecretRequired,
    SettingExists,
    SettingNotFound,
    StaleVersion,
)
from services.config_api.domain.expected_version import require_version
from services.config_api.domain.secret_fields import secrets_to_seal
from services.config_api.domain.setting_commands import AnyVersion, RegisterSetting
from services.config_api.domain.setting_fields import make_draft
from tests.support.settings import (
    TENANT,
    Given,
    a_draft,
    a_draft_without_password,
    delete,
    given_a_setting,
    register,
    replace_by,
)

PROXY = "mail.smtp.proxy.password"
PASSWORD_REF = SecretRef(id="acme/password", version=1)
NO_AUTH = make_draft({"host": "smtp.acme.example", "port": 587})


# register


def test_a_registration_records_the_values_and_names_the_secret() -> None:
    given = Given()
    (fact,) = given.when(register())

    values = replace(a_draft().values, secret="stored", secrets={"password": PASSWORD_REF})
    assert fact == SettingRegistered(setting_id=TENANT, values=values)


def test_an_id_that_is_taken_cannot_be_registered() -> None:
    assert given_a_setting().refuses(register(), SettingExists).setting_id == TENANT


def test_signing_in_with_a_password_needs_one() -> None:
    command = RegisterSetting(setting_id=TENANT, draft=a_draft_without_password())
    (error,) = Given().refuses(command, InvalidSetting).errors

    assert (error.pointer, error.code) == ("/auth/password", "credentials_missing")
    assert error.facts == {"field": "password", "host": "smtp.acme.example"}


def test_a_password_may_be_left_out_on_purpose() -> None:
    given = given_a_setting(auth={"password": None})

    assert (given.values.secret, given.values.secrets) == ("none", {})


def test_versions_of_setting_and_secret_count_on_after_a_deletion() -> None:
    given = given_a_setting()
    given.when(delete())
    given.when(register())

    assert given.state.version == 3
    assert given.values.secrets == {"password": SecretRef(id="acme/password", version=2)}


# replace


def test_a_change_records_the_whole_setting() -> None:
    given = given_a_setting()
    (fact,) = given.when(replace_by(a_draft_without_password(x_mailer="x"), expected=1))

    assert isinstance(fact, SettingUpdated)
    assert fact.values.x_mailer == "x"
    assert fact.values.secrets == {"password": PASSWORD_REF}
    assert fact.values.secret == "stored"


def test_a_setting_that_is_not_there_cannot_be_changed() -> None:
    assert Given().refuses(replace_by(a_draft()), SettingNotFound).setting_id == TENANT


def test_a_deleted_setting_cannot_be_changed() -> None:
    given = given_a_setting()
    given.when(delete())

    given.refuses(replace_by(a_draft()), SettingNotFound)


def test_a_stale_version_is_refused() -> None:
    error = given_a_setting().refuses(replace_by(a_draft(), expected=7), StaleVersion)

    assert (error.subject, error.expected, error.actual) == (TENANT, 7, 1)


def test_version_zero_is_a_version_like_any_other() -> None:
    given_a_setting().refuses(replace_by(a_draft(), expected=0), StaleVersion)


def test_what_changes_nothing_records_nothing() -> None:
    assert given_a_setting().when(replace_by(a_draft_without_password())) == []


def test_the_same_password_again_records_nothing() -> None:
    given = given_a_setting()

    assert given.when(replace_by(a_draft(), same=frozenset({"password"}))) == []


def test_a_new_password_is_the_next_version_of_the_secret() -> None:
    given = given_a_setting()
    given.when(replace_by(a_draft(auth={"password": "other"})))

    assert given.values.secrets == {"password": SecretRef(id="acme/password", version=2)}


def test_null_drops_the_password() -> None:
    given = given_a_setting()
    given.when(replace_by(a_draft(auth={"password": None})))

    assert (given.values.secret, given.values.secrets) == ("none", {})


def test_a_password_dropped_on_purpose_stays_dropped() -> None:
    given = given_a_setting(auth={"password": None})
    given.when(replace_by(a_draft_without_password(debug=True)))

    assert (given.values.secret, given.values.debug) == ("none", True)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"host": "evil.example"}, "/host"),
        ({"security": "none"}, "/security"),
        ({"auth": {"user": "other"}}, "/auth/user"),
        (
            {"session_properties": {"mail.smtp.proxy.host": "evil.example"}},
            "/session_properties/mail.smtp.proxy.host",
        ),
    ],
)
def test_a_new_destination_needs_the_secret_again(changes: Any, pointer: str) -> None:
    command = replace_by(a_draft_without_password(**changes))
    error = given_a_setting().refuses(command, SecretRequired)

    assert (error.setting_id, error.fields, error.secrets) == (
        TENANT,
        (pointer,),
        ("/auth/password",),
    )


@pytest.mark.parametrize("password", ["new", None])
def test_a_new_destination_may_come_with_a_new_secret_or_without_any(password: str | None) -> None:
    given = given_a_setting()
    given.when(replace_by(a_draft(host="other.example", auth={"password": password})))

    assert given.values.host == "other.example"
    assert ("password" in given.values.secrets) is (password is not None)


def test_whoever_gives_the_same_secret_again_may_change_the_destination() -> None:
    given = given_a_setting()
    given.when(replace_by(a_draft(host="other.example"), same=frozenset({"password"})))

    assert given.values.secrets == {"password": PASSWORD_REF}


def test_every_stored_secret_is_bound() -> None:
    given = given_a_setting(session_properties={PROXY: "p"})
    error = given.refuses(replace_by(a_draft(host="other.example")), SecretRequired)

    assert error.secrets == (f"/session_properties/{PROXY}",)


def test_without_a_stored_secret_the_destination_is_free() -> None:
    given = given_a_setting(auth={"password": None})
    given.when(replace_by(a_draft_without_password(host="other.example")))

    assert given.values.host == "other.example"


@pytest.mark.parametrize(
    "auth", [{}, {"method": "access_token", "user": "u", "provider_id": "exchange"}]
)
def test_another_method_drops_the_password(auth: Any) -> None:
    given = given_a_setting()
    given.when(replace_by(make_draft({"host": "smtp.acme.example", "auth": auth})))

    assert (given.values.secret, given.values.secrets) == ("none", {})


def test_a_method_that_begins_needs_its_password() -> None:
    given = Given()
    given.when(RegisterSetting(setting_id=TENANT, draft=NO_AUTH))

    given.refuses(replace_by(a_draft_without_password()), InvalidSetting)


def test_an_absent_secret_property_is_kept_and_null_removes_it() -> None:
    given = given_a_setting(session_properties={PROXY: "p"})
    given.when(replace_by(a_draft_without_password(debug=True)))
    assert set(given.values.secrets) == {"password", PROXY}

    given.when(replace_by(a_draft_without_password(debug=True, session_properties={PROXY: None})))
    assert set(given.values.secrets) == {"password"}
    assert given.values.secret == "stored"


def test_a_host_sent_as_it_was_answered_leaves_the_typed_one() -> None:
    given = given_a_setting(host="Faß.example")

    assert given.when(replace_by(a_draft_without_password(host="xn--fa-hia.example"))) == []


def test_the_same_host_typed_otherwise_is_no_change() -> None:
    given = given_a_setting(host="Faß.example")

    assert given.when(replace_by(a_draft_without_password(host="faß.example"))) == []
    assert given.values.host_unicode == "Faß.example"


# delete


def test_a_deletion_is_recorded() -> None:
    given = given_a_setting()

    assert given.when(delete(1)) == [SettingDeleted(setting_id=TENANT)]


def test_what_is_not_there_cannot_be_deleted() -> None:
    Given().refuses(delete(), SettingNotFound)


def test_a_stale_deletion_is_refused() -> None:
    given_a_setting().refuses(delete(2), StaleVersion)


def test_a_default_cannot_be_deleted() -> None:
    state = replace(given_a_setting().state, is_default=True)

    with pytest.raises(DefaultProtected) as raised:
        decide(delete(), state)
    assert raised.value.setting_id == TENANT


# around


def test_the_version_is_checked_before_anything_else() -> None:
    state = given_a_setting().state

    assert require_version(state, 1) is state.values
    assert require_version(state, AnyVersion.ANY) is state.values
    with pytest.raises(StaleVersion):
        require_version(state, 2)


def test_only_new_secrets_are_sealed() -> None:
    given = given_a_setting(session_properties={PROXY: "p"})
    before = given.state
    assert secrets_to_seal(Given().state, given.values) == given.values.secrets

    given.when(replace_by(a_draft(auth={"password": "new"})))
    assert secrets_to_seal(before, given.values) == {
        "password": SecretRef(id="acme/password", version=2)
    }


def test_a_secret_of_an_earlier_version_is_sealed_already() -> None:
    given = given_a_setting()
    past = given.values
    given.when(replace_by(a_draft(auth={"password": "new"})))

    assert secrets_to_seal(given.state, past) == {}
