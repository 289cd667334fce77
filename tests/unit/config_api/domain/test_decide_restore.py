from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from events.smtp_setting import SecretRef, SettingRestored
from services.config_api.domain.errors import (
    InvalidRestore,
    PastSecretRequired,
    SettingNotFound,
    SettingThere,
    StaleVersion,
)
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_commands import (
    Absent,
    AnyVersion,
    ProvisionDefault,
    RestoreSetting,
)
from tests.support.settings import (
    TENANT,
    Given,
    a_draft,
    a_draft_without_password,
    delete,
    given_a_setting,
    import_by,
    replace_by,
    state_after,
)

if TYPE_CHECKING:
    from services.config_api.domain.setting_commands import ExpectedSetting

PROXY = "mail.smtp.proxy.password"
FIRST = SecretRef(id="acme/password", version=1)


def restore(
    history: Given,
    version: int,
    *,
    expected: ExpectedSetting | Absent = AnyVersion.ANY,
    **more: Any,
) -> RestoreSetting:
    """Return the command; every secret of the past is held unless `held` says otherwise."""
    past = state_after(history.facts[:version]).values if version <= len(history.facts) else None
    held = frozenset(past.secrets) if past else frozenset()
    fields: dict[str, Any] = {"held": held, "given": {}, **more}
    return RestoreSetting(
        setting_id=TENANT, version=version, past=past, expected=expected, **fields
    )


def password(text: str | None) -> dict[str, Secret | None]:
    return {"password": None if text is None else Secret(text)}


def moved() -> Given:
    """Return a setting that went to another host with another password."""
    given = given_a_setting()
    given.when(replace_by(a_draft(host="other.example", auth={"password": "other"})))
    return given


# what comes back


def test_an_earlier_version_comes_back_with_its_own_secret() -> None:
    given = moved()
    first = state_after(given.facts[:1]).values
    (fact,) = given.when(restore(given, 1, expected=2))

    assert first is not None
    assert fact == SettingRestored(setting_id=TENANT, restored_version=1, values=first)
    assert given.values.secrets == {"password": FIRST}
    assert (given.state.version, given.state.origin) == (3, "registered")


def test_no_version_of_a_secret_is_used_twice_after_a_restoration() -> None:
    given = moved()
    given.when(restore(given, 1))
    given.when(replace_by(a_draft(auth={"password": "third"})))

    assert given.values.secrets == {"password": SecretRef(id="acme/password", version=3)}


def test_restoring_what_is_in_force_records_nothing() -> None:
    given = moved()

    assert given.when(restore(given, 2)) == []
    same = restore(given, 2, given=password("other"), known_as=given.values.secrets["password"])
    assert given.when(same) == []


def test_a_default_becomes_an_administrators_setting_even_with_the_same_values() -> None:
    given = Given()
    given.when(ProvisionDefault(setting_id=TENANT, draft=a_draft()))

    assert len(given.when(restore(given, 1))) == 1
    assert (given.state.is_default, given.state.origin) == (False, "default")
    assert given.when(restore(given, 1)) == []


def test_a_deleted_setting_comes_back() -> None:
    given = given_a_setting()
    given.when(delete())
    given.when(restore(given, 1, expected=Absent.ABSENT))

    assert given.values.secrets == {"password": FIRST}
    assert (given.state.version, given.state.origin) == (3, "registered")


def test_a_version_without_a_secret_comes_back_without_one() -> None:
    given = given_a_setting(auth={"password": None})
    given.when(replace_by(a_draft()))
    given.when(restore(given, 1))

    assert (given.values.secret, given.values.secrets) == ("none", {})


# with which password


def test_another_password_may_be_given() -> None:
    given = moved()
    given.when(restore(given, 1, given=password("fresh")))

    assert given.values.host == "smtp.acme.example"
    assert given.values.secrets == {"password": SecretRef(id="acme/password", version=3)}


def test_the_password_may_be_dropped() -> None:
    given = moved()
    given.when(restore(given, 1, given=password(None)))

    assert (given.values.secret, given.values.secrets) == ("none", {})


def test_a_password_that_is_held_already_keeps_its_version() -> None:
    given = moved()
    given.when(restore(given, 1, given=password("correct horse"), known_as=FIRST))

    assert given.values.secrets == {"password": FIRST}


def test_a_secret_that_is_no_longer_held_must_be_given() -> None:
    given = moved()
    error = given.refuses(restore(given, 1, held=frozenset()), PastSecretRequired)

    assert (error.setting_id, error.version, error.secret) == (TENANT, 1, "/password")
    given.when(restore(given, 1, held=frozenset(), given=password("fresh")))
    assert given.values.secret == "stored"


def test_a_lost_secret_of_a_property_goes_once_the_password_is_settled() -> None:
    given = given_a_setting(session_properties={PROXY: "p"})
    given.when(replace_by(a_draft(session_properties={PROXY: "q"})))
    lacking = frozenset({"password"})
    given.refuses(restore(given, 1, held=lacking), PastSecretRequired)
    given.when(restore(given, 1, held=lacking, given=password("fresh")))

    assert set(given.values.secrets) == {"password"}


def test_a_version_that_lacked_its_secret_needs_one_now() -> None:
    given = given_a_setting()
    given.when(import_by(a_draft_without_password(host="other.example")))
    given.when(replace_by(a_draft()))

    given.refuses(restore(given, 2), PastSecretRequired)
    given.when(restore(given, 2, given=password(None)))
    assert (given.values.host, given.values.secret) == ("other.example", "none")


def test_what_is_in_force_stays_so_even_if_it_lacks_its_secret() -> None:
    given = given_a_setting()
    given.when(import_by(a_draft_without_password(host="other.example")))

    assert given.when(restore(given, 2)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("***", "masked_password"), ("a\nb", "control_characters"), ("", "required")],
)
def test_what_is_no_password_is_refused(text: str, code: str) -> None:
    given = moved()
    (error,) = given.refuses(restore(given, 1, given=password(text)), InvalidRestore).errors

    assert (error.pointer, error.code) == ("/password", code)


def test_a_password_is_refused_where_nobody_signs_in_with_one() -> None:
    given = given_a_setting(auth={"method": "none", "user": None, "password": None})
    (error,) = given.refuses(restore(given, 1, given=password("x")), InvalidRestore).errors

    assert (error.pointer, error.code) == ("/password", "password_without_method")


# which version


def test_a_version_that_is_not_there_cannot_come_back() -> None:
    given = given_a_setting()
    (error,) = given.refuses(restore(given, 2), InvalidRestore).errors

    assert (error.pointer, error.code) == ("/version", "version_without_values")
    assert error.facts == {"version": 2}


def test_a_deletion_cannot_come_back() -> None:
    given = given_a_setting()
    given.when(delete())

    given.refuses(restore(given, 2, expected=Absent.ABSENT), InvalidRestore)


# what is expected comes first


def test_a_stale_restoration_is_refused() -> None:
    given = moved()

    given.refuses(restore(given, 9, expected=1), StaleVersion)


def test_a_setting_that_is_there_is_not_brought_back() -> None:
    given = moved()
    refused = given.refuses(restore(given, 1, expected=Absent.ABSENT), SettingThere)

    assert (refused.setting_id, refused.actual) == (TENANT, 2)


def test_a_setting_that_never_was_cannot_come_back() -> None:
    given = Given()

    given.refuses(restore(given, 1, expected=Absent.ABSENT), SettingNotFound)
    given.refuses(restore(given, 1), SettingNotFound)
