from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from events.smtp_setting import (
    DefaultProvisioned,
    DefaultWithdrawn,
    SecretRef,
    SettingDeleted,
)
from services.config_api.domain.errors import DefaultProtected, SettingExists, StaleVersion
from services.config_api.domain.secret_fields import secrets_to_seal
from services.config_api.domain.setting_commands import (
    AnyVersion,
    DeleteSetting,
    ProvisionDefault,
    WithdrawDefault,
)
from tests.support.settings import (
    TENANT,
    Given,
    a_draft,
    a_draft_without_password,
    delete,
    given_a_setting,
    import_by,
    register,
    replace_by,
)

if TYPE_CHECKING:
    from services.config_api.domain.setting_fields import SettingDraft

SAME = frozenset({"password"})


def provision(draft: SettingDraft, *, same: frozenset[str] = frozenset()) -> ProvisionDefault:
    return ProvisionDefault(setting_id=TENANT, draft=draft, same_secrets=same)


def withdraw() -> WithdrawDefault:
    return WithdrawDefault(setting_id=TENANT)


def given_a_default() -> Given:
    given = Given()
    given.when(provision(a_draft()))
    return given


# the file holds it


def test_a_default_is_provisioned_where_there_is_no_setting() -> None:
    given = Given()
    (fact,) = given.when(provision(a_draft()))

    ref = SecretRef(id="acme/password", version=1)
    values = replace(a_draft().values, secret="stored", secrets={"password": ref})
    assert fact == DefaultProvisioned(setting_id=TENANT, values=values)
    assert (given.state.is_default, given.state.origin) == (True, "default")


def test_a_default_that_is_in_force_already_records_nothing() -> None:
    given = given_a_default()

    assert given.when(provision(a_draft(), same=SAME)) == []
    assert given.when(provision(a_draft_without_password())) == []


def test_a_default_that_differs_is_provisioned_again() -> None:
    given = given_a_default()
    created = given.state.created_at
    (fact,) = given.when(provision(a_draft(x_mailer="new"), same=SAME))

    assert isinstance(fact, DefaultProvisioned)
    assert fact.values.secrets == {"password": SecretRef(id="acme/password", version=1)}
    assert (given.state.version, given.state.created_at) == (2, created)


def test_a_default_with_another_password_is_provisioned_again() -> None:
    given = given_a_default()
    given.when(provision(a_draft(auth={"password": "other"})))

    assert given.values.secrets == {"password": SecretRef(id="acme/password", version=2)}


def test_a_default_that_moves_without_its_password_requires_one() -> None:
    given = given_a_default()
    given.when(provision(a_draft_without_password(host="other.example")))

    assert (given.values.secret, given.values.secrets) == ("required", {})
    assert given.when(provision(a_draft_without_password(host="other.example"))) == []


def test_a_setting_of_an_administrator_wins_over_the_file() -> None:
    assert given_a_setting().when(provision(a_draft(host="other.example"))) == []


# the file no longer holds it


def test_a_default_that_left_the_file_is_withdrawn() -> None:
    given = given_a_default()

    assert given.when(withdraw()) == [DefaultWithdrawn(setting_id=TENANT)]
    assert (given.state.exists, given.state.is_default, given.state.version) == (False, False, 2)
    assert given.when(withdraw()) == []


def test_a_setting_of_an_administrator_is_never_withdrawn() -> None:
    assert given_a_setting().when(withdraw()) == []


def test_a_default_that_comes_back_to_the_file_seals_its_password_anew() -> None:
    given = given_a_default()
    given.when(withdraw())
    given.when(provision(a_draft()))

    assert given.values.secrets == {"password": SecretRef(id="acme/password", version=2)}


# administrators


def test_a_default_cannot_be_deleted_nor_registered() -> None:
    given = given_a_default()

    given.refuses(delete(), DefaultProtected)
    given.refuses(delete(7), StaleVersion)
    given.refuses(register(), SettingExists)


def test_a_change_clears_the_check() -> None:
    given = given_a_default()
    given.when(replace_by(a_draft_without_password(debug=True)))

    assert (given.state.is_default, given.state.origin) == (False, "default")
    assert given.when(provision(a_draft(), same=SAME)) == []


def test_an_update_that_changes_nothing_leaves_the_check() -> None:
    given = given_a_default()

    assert given.when(replace_by(a_draft_without_password())) == []
    assert given.state.is_default


def test_an_import_of_new_settings_skips_a_default() -> None:
    assert given_a_default().when(import_by(a_draft(debug=True), mode="new")) == []


@pytest.mark.parametrize("debug", [True, False])
def test_an_import_over_a_default_clears_the_check_even_with_the_same_values(
    debug: bool,
) -> None:
    given = given_a_default()
    again = import_by(a_draft(debug=debug), same=SAME)

    assert len(given.when(again)) == 1
    assert (given.state.is_default, given.state.origin) == (False, "imported")
    assert given.when(again) == []


def test_a_deleted_setting_gives_way_to_its_default_in_the_same_breath() -> None:
    given = given_a_setting(host="own.example")
    before = given.state
    command = DeleteSetting(setting_id=TENANT, expected=AnyVersion.ANY, default=a_draft())
    deleted, returned = given.when(command)

    assert deleted == SettingDeleted(setting_id=TENANT)
    assert isinstance(returned, DefaultProvisioned)
    assert (given.state.is_default, given.state.version) == (True, 3)
    assert given.values.host == "smtp.acme.example"
    assert given.state.created_at != before.created_at
    ref = SecretRef(id="acme/password", version=2)
    assert secrets_to_seal(before, given.values) == {"password": ref}


def test_a_default_that_returns_without_its_password_requires_one() -> None:
    given = given_a_setting()
    default = a_draft_without_password()
    given.when(DeleteSetting(setting_id=TENANT, expected=AnyVersion.ANY, default=default))

    assert (given.values.secret, given.values.secrets) == ("required", {})
