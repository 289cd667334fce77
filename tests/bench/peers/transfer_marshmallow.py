"""Validates a file of settings by marshmallow alone, as its own guide has it.

The rules are those of a setting in an import, told by a place and a sentence: without what the
product says beside them (warnings, fixes, the word that was probably meant).
"""

from __future__ import annotations

import json
import re
import sys
from ipaddress import ip_address
from pathlib import Path
from time import monotonic, process_time
from typing import Any, Final

import idna
from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import And, Length, OneOf, Range, Regexp

from tests.bench._transfer_data import content

_NAME: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]*[a-z][a-z0-9_-]*"
)
_PLAIN: Final = Regexp(r"[^\x00-\x1f\x7f-\x9f]*\Z")
_MECHANISMS: Final = (
    "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER",
)  # fmt: skip
_TLS: Final = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_MILLISECONDS: Final = Range(1, 600_000)


def _is_host(text: str) -> None:
    if len(text) <= 253 and _NAME.fullmatch(text):
        return
    try:
        ip_address(text)
    except ValueError:
        try:
            idna.encode(text, uts46=True)
        except idna.IDNAError:
            raise ValidationError("not a host") from None


def _is_no_mask(text: str) -> None:
    if set(text) <= set("*•"):
        raise ValidationError("a mask")


class Auth(Schema):
    method = fields.String(
        load_default="none", validate=OneOf(("none", "password", "access_token"))
    )
    user = fields.String(allow_none=True, validate=And(Length(max=512), _PLAIN))
    password = fields.String(allow_none=True, validate=And(Length(1, 16_384), _PLAIN, _is_no_mask))
    mechanism = fields.String(allow_none=True, validate=OneOf(_MECHANISMS))
    provider_id = fields.String(allow_none=True, validate=And(Length(max=255), _PLAIN))

    @validates_schema
    def fits(self, auth: dict[str, Any], **_: Any) -> None:
        method = auth["method"]
        if method != "none" and not auth.get("user"):
            raise ValidationError("required", "user")
        if method == "access_token" and not auth.get("provider_id"):
            raise ValidationError("required", "provider_id")
        if method != "password" and auth.get("password"):
            raise ValidationError("without its method", "password")


class Setting(Schema):
    id = fields.String(required=True, validate=Regexp(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\Z"))
    host = fields.String(required=True, validate=_is_host)
    port = fields.Integer(strict=True, validate=Range(1, 65_535))
    security = fields.String(
        load_default="starttls", validate=OneOf(("none", "starttls", "implicit_tls"))
    )
    tls_protocols = fields.List(fields.String(validate=OneOf(_TLS)), validate=Length(max=16))
    ca_pem = fields.String(allow_none=True, validate=Length(max=262_144))
    auth = fields.Nested(Auth)
    x_mailer = fields.String(allow_none=True, validate=And(Length(max=512), _PLAIN))
    debug = fields.Boolean()
    connection_timeout_ms = fields.Integer(strict=True, allow_none=True, validate=_MILLISECONDS)
    timeout_ms = fields.Integer(strict=True, allow_none=True, validate=_MILLISECONDS)
    session_properties = fields.Dict(
        keys=fields.String(validate=And(Length(max=255), Regexp(r"mail\.[A-Za-z0-9.-]+\Z"))),
        values=fields.String(allow_none=True, validate=And(Length(max=4_096), _PLAIN)),
        validate=Length(max=256),
    )

    @validates_schema
    def agrees(self, setting: dict[str, Any], **_: Any) -> None:
        properties, security = setting.get("session_properties", {}), setting["security"]
        wants_tls = properties.get("mail.smtp.ssl.enable")
        if wants_tls is not None and (wants_tls == "true") != (security == "implicit_tls"):
            raise ValidationError("contradicts security", "session_properties")
        for name in ("mail.smtp.starttls.enable", "mail.smtp.starttls.required"):
            if properties.get(name) == "false" and security == "starttls":
                raise ValidationError("contradicts security", "session_properties")


def main() -> None:
    """Validate once; prints the time of the validation alone, and of reading the file."""
    began = process_time()
    document = json.loads(Path(sys.argv[1]).read_bytes())
    read = process_time() - began
    at, cpu = monotonic(), process_time()
    settings = Setting(many=True).load(document["settings"])
    took = {"seconds": monotonic() - at, "validation": process_time() - cpu, "reading": read}
    told = {"count": len(settings), "content": content(settings)}
    print(json.dumps(told | took))  # noqa: T201 -- its result


if __name__ == "__main__":
    main()
