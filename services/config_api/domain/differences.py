"""What differs between two versions of a setting, field by field."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypedDict

from events.smtp_setting import SettingValues
from services.config_api.domain.destination import secret_pointer
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.setting_fields import fields_of


class Change(TypedDict):
    """One field: its JSON pointer, and its JSON value before and after (None: not there)."""

    path: str
    before: Any
    after: Any


def differences(before: SettingValues | None, after: SettingValues | None) -> list[Change]:
    """Return the changed fields in document order; secrets appear as their versions only."""
    old, new = _leaves(before), _leaves(after)
    return [
        {"path": path, "before": old.get(path), "after": new.get(path)}
        for path in {**old, **new}
        if old.get(path) != new.get(path)
    ]


def _leaves(values: SettingValues | None) -> dict[str, Any]:
    """Return the fields by pointer; none of no setting."""
    if values is None:
        return {}
    fields = fields_of(values)
    leaves = {_pointer("host"): fields.pop("host"), _pointer("host_unicode"): values.host_unicode}
    for name, value in fields.items():
        if isinstance(value, dict):
            leaves.update({_pointer(name, inner): leaf for inner, leaf in value.items()})
        else:
            leaves[_pointer(name)] = value
    leaves[_pointer("secret")] = values.secret
    for field, ref in values.secrets.items():
        leaves[secret_pointer(field)] = {"version": ref.version}
    return leaves


#: Names are few, but for those of session properties.
_pointer = lru_cache(maxsize=512)(pointer_to)
