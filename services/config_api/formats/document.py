"""The setting document of contract §3: its shape in JSON, strictly read."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, Final

from events.smtp_setting import SettingValues
from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.merge_patch import patched_fields
from services.config_api.domain.setting_fields import SettingDraft, make_draft
from services.config_api.domain.setting_id import is_setting_id
from services.config_api.formats.plain_shape import plain_reader
from services.config_api.formats.schema_errors import read_shape
from services.config_api.formats.schema_setting import (
    READ_ONLY,
    SettingPatchSchema,
    SettingSchema,
)
from services.config_api.formats.strict_json import MalformedDocument, strict_json

__all__ = [
    "READ_ONLY",
    "MalformedDocument",
    "load_fields",
    "load_item",
    "read_draft",
    "read_patch",
    "read_setting",
    "strict_json",
    "with_rules",
]

#: Field → the field that it is judged by.
_JUDGED_BY: Final = {"auth": "/auth/method", "session_properties": "/security"}
_WHOLE: Final = SettingSchema(partial=True)
_PATCH: Final = SettingPatchSchema(partial=True)
_read_plain: Final = plain_reader(_WHOLE)


def load_fields(document: Any, *, partial: bool = False) -> dict[str, Any]:  # noqa: ANN401 -- unchecked
    """Return a setting document of the right shape for `make_draft`, read-only fields dropped.

    `partial` is for a merge patch: null is allowed everywhere. Raises InvalidSetting with all
    fields of a wrong type and all unknown ones.
    """
    fields, errors = read_shape(_PATCH, document) if partial else _read_whole(document)
    if errors:
        raise InvalidSetting(errors)
    return fields


def read_setting(
    document: Any,  # noqa: ANN401 -- unchecked
    *,
    path_id: str | None = None,
    known_providers: Container[str] = (),
    at: datetime | None = None,
) -> tuple[str, SettingDraft]:
    """Return the ID and the draft of a setting document, checked in shape and by the rules.

    `path_id` is the ID in the request's path: one in the document must equal it; without it the
    document is of a new setting and must hold the ID. `at` is when certificates should be valid.
    Raises InvalidSetting with everything that is wrong.
    """
    fields, errors = _read_whole(document)
    setting_id = fields.pop("id", path_id)
    if not any(error.pointer in {"", "/id"} for error in errors):
        errors = (*errors, *_id_errors(setting_id, path_id))
    registering = path_id is None
    if errors:
        raise InvalidSetting(with_rules(fields, errors, registering=registering))
    draft = make_draft(fields, known_providers=known_providers, at=at, registering=registering)
    return str(setting_id), draft


def read_draft(
    document: Any,  # noqa: ANN401 -- unchecked
    *,
    known_providers: Container[str] = (),
    at: datetime | None = None,
) -> SettingDraft:
    """Return the draft of a setting document whose ID does not matter; `at` as in `read_setting`.

    Raises InvalidSetting with everything that is wrong.
    """
    fields, errors = _read_whole(document)
    if errors:
        raise InvalidSetting(with_rules(fields, errors))
    return make_draft(fields, known_providers=known_providers, at=at)


def read_patch(
    patch: Any,  # noqa: ANN401 -- unchecked
    values: SettingValues,
    *,
    known_providers: Container[str] = (),
    at: datetime | None = None,
) -> SettingDraft:
    """Return the draft of a stored setting after a merge patch; `at` as in `read_setting`.

    Raises InvalidSetting with everything that is wrong.
    """
    fields, errors = read_shape(_PATCH, patch)
    if any(not error.pointer for error in errors):
        raise InvalidSetting(errors)
    merged = patched_fields(values, fields)
    if errors:
        raise InvalidSetting(with_rules(merged, errors))
    return make_draft(merged, known_providers=known_providers, at=at)


def load_item(
    document: Any,  # noqa: ANN401 -- unchecked
    before: tuple[FieldError, ...] = (),
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    """Return the fields of a setting in a file, its ID among them, and what is wrong with it.

    `before` is what was wrong before: those fields are not in the document. Where the shape is
    wrong, the rules judge the other fields too. A setting of the right shape with an ID is not
    judged here.
    """
    fields, wrong = _read_whole(document)
    errors = (*before, *wrong)
    if not any(error.pointer in ("", "/id") for error in errors):
        errors = (*errors, *_id_errors(fields.get("id"), None))
    return fields, with_rules(fields, errors) if errors else ()


def with_rules(
    fields: Mapping[str, Any], errors: tuple[FieldError, ...], *, registering: bool = False
) -> tuple[FieldError, ...]:
    """Return these errors of shape, and those by the rules of the fields that are right in shape.

    `fields` is without the wrong ones.
    """
    wrong = {error.pointer for error in errors}
    if "" in wrong:
        return errors
    sound = {name: field for name, field in fields.items() if _JUDGED_BY.get(name) not in wrong}
    try:
        make_draft(sound, registering=registering)
    except InvalidSetting as invalid:
        return (*errors, *(error for error in invalid.errors if error.pointer not in wrong))
    return errors


def _read_whole(
    document: Any,  # noqa: ANN401 -- unchecked
) -> tuple[dict[str, Any], tuple[FieldError, ...]]:
    plain: dict[str, Any] | None = _read_plain(document)
    return read_shape(_WHOLE, document) if plain is None else (plain, ())


def _id_errors(setting_id: str | None, path_id: str | None) -> tuple[FieldError, ...]:
    if setting_id is None:
        return (FieldError(pointer="/id", code="required"),)
    if path_id is not None and setting_id != path_id:
        return (FieldError(pointer="/id", code="id_differs", facts={"path_id": path_id}),)
    if not is_setting_id(setting_id):
        return (FieldError(pointer="/id", code="id_invalid"),)
    return ()
