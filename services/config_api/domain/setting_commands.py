"""What may be asked of a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from events.smtp_setting import SecretRef, SettingValues
from events.transfer import ImportMode
from services.config_api.domain.secret import Secret
from services.config_api.domain.setting_fields import SettingDraft


class AnyVersion(Enum):
    """Stands for `If-Match: *`: whatever version the setting has."""

    ANY = "any"


def version_or_any(version: int | None) -> int | AnyVersion:
    """Return what a command expects of whoever named this version, or none for any."""
    return AnyVersion.ANY if version is None else version


class Absent(Enum):
    """Stands for `If-None-Match: *`: the setting was deleted, and is to come back."""

    ABSENT = "absent"


ExpectedSetting = int | AnyVersion
NO_SECRETS: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterSetting:
    """Register a setting that is not there."""

    setting_id: str
    draft: SettingDraft


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaceSetting:
    """Replace a setting as a whole; a patch is one, merged before.

    `same_secrets` are the fields whose given secret equals the stored one (compared in the vault).
    """

    setting_id: str
    draft: SettingDraft
    expected: ExpectedSetting
    same_secrets: frozenset[str] = NO_SECRETS


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSetting:
    """Create or overwrite a setting from a file; mode `new` leaves one that exists alone."""

    setting_id: str
    draft: SettingDraft
    import_id: str
    mode: ImportMode
    same_secrets: frozenset[str] = NO_SECRETS


@dataclass(frozen=True, kw_only=True, slots=True)
class DeleteSetting:
    """Delete a setting; the `default` that the defaults file has for its ID takes its place."""

    setting_id: str
    expected: ExpectedSetting
    default: SettingDraft | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoreSetting:
    """Bring back the values of an earlier version.

    `past` are these values with their secrets, None where that version is not there or was a
    deletion. `held` are the fields whose secret the vault still has. `given` is the password that
    was sent: a new one, None for going without, absent where the held one is meant. `known_as`
    names the held secret that the given password equals, if any (compared in the vault).
    """

    setting_id: str
    version: int
    past: SettingValues | None
    expected: ExpectedSetting | Absent
    held: frozenset[str] = NO_SECRETS
    given: Mapping[str, Secret | None]
    known_as: SecretRef | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvisionDefault:
    """Let a setting of the defaults file apply where no administrator has one."""

    setting_id: str
    draft: SettingDraft
    same_secrets: frozenset[str] = NO_SECRETS


@dataclass(frozen=True, kw_only=True, slots=True)
class WithdrawDefault:
    """End a default that the defaults file no longer holds."""

    setting_id: str


SettingCommand = (
    RegisterSetting
    | ReplaceSetting
    | ImportSetting
    | DeleteSetting
    | RestoreSetting
    | ProvisionDefault
    | WithdrawDefault
)
