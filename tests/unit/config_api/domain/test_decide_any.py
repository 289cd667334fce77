from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given as generated
from hypothesis import strategies as st

from services.config_api.domain.destination import changed_destination
from services.config_api.domain.errors import (
    DefaultProtected,
    InvalidRestore,
    InvalidSetting,
    PastSecretRequired,
    SecretRequired,
    SettingExists,
    SettingNotFound,
)
from services.config_api.domain.secret_fields import secrets_to_seal
from services.config_api.domain.setting_commands import (
    AnyVersion,
    DeleteSetting,
    ProvisionDefault,
    RegisterSetting,
    RestoreSetting,
    WithdrawDefault,
)
from tests.support.settings import (
    TENANT,
    Given,
    a_draft,
    delete,
    import_by,
    replace_by,
    state_after,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.smtp_setting import SecretRef, SettingValues
    from services.config_api.domain.setting import SettingState

DRAFTS = st.builds(
    a_draft,
    host=st.sampled_from(["a.example", "B.example"]),
    debug=st.booleans(),
    auth=st.fixed_dictionaries({"password": st.sampled_from(["one", "two", None])}),
)
COMMANDS = st.one_of(
    st.builds(lambda draft: RegisterSetting(setting_id=TENANT, draft=draft), DRAFTS),
    st.builds(replace_by, DRAFTS),
    st.builds(import_by, DRAFTS),
    st.just(delete()),
    st.builds(
        lambda draft: DeleteSetting(setting_id=TENANT, expected=AnyVersion.ANY, default=draft),
        DRAFTS,
    ),
    st.builds(lambda draft: ProvisionDefault(setting_id=TENANT, draft=draft), DRAFTS),
    st.just(WithdrawDefault(setting_id=TENANT)),
    st.integers(1, 8),  # restores that version
)
REFUSALS = (
    SettingExists,
    SettingNotFound,
    SecretRequired,
    InvalidSetting,
    InvalidRestore,
    PastSecretRequired,
    DefaultProtected,
)


def given_any(commands: Any) -> Iterator[tuple[SettingState, SettingState]]:
    """Give the states before and after each command that is not refused."""
    given = Given()
    for one in commands:
        before = given.state
        command = restoring(given, one) if isinstance(one, int) else one
        try:
            given.when(command)
        except REFUSALS:
            continue
        yield before, given.state


def restoring(given: Given, version: int) -> RestoreSetting:
    past = state_after(given.facts[:version]).values if version <= len(given.facts) else None
    return RestoreSetting(
        setting_id=TENANT,
        version=version,
        past=past,
        expected=AnyVersion.ANY,
        held=frozenset(past.secrets) if past else frozenset(),
        given={},
    )


@generated(st.lists(COMMANDS, max_size=8))
def test_versions_of_secrets_are_never_used_twice(commands: Any) -> None:
    used: list[SecretRef] = []
    for before, after in given_any(commands):
        used += secrets_to_seal(before, after.values).values() if after.values else ()

    assert len(used) == len({(ref.id, ref.version) for ref in used})


@generated(st.lists(COMMANDS, max_size=8))
def test_versions_of_secrets_never_go_down(commands: Any) -> None:
    for before, after in given_any(commands):
        for name, version in before.secret_versions.items():
            assert after.secret_versions[name] >= version


@generated(st.lists(COMMANDS, max_size=8))
def test_a_secret_belongs_to_one_destination_for_ever(commands: Any) -> None:
    at_home: dict[SecretRef, SettingValues] = {}
    for _, after in given_any(commands):
        values = after.values
        for ref in values.secrets.values() if values else ():
            assert values is not None
            assert changed_destination(at_home.setdefault(ref, values), values) == ()


@generated(DRAFTS, DRAFTS)
def test_a_change_made_twice_is_recorded_once(first: Any, second: Any) -> None:
    given = Given()
    given.when(RegisterSetting(setting_id=TENANT, draft=first))
    given.when(replace_by(second))
    version = given.state.version

    assert given.when(replace_by(second, same=frozenset(given.values.secrets))) == []
    assert given.state.version == version <= 2


@generated(st.lists(COMMANDS, max_size=8))
def test_what_is_stored_never_holds_a_secret(commands: Any) -> None:
    stored = repr(list(given_any(commands)))

    assert "'one'" not in stored
    assert "'two'" not in stored
