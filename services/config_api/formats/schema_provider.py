"""The shape of an OAuth provider's document (contract §7); its rules are the domain's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, pre_load

from services.config_api.domain.provider_fields import GRANTS, MAX_ENTRIES, PRESET_NAMES
from services.config_api.domain.setting_id import PATTERN
from services.config_api.formats.schema import Array, Map, Shape, Text, Word

_MANY: Final = {"maxItems": MAX_ENTRIES}


def _text(**options: Any) -> Text:  # noqa: ANN401 -- a field's own
    return Text(allow_none=True, **options)


def _answered() -> fields.Raw:
    return fields.Raw(dump_only=True)


class ProviderSchema(Shape):
    """A provider as it is sent; `id` may be left out where the path names it."""

    id = Text(required=True, metadata={"pattern": f"^{PATTERN}$"})
    name = _text()
    preset = Word(PRESET_NAMES, allow_none=True)
    directory = _text(load_only=True)
    grant = Word(GRANTS, required=True)
    token_url = _text()
    authorize_url = _text()
    client_id = Text(required=True)
    client_secret = _text(load_only=True)
    refresh_token = _text(load_only=True)
    private_key = _text(load_only=True)
    key_id = _text()
    subject = _text()
    audience = _text()
    scopes = Array(Text(), allow_none=True, metadata=_MANY)
    mail_hosts = Array(Text(), allow_none=True, metadata=_MANY)
    extra = Map(values=Text(), allow_none=True)

    secrets = _answered()
    version = _answered()
    granted_at = _answered()
    granted_by = _answered()
    created_at = _answered()
    updated_at = _answered()
    updated_by = _answered()
    token_state = _answered()

    @pre_load
    def pass_over(self, document: Any, **_options: Any) -> Any:  # noqa: ANN401 -- unchecked
        """Leave out what only answers hold, which marshmallow would refuse as unknown."""
        if not isinstance(document, Mapping):
            return document
        return {name: value for name, value in document.items() if name not in READ_ONLY}


#: Fields of every answer that are passed over in what is sent.
READ_ONLY: Final = frozenset(
    name for name, field in ProviderSchema().fields.items() if field.dump_only
)
