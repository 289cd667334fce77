"""Which facts a command on a setting leads to."""

from __future__ import annotations

from typing import assert_never

from events.smtp_setting import (
    SettingDeleted,
    SettingEvent,
    SettingImported,
    SettingRegistered,
    SettingUpdated,
)
from services.config_api.domain.decide_default import provision, returned, withdraw
from services.config_api.domain.decide_restore import restore
from services.config_api.domain.errors import DefaultProtected, SettingExists
from services.config_api.domain.expected_version import require_version
from services.config_api.domain.secret_fields import (
    require_bound,
    require_password,
    resolve,
    with_secrets,
)
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import (
    NO_SECRETS,
    DeleteSetting,
    ImportSetting,
    ProvisionDefault,
    RegisterSetting,
    ReplaceSetting,
    RestoreSetting,
    SettingCommand,
    WithdrawDefault,
)


def decide(command: SettingCommand, state: SettingState) -> list[SettingEvent]:  # noqa: PLR0911 -- one answer a command
    """Return the facts, none where nothing changes.

    Raises SettingNotFound, SettingExists, DefaultProtected, StaleVersion, SettingThere,
    SecretRequired, PastSecretRequired, InvalidSetting, InvalidRestore.
    """
    match command:
        case RegisterSetting():
            return _register(command, state)
        case ReplaceSetting():
            return _replace(command, state)
        case ImportSetting():
            return _import(command, state)
        case DeleteSetting():
            return _delete(command, state)
        case RestoreSetting():
            return restore(command, state)
        case ProvisionDefault():
            return provision(command, state)
        case WithdrawDefault():
            return withdraw(state)
        case _:
            assert_never(command)


def _register(command: RegisterSetting, state: SettingState) -> list[SettingEvent]:
    require_password(command.draft, None)
    if state.exists:
        raise SettingExists(state.setting_id)
    values = with_secrets(command.draft, state, resolve(command.draft, state, NO_SECRETS))
    return [SettingRegistered(setting_id=state.setting_id, values=values)]


def _replace(command: ReplaceSetting, state: SettingState) -> list[SettingEvent]:
    before = require_version(state, command.expected)
    require_password(command.draft, before)
    resolved = resolve(command.draft, state, command.same_secrets)
    require_bound(resolved, state.setting_id)
    after = with_secrets(command.draft, state, resolved)
    if after == before:
        return []
    return [SettingUpdated(setting_id=state.setting_id, values=after)]


def _import(command: ImportSetting, state: SettingState) -> list[SettingEvent]:
    if state.exists and command.mode == "new":
        return []
    resolved = resolve(command.draft, state, command.same_secrets)
    after = with_secrets(command.draft, state, resolved, imported=True)
    if after == state.values and not state.is_default:  # overwriting a default makes it one's own
        return []
    imported = SettingImported(
        setting_id=state.setting_id, import_id=command.import_id, values=after
    )
    return [imported]


def _delete(command: DeleteSetting, state: SettingState) -> list[SettingEvent]:
    require_version(state, command.expected)
    if state.is_default:
        raise DefaultProtected(state.setting_id)
    deleted = SettingDeleted(setting_id=state.setting_id)
    if command.default is None:
        return [deleted]
    return [deleted, returned(command.default, state)]
