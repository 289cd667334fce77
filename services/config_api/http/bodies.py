"""Bodies of requests: their media type, their size, strict JSON, files put aside."""

from __future__ import annotations

import hashlib
import io
import os
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from flask import Request, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from services.config_api.formats.document import strict_json
from services.config_api.formats.schema import Shape
from services.config_api.formats.schema_errors import read_shape
from services.config_api.http.failures import field_errors
from services.config_api.http.problems import Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Collection

    from marshmallow import Schema

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
USUAL_LIMIT = 10 * 1024 * 1024
FORM_LIMIT = 64 * 1024
FILE_LIMIT = 200 * 1024 * 1024
_CHUNK = 64 * 1024
_NOTHING = Shape()


def too_large(limit: int) -> Problem:
    """Return the refusal of a body above the limit."""
    return Problem("payload-too-large", "too_large", facts={"limit": limit})


def limit_body(limit: int) -> None:
    """Set the most bytes that the request's body may have.

    Werkzeug cuts a body of unknown length off at its own limit without a word, so that one byte
    more is let through to tell a body that is too large from one that just fits.
    """
    request.max_content_length = limit + 1


def body_limit() -> int:
    """Return the most bytes that the request's body may have."""
    return (request.max_content_length or USUAL_LIMIT + 1) - 1


def require_size() -> None:
    """Refuse a body that says it is larger than the route takes; it is not read."""
    if (request.content_length or 0) > body_limit():
        raise too_large(body_limit())


def refuse_encoding() -> None:
    """Refuse a body with a content coding: what it would unpack to has no limit."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("unsupported-media-type", "content_encoding")


def require_type(accepted: Collection[str]) -> str:
    """Return the request's media type; raises Problem where it is none of the accepted ones."""
    refuse_encoding()
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in accepted or charset not in {"utf-8", "utf8"}:
        facts = {"accepted": ", ".join(accepted)}
        headers = {"Accept-Post" if request.method == "POST" else "Accept": ", ".join(accepted)}
        raise Problem("unsupported-media-type", "media_type", facts=facts, headers=headers)
    return request.mimetype


def body_bytes() -> bytes:
    """Return the body, kept for whoever asks again; raises Problem where it is too large."""
    try:
        body = request.get_data(cache=True)
    except RequestEntityTooLarge as error:
        raise too_large(body_limit()) from error
    if len(body) > body_limit():
        raise too_large(body_limit())
    return body


def json_body(accepted: Collection[str] = (JSON,)) -> Any:  # noqa: ANN401 -- any JSON value
    """Return the JSON value of the body.

    Raises, in this order, Problem for its size and its type, and MalformedDocument.
    """
    require_size()
    body = body_bytes()
    require_type(accepted)
    return strict_json(body)


def json_fields(schema: Schema) -> dict[str, Any]:
    """Return the fields of the JSON object of the body by their schema.

    Raises Problem as `json_body`, and `validation-failed` with everything that is wrong.
    """
    fields, errors = read_shape(schema, json_body())
    if errors:
        raise invalid(field_errors(errors))
    return fields


def no_fields() -> None:
    """Take no body, or an empty JSON object."""
    require_size()
    if body_bytes():
        json_fields(_NOTHING)


def file_body() -> BinaryIO:
    """Return the body put aside, so that a slow sender holds no transaction open.

    Its hash is kept for `body_sha256`. Raises Problem where it is too large.
    """
    if "file" not in g:
        aside = off_disk()
        with ExitStack() as unless_whole:
            unless_whole.callback(aside.close)
            g.file_digest = _put_aside(aside)
            unless_whole.pop_all()
        g.file = aside
    g.file.seek(0)
    return cast("BinaryIO", g.file)


def off_disk() -> IO[bytes]:
    """Return a new file that lies in memory only: what is put aside may hold passwords."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("relaybook-body"), "w+b")
    return io.BytesIO()


class OffDiskRequest(Request):
    """A request whose uploaded files never touch a disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        return off_disk()


def _put_aside(aside: IO[bytes]) -> bytes:
    """Copy the body and return its hash."""
    digest = hashlib.sha256()
    size = 0
    try:
        while chunk := request.stream.read(_CHUNK):
            size += len(chunk)
            if size > body_limit():
                raise too_large(body_limit())
            digest.update(chunk)
            aside.write(chunk)
    except RequestEntityTooLarge as error:
        raise too_large(body_limit()) from error
    return digest.digest()


def body_sha256() -> bytes:
    """Return the SHA-256 of the body, of a file that was put aside or of the rest."""
    if "file" in g:
        digest: bytes = g.file_digest
        return digest
    return hashlib.sha256(body_bytes()).digest()


def close_file() -> None:
    """Let go of a body that was put aside."""
    aside = g.pop("file", None)
    if aside is not None:
        aside.close()
