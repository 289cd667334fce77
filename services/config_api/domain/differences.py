"""What differs between two versions of a setting, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    old, new = (dict(_leaves(values)) for values in (before, after))
    return [
        Change(path=path, before=old.get(path), after=new.get(path))
        for path in {**old, **new}
        if old.get(path) != new.get(path)
    ]


def _leaves(values: SettingValues | None) -> Iterator[tuple[str, Any]]:
    if values is None:
        return
    fields = fields_of(values)
    yield pointer_to("host"), fields.pop("host")
    yield pointer_to("host_unicode"), values.host_unicode
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from ((pointer_to(name, inner), leaf) for inner, leaf in value.items())
        else:
            yield pointer_to(name), value
    yield pointer_to("secret"), values.secret
    for field, ref in values.secrets.items():
        yield secret_pointer(field), {"version": ref.version}
