from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.catalogue import UnknownEvent
from events.smtp_setting import (
    DefaultProvisioned,
    DefaultWithdrawn,
    SecretRef,
    SettingDeleted,
    SettingImported,
    SettingRegistered,
    SettingRestored,
    SettingUpdated,
)
from services.config_api.domain.setting import SettingState, fold
from tests.support.settings import ALICE, BEGIN, TENANT, a_draft, state_after

VALUES = a_draft().values
OTHER = a_draft(x_mailer="other").values
REGISTERED = SettingRegistered(setting_id=TENANT, values=VALUES)
UPDATED = SettingUpdated(setting_id=TENANT, values=OTHER)
IMPORTED = SettingImported(setting_id=TENANT, import_id="i", values=OTHER)
DELETED = SettingDeleted(setting_id=TENANT)
RESTORED = SettingRestored(setting_id=TENANT, restored_version=1, values=OTHER)
PROVISIONED = DefaultProvisioned(setting_id=TENANT, values=VALUES)
WITHDRAWN = DefaultWithdrawn(setting_id=TENANT)
UNKNOWN = UnknownEvent(type="smtp_setting.blessed", schema_version=1, data={})
ALL = [REGISTERED, UPDATED, IMPORTED, DELETED, RESTORED, PROVISIONED, WITHDRAWN, UNKNOWN]


def minutes(number: Any) -> Any:
    return BEGIN + timedelta(minutes=number)


def test_a_stream_without_events_is_no_setting() -> None:
    state = fold(TENANT, [])

    assert state == SettingState(setting_id=TENANT)
    assert (state.exists, state.version) == (False, 0)


def test_a_registration_makes_a_setting() -> None:
    assert state_after([REGISTERED]) == SettingState(
        setting_id=TENANT,
        version=1,
        values=VALUES,
        origin="registered",
        created_at=minutes(1),
        updated_at=minutes(1),
        updated_by=ALICE,
    )


def test_an_update_leaves_origin_and_beginning() -> None:
    state = state_after([IMPORTED, UPDATED])

    assert (state.version, state.values, state.origin) == (2, OTHER, "imported")
    assert (state.created_at, state.updated_at) == (minutes(1), minutes(2))


def test_an_import_over_a_setting_changes_its_origin() -> None:
    state = state_after([REGISTERED, IMPORTED])

    assert (state.origin, state.created_at) == ("imported", minutes(1))


def test_a_deleted_setting_keeps_its_version_alone() -> None:
    state = state_after([REGISTERED, DELETED])

    assert not state.exists
    assert (state.version, state.origin, state.created_at) == (2, None, None)
    assert (state.updated_at, state.updated_by) == (minutes(2), ALICE)


def test_a_setting_registered_again_begins_anew_with_the_next_version() -> None:
    state = state_after([REGISTERED, DELETED, REGISTERED])

    assert (state.exists, state.version, state.created_at) == (True, 3, minutes(3))


def test_the_highest_version_of_each_secret_outlives_its_setting() -> None:
    ref = SecretRef(id=f"{TENANT}/password", version=4)
    with_secret = SettingRegistered(
        setting_id=TENANT,
        values=a_draft().values.__class__(
            host="h", host_unicode="h", port=1, secrets={"password": ref}
        ),
    )

    assert state_after([with_secret, UPDATED, DELETED]).secret_versions == {"password": 4}


def test_an_unknown_fact_only_counts_as_a_version() -> None:
    state = state_after([REGISTERED, UNKNOWN])

    assert state.version == 2
    assert (state.values, state.updated_at) == (VALUES, minutes(1))


@pytest.mark.parametrize("fact", [UPDATED, IMPORTED, RESTORED, REGISTERED])
def test_whatever_an_administrator_does_clears_the_check(fact: Any) -> None:
    assert state_after([PROVISIONED]).is_default
    assert not state_after([PROVISIONED, fact]).is_default


def test_a_default_that_changes_keeps_its_beginning() -> None:
    state = state_after([PROVISIONED, PROVISIONED])

    assert (state.is_default, state.origin) == (True, "default")
    assert (state.created_at, state.updated_at) == (minutes(1), minutes(2))


def test_a_withdrawn_default_is_like_a_deleted_setting() -> None:
    assert state_after([PROVISIONED, WITHDRAWN]) == state_after([REGISTERED, DELETED])


@pytest.mark.parametrize(
    ("before", "origin"),
    [
        ([IMPORTED], "imported"),
        ([PROVISIONED], "default"),
        ([REGISTERED, DELETED], "registered"),
    ],
)
def test_a_restored_setting_keeps_its_origin_or_gets_that_of_a_registered_one(
    before: Any, origin: Any
) -> None:
    state = state_after([*before, RESTORED])

    assert (state.values, state.origin, state.is_default) == (OTHER, origin, False)


def test_an_old_secret_that_comes_back_leaves_the_highest_version() -> None:
    def values(version: Any) -> Any:
        ref = SecretRef(id=f"{TENANT}/password", version=version)
        return replace(VALUES, secrets={"password": ref})

    facts = [
        SettingRegistered(setting_id=TENANT, values=values(1)),
        SettingUpdated(setting_id=TENANT, values=values(2)),
        SettingRestored(setting_id=TENANT, restored_version=1, values=values(1)),
    ]
    assert state_after(facts).secret_versions == {"password": 2}


@given(st.lists(st.sampled_from(ALL), max_size=8))
def test_every_fact_is_one_version(facts: Any) -> None:
    assert state_after(facts).version == len(facts)
