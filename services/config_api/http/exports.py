"""Exports: settings as a file, with their secrets only in one that is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Response

from services.config_api.application.exports import ExportRequest
from services.config_api.domain.secret import Secret
from services.config_api.formats.age import CONTENT_TYPE as AGE
from services.config_api.formats.names import SUFFIXES
from services.config_api.formats.registry import FORMATS
from services.config_api.formats.schema_errors import read_shape
from services.config_api.http.auth import current_caller
from services.config_api.http.bodies import JSON, json_body
from services.config_api.http.commands import query_context, refuse_unknown_parameters
from services.config_api.http.current import relaybook
from services.config_api.http.failures import field_errors
from services.config_api.http.file_examples import FILES
from services.config_api.http.guard import requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.operation import Body, Good, Operation
from services.config_api.http.passphrases import passphrase_errors
from services.config_api.http.problems import Problem, invalid
from services.config_api.http.resources import EXPORTS
from services.config_api.http.schemas.exports import EXPORT_REQUEST, SEALED

if TYPE_CHECKING:
    from datetime import datetime

    from services.config_api.application.exports import ExportFile
    from services.config_api.formats.port import Format

_EXPORT = Operation(
    method="POST",
    rule="/exports",
    access=requires("operator"),
    good=[
        Good(
            status=200,
            description="The file. One with secrets is a whole age file (`application/age`).",
            schema="File",
            also={one.content_type: "File" for one in FORMATS.values()} | {AGE: "File"},
            headers=("Content-Disposition",),
            examples=FILES,
        )
    ],
    problems=("default-protected",),
    body=Body(
        media_types=(JSON,),
        schema="ExportRequest",
        example={"ids": None, "format": "json", "secrets": "none"},
    ),
    kind=Kind(unkept=True),
)
_SUFFIX_OF: Final = {name: suffix for suffix, name in reversed([*SUFFIXES.items()])}


@EXPORTS.serve(_EXPORT)
def export_smtp_settings() -> Response:
    """Write settings to a file, never default ones."""
    refuse_unknown_parameters()
    asked = _request()
    ctx = query_context()
    file = relaybook().exports.make(asked, current_caller().principal, ctx)
    return export_response(file, asked, ctx.at)


def _request() -> ExportRequest:
    document = json_body()
    sealed = isinstance(document, dict) and document.get("secrets") == SEALED
    if sealed and not current_caller().principal.may("credentials"):
        raise Problem("forbidden", "role_missing", facts={"roles": "credentials"})
    fields, errors = read_shape(EXPORT_REQUEST, document)
    if sealed and not any(error.pointer == "/passphrase" for error in errors):
        errors = (*errors, *passphrase_errors(fields.get("passphrase")))
    if errors:
        raise invalid(field_errors(errors))
    return _read(fields, sealed=sealed)


def _read(fields: dict[str, Any], *, sealed: bool) -> ExportRequest:
    ids = fields.get("ids")
    return ExportRequest(
        ids=None if ids is None else tuple(ids),
        format=FORMATS[fields["format"]],
        passphrase=Secret(fields["passphrase"]) if sealed else None,
        lossy=fields["lossy"],
    )


def export_response(file: ExportFile, asked: ExportRequest, at: datetime) -> Response:
    """Return a file as something to keep, named after when it was made."""
    content_type = AGE if asked.is_sealed else asked.format.content_type
    response = Response(file.pieces(), content_type=content_type)
    response.call_on_close(file.close)
    response.content_length = file.size
    name = _file_name(asked.format, at) + (".age" if asked.is_sealed else "")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _file_name(file_format: Format, at: datetime) -> str:
    return f"smtp-settings-{at:%Y%m%dT%H%M%SZ}{_SUFFIX_OF[file_format.name]}"
