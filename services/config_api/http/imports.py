"""Imports of files of settings: the plan first, then all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast, get_args

from flask import Response, request

from events.transfer import ImportMode
from services.config_api.formats.age import CONTENT_TYPE as AGE
from services.config_api.formats.age import WrongPassphrase, unsealed
from services.config_api.formats.registry import FORMATS
from services.config_api.formats.written import encoded_chunks
from services.config_api.http.bodies import FILE_LIMIT, file_body, require_size, require_type
from services.config_api.http.commands import carried_out, query_context
from services.config_api.http.current import relaybook
from services.config_api.http.failures import wrong
from services.config_api.http.file_examples import FILES, IMPORT_PLAN, IMPORT_RESULT
from services.config_api.http.guard import requires
from services.config_api.http.idempotency import Kind
from services.config_api.http.language import asked_language
from services.config_api.http.operation import Body, Good, Operation
from services.config_api.http.passphrases import sent_passphrase, wrong_passphrase
from services.config_api.http.problems import Problem
from services.config_api.http.query import Query, boolean, choice, read_query
from services.config_api.http.resources import IMPORTS

if TYPE_CHECKING:
    from services.config_api.application.context import Answer, Context
    from services.config_api.application.imports import ImportAnswer, ImportPlan
    from services.config_api.formats.port import Format

_ANY_TYPE = "application/octet-stream"
_OPEN_ENDED = frozenset({"csv", "yaml"})
_TYPES = {one.content_type: one for one in FORMATS.values()} | {"text/xml": FORMATS["javamail"]}

_IMPORT = Operation(
    method="POST",
    rule="/imports",
    access=requires("operator", whole=True, body_limit=FILE_LIMIT),
    good=[
        Good(
            status=200,
            description="What the import would do.",
            schema="ImportPlan",
            example=IMPORT_PLAN,
        ),
        Good(
            status=201,
            description="What the import did.",
            schema="ImportPlan",
            example=IMPORT_RESULT,
        ),
    ],
    problems=("import-invalid",),
    query=(
        choice("mode", "`new` adds, `update` also overwrites.", *get_args(ImportMode),
               required=True),
        boolean("dry_run", "Only say what would happen.", default=False),
        boolean("skip_invalid", "Leave invalid settings out.", default=False),
        choice("format", "The file's format, if not by its content type; in a sealed file the"
               " format inside.", *sorted(FORMATS)),
    ),
    headers=("Passphrase",),
    body=Body(media_types=(*_TYPES, AGE, _ANY_TYPE), schema=None, examples=FILES),
    kind=Kind(file=True),
)  # fmt: skip


@IMPORTS.serve(_IMPORT)
def import_smtp_settings() -> Response:
    """Plan the import of a file, or carry it out."""
    require_size()
    file_format = _format()
    _require_end(file_format)
    asked = read_query(_IMPORT.query)
    if asked["dry_run"]:
        items = file_format.read(_opened())
        return plan_response(
            relaybook().imports.plan(items, mode=asked["mode"], ctx=query_context())
        )
    return carried_out(lambda ctx: _carry_out(file_format, asked, ctx), _imported)


def plan_response(plan: ImportPlan, status: int = 200) -> Response:
    """Return a plan as JSON that is made while it is sent."""
    body = encoded_chunks(plan.texts(asked_language()))
    return Response(body, status=status, content_type="application/json")


def _carry_out(file_format: Format, asked: Query, ctx: Context) -> ImportAnswer:
    return relaybook().imports.carry_out(
        file_format.read(_opened()),
        format_name=file_format.name,
        mode=asked["mode"],
        skip_invalid=asked["skip_invalid"],
        ctx=ctx,
    )


def _imported(answer: Answer) -> Response:
    return plan_response(cast("ImportAnswer", answer).plan, 201)


def _require_end(file_format: Format) -> None:
    """Refuse a file of unknown length in a format where a part of a file is a file, too.

    The server tells a sender that went away like one that has finished.
    """
    of_unknown_length = "Transfer-Encoding" in request.headers
    if of_unknown_length and request.mimetype != AGE and file_format.name in _OPEN_ENDED:
        raise Problem("malformed", "length_needed")


def _opened() -> BinaryIO:
    """Return the file, opened where it is sealed; raises Problem, MalformedFile."""
    if request.mimetype != AGE:
        return file_body()
    passphrase = sent_passphrase()
    try:
        return unsealed(file_body(), passphrase)
    except WrongPassphrase as error:
        raise wrong_passphrase() from error


def _format() -> Format:
    """Return the format that `?format=` names, otherwise the one of the content type."""
    named = FORMATS.get(request.args.get("format", ""))
    if request.mimetype == AGE and "format" not in request.args:
        require_type((AGE,))
        raise wrong("?format", "format_of_sealed")
    media_type = require_type((*_TYPES, AGE, _ANY_TYPE) if named else (*_TYPES, AGE))
    return named or _TYPES.get(media_type, FORMATS["json"])
