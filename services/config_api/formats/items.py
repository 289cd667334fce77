"""One setting of a file from its document, with everything that is wrong with it."""

from __future__ import annotations

from typing import Any, Final

from events.smtp_setting import PASSWORD
from services.config_api.domain.auth_fields import FIELD as AUTH
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.host import HostRefused, read_host
from services.config_api.domain.secret import Secret
from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.domain.session_properties import is_secret_name
from services.config_api.formats.document import load_item
from services.config_api.formats.malformed import MalformedFile
from services.config_api.formats.port import ReadItem

_TYPED: Final = "host_unicode"
_MAX_VALUES: Final = 10_000
_CONTAINERS: Final = (dict, list)


def read_item(
    document: Any,  # noqa: ANN401 -- unchecked
    line: int,
    *,
    errors: tuple[FieldError, ...] = (),
) -> ReadItem:
    """Return the setting that a document of contract §3 holds, or all that is wrong with it.

    `errors` are those of fields that could not be put into the document. Raises MalformedFile for
    more values than a setting can have, each of which might be a problem to tell.
    """
    if _has_too_many(document):
        raise MalformedFile("too_many_values", line, limit=_MAX_VALUES)
    fields, errors = load_item(document, errors)
    setting_id = fields.pop("id", "")
    if errors:
        return ReadItem(setting_id=setting_id, fields=None, errors=errors, line=line)
    fields["host"] = as_typed(fields.get("host", ""), document.get(_TYPED))
    _hide_secrets(fields)
    return ReadItem(setting_id=setting_id, fields=fields, line=line)


def _has_too_many(document: Any) -> bool:  # noqa: ANN401 -- unchecked
    count = 0
    waiting = [document] if isinstance(document, _CONTAINERS) else []
    while waiting and count <= _MAX_VALUES:
        value = waiting.pop()
        count += len(value)
        inside = value.values() if isinstance(value, dict) else value
        waiting += [one for one in inside if isinstance(one, _CONTAINERS)]
    return count > _MAX_VALUES


def as_typed(host: str, typed: object) -> str:
    """Return how the host was typed, where a file tells it and both are the same host."""
    if not isinstance(typed, str) or typed == host:
        return host
    try:
        return typed if read_host(typed).name == host else host
    except HostRefused:
        return host


def _hide_secrets(fields: dict[str, Any]) -> None:
    """Keep the secrets out of what an item prints; empty ones are for the rules to refuse."""
    auth = fields.get(AUTH, {})
    if auth.get(PASSWORD):
        auth[PASSWORD] = Secret(auth[PASSWORD])
    properties = fields.get(PROPERTIES, {})
    for name, value in properties.items():
        if value and is_secret_name(name):
            properties[name] = Secret(value)
