"""JSON merge patch (RFC 7396) on a setting's fields, with the contract's meaning of null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from events.smtp_setting import PASSWORD, SettingValues
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.session_properties import is_secret_name
from services.config_api.domain.setting_fields import fields_of

_NULL_IS_A_VALUE: Final = frozenset({"connection_timeout_ms", "timeout_ms"})


def merge_patch(fields: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a setting's fields after a merge patch of the right shape.

    Null stays null where null is a value (timeouts) or an order to remove (secrets); elsewhere it
    takes the field away, so that the default applies.
    """
    merged = dict(fields)
    for name, change in patch.items():
        if isinstance(change, Mapping):
            old = fields.get(name)
            merged[name] = merge_patch(old if isinstance(old, Mapping) else {}, change)
        elif change is not None or name in _NULL_IS_A_VALUE or is_secret_name(name):
            merged[name] = change
        else:
            merged.pop(name, None)
    return merged


def patched_fields(values: SettingValues, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a stored setting after a merge patch, for `make_draft`.

    A patch that sets all session properties to null removes the secret ones too.
    """
    merged = merge_patch(fields_of(values), patch)
    if PROPERTIES in patch and patch[PROPERTIES] is None:
        merged[PROPERTIES] = {name: None for name in values.secrets if name != PASSWORD}
    return merged
