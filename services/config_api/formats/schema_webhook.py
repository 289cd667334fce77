"""The shape of a webhook's document; its rules are the domain's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, pre_load

from services.config_api.domain import webhook_types
from services.config_api.domain.setting_id import PATTERN
from services.config_api.domain.webhook_fields import MAX_TENANTS, MAX_TYPES
from services.config_api.formats.schema import Array, Flag, Shape, Text


def _answered() -> fields.Raw:
    return fields.Raw(dump_only=True)


class WebhookSchema(Shape):
    """A webhook as it is sent; without an `id` the service makes one."""

    id = Text(metadata={"pattern": f"^{PATTERN}$"})
    name = Text(allow_none=True)
    url = Text(required=True, metadata={"format": "uri"})
    types = Array(
        Text(metadata={"pattern": f"^{webhook_types.PATTERN}$"}),
        required=True,
        metadata={"minItems": 1, "maxItems": MAX_TYPES},
    )
    tenants = Array(
        Text(metadata={"pattern": f"^{PATTERN}$"}),
        allow_none=True,
        metadata={"minItems": 1, "maxItems": MAX_TENANTS},
    )
    active = Flag(allow_none=True)
    secret = Text(allow_none=True, load_only=True)

    disabled = _answered()
    previous_until = _answered()
    version = _answered()
    created_at = _answered()
    updated_at = _answered()
    updated_by = _answered()
    deliveries = _answered()

    @pre_load
    def pass_over(self, document: Any, **_options: Any) -> Any:  # noqa: ANN401 -- unchecked
        """Leave out what only answers hold, which marshmallow would refuse as unknown."""
        if not isinstance(document, Mapping):
            return document
        return {name: value for name, value in document.items() if name not in READ_ONLY}


#: Fields of every answer that are passed over in what is sent.
READ_ONLY: Final = frozenset(
    name for name, field in WebhookSchema().fields.items() if field.dump_only
)
