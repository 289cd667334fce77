"""The shape of a setting document (contract §3), whole and as a merge patch.

Which values are taken is for the rules of `make_draft`: options and bounds here describe them. What
is missing is for them too, since they know the defaults, so that documents are read as partial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, pre_load

from services.config_api.domain.auth_fields import MECHANISMS, METHODS
from services.config_api.domain.host import MAX_PORT
from services.config_api.domain.setting_fields import MAX_TIMEOUT_MS, SECURITIES, TLS_PROTOCOLS
from services.config_api.domain.setting_id import PATTERN
from services.config_api.formats.schema import (
    Array,
    Flag,
    Integer,
    Map,
    NullableShape,
    Object,
    Port,
    Shape,
    Text,
    Word,
)


def _milliseconds() -> Integer:
    return Integer(allow_none=True, metadata={"minimum": 1, "maximum": MAX_TIMEOUT_MS})


def _answered() -> fields.Raw:
    """Return a field of answers only: it is passed over, whatever it holds."""
    return fields.Raw(dump_only=True)


class AuthSchema(Shape):
    """Who signs in, and how."""

    method = Word(METHODS)
    user = Text(allow_none=True)
    password = Text(allow_none=True, load_only=True)
    mechanism = Word(MECHANISMS, allow_none=True)
    provider_id = Text(allow_none=True)


class SettingSchema(Shape):
    """A setting as it is sent; `id` may be left out where the path names it."""

    id = Text(required=True, metadata={"pattern": f"^{PATTERN}$"})
    host = Text(required=True)
    port = Port(metadata={"minimum": 1, "maximum": MAX_PORT})
    security = Word(SECURITIES)
    tls_protocols = Array(Word(TLS_PROTOCOLS))
    ca_pem = Text(allow_none=True)
    auth = Object(AuthSchema)
    x_mailer = Text(allow_none=True)
    debug = Flag()
    connection_timeout_ms = _milliseconds()
    timeout_ms = _milliseconds()
    session_properties = Map(values=Text(allow_none=True))

    host_unicode = _answered()
    is_default = _answered()
    origin = _answered()
    version = _answered()
    secret = _answered()
    created_at = _answered()
    updated_at = _answered()
    updated_by = _answered()
    last_test = _answered()

    @pre_load
    def pass_over(self, document: Any, **_options: Any) -> Any:  # noqa: ANN401 -- unchecked
        """Leave out what only answers hold, which marshmallow would refuse as unknown."""
        if not isinstance(document, Mapping) or READ_ONLY.isdisjoint(document):
            return document
        return {name: value for name, value in document.items() if name not in READ_ONLY}


class AuthPatchSchema(NullableShape, AuthSchema):
    """A merge patch of who signs in."""


class SettingPatchSchema(NullableShape, SettingSchema):
    """A merge patch of a setting; null asks for the default, or is the value."""

    auth = Object(AuthPatchSchema)


#: Fields of every answer that are passed over in what is sent.
READ_ONLY: Final = frozenset(
    name for name, field in SettingSchema().fields.items() if field.dump_only
)
