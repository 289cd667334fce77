"""The secret fields of a setting: how they are named, and which secrets a change leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from events.smtp_setting import PASSWORD, SecretRef, SecretState
from services.config_api.domain.destination import changed_destination, secret_pointer
from services.config_api.domain.errors import InvalidSetting, SecretRequired
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.same_meaning import in_stored_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.smtp_setting import SettingValues
    from services.config_api.domain.setting import SettingState
    from services.config_api.domain.setting_fields import SettingDraft


def secret_ref(owner: str, field: str, version: int) -> SecretRef:
    """Return the reference of a setting's or a test's secret; neither id holds a slash."""
    return SecretRef(id=f"{owner}/{field}", version=version)


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """The secrets that a change leaves, and those that a change of destination `moved` unbinds."""

    secrets: dict[str, SecretRef]
    unbound: tuple[str, ...]
    moved: tuple[str, ...]


def resolve(draft: SettingDraft, state: SettingState, same_secrets: frozenset[str]) -> Resolved:
    """Return what becomes of the stored and the given secrets.

    A given secret that equals the stored one keeps its version. The password goes with any method
    but `password`.
    """
    stored = state.values.secrets if state.values else {}
    moved = changed_destination(state.values, draft.values) if state.values else ()
    secrets: dict[str, SecretRef] = {}
    unbound = []
    for field in sorted({*stored, *draft.secrets}):
        if field == PASSWORD and draft.values.auth.method != "password":
            continue
        if field not in draft.secrets:
            if moved:
                unbound.append(field)
            else:
                secrets[field] = stored[field]
        elif field in stored and field in same_secrets:
            secrets[field] = stored[field]
        elif draft.secrets[field] is not None:
            version = state.secret_versions.get(field, 0) + 1
            secrets[field] = secret_ref(state.setting_id, field, version)
    return Resolved(secrets=secrets, unbound=tuple(unbound), moved=moved)


def require_bound(resolved: Resolved, setting_id: str) -> None:
    """Raise SecretRequired where a stored secret would go to another destination."""
    if resolved.unbound:
        pointers = tuple(secret_pointer(field) for field in resolved.unbound)
        raise SecretRequired(setting_id, resolved.moved, pointers)


def require_password(draft: SettingDraft, before: SettingValues | None) -> None:
    """Raise InvalidSetting where signing in with a password begins without one.

    Null is a password left out on purpose.
    """
    begins = _signs_in_with_password(draft.values) and not _signs_in_with_password(before)
    if begins and PASSWORD not in draft.secrets:
        facts = {"field": PASSWORD, "host": draft.values.host}
        error = FieldError(
            pointer=secret_pointer(PASSWORD), code="credentials_missing", facts=facts
        )
        raise InvalidSetting((error,))


def with_secrets(
    draft: SettingDraft, state: SettingState, resolved: Resolved, *, imported: bool = False
) -> SettingValues:
    """Return the draft's values with their secrets, and whether one is still required.

    A form of a field that means the same as the stored one leaves that.
    """
    before = state.values
    return replace(
        in_stored_form(draft.values, before),
        secrets=resolved.secrets,
        secret=_secret_state(draft, before, resolved, imported=imported),
    )


def secrets_to_seal(before: SettingState, after: SettingValues) -> Mapping[str, SecretRef]:
    """Return, by field, the secrets of `after` that are new and must be sealed with its fact.

    Those of an earlier version that comes back are sealed already.
    """
    known = before.secret_versions
    return {field: ref for field, ref in after.secrets.items() if ref.version > known.get(field, 0)}


def _secret_state(
    draft: SettingDraft, before: SettingValues | None, resolved: Resolved, *, imported: bool
) -> SecretState:
    if resolved.unbound:
        return "required"
    lacking = _signs_in_with_password(draft.values) and PASSWORD not in resolved.secrets
    if lacking and PASSWORD not in draft.secrets:
        still = before is not None and before.secret == "required"  # noqa: S105 -- a state
        if imported or still:
            return "required"
    return "stored" if resolved.secrets else "none"


def _signs_in_with_password(values: SettingValues | None) -> bool:
    return values is not None and values.auth.method == "password"
