"""What is sent, by its name in OpenAPI; what only HTTP takes has its shape here."""

from __future__ import annotations

from typing import get_args

from marshmallow import Schema, ValidationError

from events.access import Role
from events.connection_test import Depth
from services.config_api.domain.setting_id import PATTERN, is_setting_id
from services.config_api.domain.user import LEAST_CHARACTERS, MOST_CHARACTERS
from services.config_api.formats.schema import Shape, Text
from services.config_api.formats.schema_errors import message
from services.config_api.formats.schema_provider import ProviderSchema
from services.config_api.formats.schema_setting import (
    AuthPatchSchema,
    AuthSchema,
    SettingPatchSchema,
    SettingSchema,
)
from services.config_api.formats.schema_webhook import WebhookSchema
from services.config_api.http.schemas.exports import EXPORT_REQUEST
from services.config_api.http.schemas.fields import (
    Texts,
    Unread,
    choice,
    choices,
    line,
    positive,
)

_MOST_DAYS = 3650
#: What `domain.user` takes for a password, as far as a pattern can tell.
_NO_CONTROLS = "^[^\\u0000-\\u001f\\u007f-\\u009f\\ufffe\\uffff]+$"
_ID_IN_PATH = SettingSchema(partial=("id",))


def _is_tenant(name: str) -> None:
    if not is_setting_id(name):
        raise ValidationError(message("id_invalid"))


class _TokenRequest(Shape):
    """What a token is issued for."""

    name = line(required=True)
    roles = choices(get_args(Role), required=True)
    tenants = Texts(
        Text(validate=_is_tenant, metadata={"pattern": f"^{PATTERN}$"}), allow_none=True
    )
    days = positive(most=_MOST_DAYS, allow_none=True)


class _UserRequest(Shape):
    """Who is to be a user; the rules of name and password are the domain's."""

    name = Text(required=True, metadata={"pattern": f"^{PATTERN}$"})
    password = Text(
        required=True,
        metadata={
            "minLength": LEAST_CHARACTERS,
            "maxLength": MOST_CHARACTERS,
            "pattern": _NO_CONTROLS,
            "writeOnly": True,
        },
    )
    roles = choices(get_args(Role), required=True)
    tenants = Texts(
        Text(validate=_is_tenant, metadata={"pattern": f"^{PATTERN}$"}), allow_none=True
    )


class _ConnectionTestRequest(Shape):
    """What is tested, and how far."""

    setting_id = line(allow_none=True)
    draft = Unread(_ID_IN_PATH, allow_none=True)
    depth = choice(get_args(Depth), load_default="auth")
    mail_from = line(allow_none=True)
    rcpt_to = line(allow_none=True)


class _DetectionRequest(Shape):
    """Which domain's mail server is wanted."""

    domain = line(required=True)


class _RestoreRequest(Shape):
    """Which version comes back, and the password that it gets instead of its own."""

    version = positive(required=True)
    password = Text(allow_none=True)


class _Claim(Shape):
    """Which attempt of a test is claimed."""

    attempt = positive(required=True)


TOKEN_REQUEST = _TokenRequest()
USER_REQUEST = _UserRequest()
CONNECTION_TEST_REQUEST = _ConnectionTestRequest()
DETECTION_REQUEST = _DetectionRequest()
CLAIM = _Claim()
RESTORE_REQUEST = _RestoreRequest()

#: A schema that others nest stands before them, so that they refer to it by this name.
REQUESTS: dict[str, Schema] = {
    "SmtpSettingAuth": AuthSchema(),
    "SmtpSettingAuthPatch": AuthPatchSchema(),
    "NewSmtpSetting": SettingSchema(),
    "SmtpSettingFields": _ID_IN_PATH,
    "SmtpSettingPatch": SettingPatchSchema(partial=True),
    "RestoreRequest": RESTORE_REQUEST,
    "NewOAuthProvider": ProviderSchema(),
    "OAuthProviderFields": ProviderSchema(partial=("id",)),
    "NewWebhook": WebhookSchema(),
    "TokenRequest": TOKEN_REQUEST,
    "UserRequest": USER_REQUEST,
    "ConnectionTestRequest": CONNECTION_TEST_REQUEST,
    "DetectionRequest": DETECTION_REQUEST,
    "Claim": CLAIM,
    "ExportRequest": EXPORT_REQUEST,
}
