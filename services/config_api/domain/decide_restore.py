"""Which facts bring back an earlier version of a setting, and with which secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from events.smtp_setting import PASSWORD, SettingRestored
from services.config_api.domain.errors import (
    InvalidRestore,
    PastSecretRequired,
    SettingNotFound,
    SettingThere,
)
from services.config_api.domain.expected_version import require_version
from services.config_api.domain.field_errors import FieldError, pointer_to
from services.config_api.domain.findings import Findings
from services.config_api.domain.secret_fields import secret_ref
from services.config_api.domain.setting_commands import Absent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.smtp_setting import SecretRef, SettingEvent, SettingValues
    from services.config_api.domain.secret import Secret
    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_commands import ExpectedSetting, RestoreSetting


def restore(command: RestoreSetting, state: SettingState) -> list[SettingEvent]:
    """Return the fact of a restoration, none where an administrator has just that in force.

    Raises SettingNotFound, StaleVersion, SettingThere, InvalidRestore, PastSecretRequired.
    """
    _require_state(state, command.expected)
    if command.past is None:
        facts = {"version": command.version}
        error = FieldError(pointer="/version", code="version_without_values", facts=facts)
        raise InvalidRestore((error,))
    _require_valid_password(command.given, command.past)
    if command.past == state.values and not command.given and not state.is_default:
        return []
    after = _with_secrets(command, command.past, state)
    if after == state.values and not state.is_default:
        return []
    restored = SettingRestored(
        setting_id=state.setting_id, restored_version=command.version, values=after
    )
    return [restored]


def _require_state(state: SettingState, expected: ExpectedSetting | Absent) -> None:
    """Check that a setting is there at the expected version, or that it was deleted.

    Raises SettingNotFound for one that never was, StaleVersion, SettingThere.
    """
    if not isinstance(expected, Absent):
        require_version(state, expected)
    elif state.exists:
        raise SettingThere(state.setting_id, state.version)
    elif state.version == 0:
        raise SettingNotFound(state.setting_id)


def _require_valid_password(given: Mapping[str, Secret | None], past: SettingValues) -> None:
    """Raise InvalidRestore for a password that could not be one, or that nobody would use."""
    password = given.get(PASSWORD)
    if password is None:
        return
    findings = Findings()
    findings.read_secret((PASSWORD,), password)
    if past.auth.method != PASSWORD:
        findings.refuse((PASSWORD,), "password_without_method")
    if findings.errors:
        raise InvalidRestore(tuple(findings.errors))


def _with_secrets(
    command: RestoreSetting, past: SettingValues, state: SettingState
) -> SettingValues:
    """Return the past values with the secrets that belonged to them, or the password given."""
    kept = {
        field: ref
        for field, ref in past.secrets.items()
        if field in command.held and field not in command.given
    }
    lost = past.secret == "required" or len(kept) < len(past.secrets)  # noqa: S105 -- a state
    if lost and not command.given:
        raise PastSecretRequired(state.setting_id, command.version, pointer_to(PASSWORD))
    if command.given.get(PASSWORD) is not None:
        kept[PASSWORD] = command.known_as or _next_password(state)
    return replace(past, secrets=kept, secret="stored" if kept else "none")


def _next_password(state: SettingState) -> SecretRef:
    version = state.secret_versions.get(PASSWORD, 0) + 1
    return secret_ref(state.setting_id, PASSWORD, version)
