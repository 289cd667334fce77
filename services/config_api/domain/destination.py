"""Destination binding: where a stored secret goes may not change without it being given again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.smtp_setting import PASSWORD
from services.config_api.domain.errors import SecretRequired
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.session_properties import is_destination_name

if TYPE_CHECKING:
    from events.smtp_setting import SettingValues
    from services.config_api.domain.setting import SettingState


def destination(values: SettingValues) -> dict[str, object]:
    """Return the fields that decide where a secret goes, by JSON pointer (contract §3)."""
    auth = values.auth
    properties = {
        pointer_to(PROPERTIES, name): value
        for name, value in values.session_properties.items()
        if is_destination_name(name)
    }
    return {
        "/host": values.host,
        "/port": values.port,
        "/security": values.security,
        "/tls_protocols": frozenset(values.tls_protocols),
        "/ca_pem": values.ca_pem,
        "/auth/method": auth.method,
        "/auth/user": auth.user,
        "/auth/mechanism": auth.mechanism,
        "/auth/provider_id": auth.provider_id,
        **properties,
    }


def changed_destination(before: SettingValues, after: SettingValues) -> tuple[str, ...]:
    """Return the JSON pointers of the destination fields that differ (contract §3)."""
    old, new = destination(before), destination(after)
    return tuple(pointer for pointer in {**old, **new} if old.get(pointer) != new.get(pointer))


def secret_pointer(field: str) -> str:
    """Return the JSON pointer of a secret field: `/auth/password` or that of a property."""
    return pointer_to("auth", PASSWORD) if field == PASSWORD else pointer_to(PROPERTIES, field)


def require_binding(draft: SettingValues, setting: SettingState) -> None:
    """Check again, at a claim, that a test's draft may use the setting's stored secrets.

    Raises SecretRequired where the setting was deleted, got another secret or another destination
    since the test was asked for. A draft with secrets of its own only passes.
    """
    borrowed = {
        field: ref
        for field, ref in draft.secrets.items()
        if ref.id.startswith(f"{setting.setting_id}/")
    }
    stored = setting.values.secrets if setting.values else {}
    moved = changed_destination(setting.values, draft) if setting.values else ()
    unbound = [field for field, ref in borrowed.items() if moved or stored.get(field) != ref]
    if unbound:
        pointers = tuple(secret_pointer(field) for field in unbound)
        raise SecretRequired(setting.setting_id, moved, pointers)
