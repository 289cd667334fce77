"""What differs between two versions of a setting, field by field."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypedDict

from events.smtp_setting import Auth, SettingValues
from services.config_api.domain.auth_fields import FIELD as AUTH
from services.config_api.domain.destination import secret_pointer
from services.config_api.domain.field_errors import pointer_to
from services.config_api.domain.session_properties import FIELD as PROPERTIES

_OF_AUTH: Final = tuple((AUTH, name) for name in Auth.__struct_fields__)
#: The fields in front of the session properties, which are many, as are secrets.
_PATHS: Final = tuple(
    path
    for name in SettingValues.__struct_fields__
    if name not in {PROPERTIES, "secret", "secrets"}
    for path in (_OF_AUTH if name == AUTH else ((name,),))
)
_POINTERS: Final = tuple(pointer_to(*path) for path in _PATHS)
_read: Final = attrgetter(*map(".".join, _PATHS))


class Change(TypedDict):
    """One field: its JSON pointer, and its JSON value before and after (None: not there)."""

    path: str
    before: Any
    after: Any


def differences(before: SettingValues | None, after: SettingValues | None) -> list[Change]:
    """Return the changed fields in document order; secrets appear as their versions only."""
    new = _leaves(after)
    if before is None:
        return [
            {"path": path, "before": None, "after": now}
            for path, now in new.items()
            if now is not None
        ]
    old = _leaves(before)
    return [
        {"path": path, "before": was, "after": now}
        for path in {**old, **new}
        if (was := old.get(path)) != (now := new.get(path))
    ]


def _leaves(values: SettingValues | None) -> dict[str, Any]:
    """Return the fields by pointer; none of no setting."""
    if values is None:
        return {}
    leaves = dict(zip(_POINTERS, _read(values), strict=True))
    leaves[_TLS_PROTOCOLS] = list(values.tls_protocols)
    for name, value in values.session_properties.items():
        leaves[_pointer(PROPERTIES, name)] = value
    leaves[_SECRET] = values.secret
    for field, ref in values.secrets.items():
        leaves[secret_pointer(field)] = {"version": ref.version}
    return leaves


_TLS_PROTOCOLS: Final = pointer_to("tls_protocols")
_SECRET: Final = pointer_to("secret")
#: Names of session properties are few.
_pointer = lru_cache(maxsize=512)(pointer_to)
