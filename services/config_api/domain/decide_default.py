"""Which facts the deployment's defaults file leads to; an administrator's setting always wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.smtp_setting import DefaultProvisioned, DefaultWithdrawn
from services.config_api.domain.secret_fields import resolve, with_secrets
from services.config_api.domain.setting import SettingState
from services.config_api.domain.setting_commands import NO_SECRETS

if TYPE_CHECKING:
    from events.smtp_setting import SettingEvent
    from services.config_api.domain.setting_commands import ProvisionDefault
    from services.config_api.domain.setting_fields import SettingDraft


def provision(command: ProvisionDefault, state: SettingState) -> list[SettingEvent]:
    """Return the default's fact, none where it is in force so or an administrator has a setting.

    As with an import, a changed destination without a new secret drops the stored one.
    """
    if state.exists and not state.is_default:
        return []
    provisioned = _provisioned(command.draft, state, command.same_secrets)
    return [] if provisioned.values == state.values else [provisioned]


def withdraw(state: SettingState) -> list[SettingEvent]:
    """Return the end of a default, none where an administrator's setting or nothing is there."""
    return [DefaultWithdrawn(setting_id=state.setting_id)] if state.is_default else []


def returned(default: SettingDraft, deleted: SettingState) -> DefaultProvisioned:
    """Return the fact that brings a default back in the place of a setting that is deleted."""
    blank = SettingState(setting_id=deleted.setting_id, secret_versions=deleted.secret_versions)
    return _provisioned(default, blank, NO_SECRETS)


def _provisioned(
    draft: SettingDraft, state: SettingState, same_secrets: frozenset[str]
) -> DefaultProvisioned:
    resolved = resolve(draft, state, same_secrets)
    values = with_secrets(draft, state, resolved, imported=True)
    return DefaultProvisioned(setting_id=state.setting_id, values=values)
