"""What a restoration needs to know of the past and of the vault before it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events.smtp_setting import PASSWORD, SecretRef
from services.config_api.application.sealing import Secrets
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import Absent, ExpectedSetting, RestoreSetting


@dataclass(frozen=True, kw_only=True, slots=True)
class Restore:
    """What is asked for: a version from 1, what the setting is expected to be, a password.

    `given` holds `password`: a new one or None to go without; empty, the held one is meant.
    """

    version: int
    expected: ExpectedSetting | Absent
    given: Mapping[str, Secret | None]


def restoring(
    secrets: Secrets, asked: Restore, state: SettingState, past: SettingState
) -> RestoreSetting:
    """Return the command for a setting now and its stream up to the version asked for."""
    values = past.values if past.version == asked.version else None
    refs = {} if values is None else values.secrets
    held = {field for field, ref in refs.items() if secrets.held(state.setting_id, ref)}
    return RestoreSetting(
        setting_id=state.setting_id,
        version=asked.version,
        past=values,
        expected=asked.expected,
        held=frozenset(held),
        given=asked.given,
        known_as=_known_as(secrets, asked.given.get(PASSWORD), (past, state)),
    )


def _known_as(
    secrets: Secrets, given: Secret | None, states: tuple[SettingState, ...]
) -> SecretRef | None:
    """Return the reference of the password then, or now, that the given one equals."""
    if given is None:
        return None
    for state in states:
        ref = state.values.secrets.get(PASSWORD) if state.values else None
        if ref and secrets.holds(state.setting_id, ref, given):
            return ref
    return None
