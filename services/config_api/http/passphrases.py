"""The passphrase of a sealed file: how it is sent, and what is refused."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from flask import request

from services.config_api.domain.characters import has_control_characters
from services.config_api.domain.field_errors import FieldError
from services.config_api.domain.secret import Secret
from services.config_api.http.failures import wrong
from services.config_api.http.idempotency import PASSPHRASE_HEADER

#: Begins a header that is percent-encoded UTF-8 (RFC 8187, without a language).
ENCODED: Final = "UTF-8''"
LEAST: Final = 12
MOST: Final = 256
_FIELD: Final = "/passphrase"


def sent_passphrase() -> Secret:
    """Return the passphrase of the request's header; raises Problem.

    One beyond ASCII comes as RFC 8187 has it, `UTF-8''%E5%90%88…`: servers drop such a header
    where its bytes stand in it as they are.
    """
    text = request.headers.get(PASSPHRASE_HEADER, "")
    try:
        if text[: len(ENCODED)].upper() == ENCODED:
            text = unquote(text[len(ENCODED) :], errors="strict")
        else:
            text = text.encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise wrong(f"#{PASSPHRASE_HEADER}", "passphrase_not_utf8") from error
    if not text:
        raise wrong(f"#{PASSPHRASE_HEADER}", "passphrase_missing")
    return Secret(text)


def wrong_passphrase(place: str = f"#{PASSPHRASE_HEADER}") -> Exception:
    """Return the refusal of a passphrase that does not open the file."""
    return wrong(place, "passphrase_wrong")


def passphrase_errors(text: str | None) -> tuple[FieldError, ...]:
    """Return what is wrong with the passphrase of a new sealed file.

    One that a header could not carry would seal a file for good.
    """
    if not text:
        return (_error("passphrase_missing"),)
    if len(text) < LEAST:
        return (_error("passphrase_short", least=LEAST),)
    if len(text) > MOST:
        return (_error("too_long", limit=MOST),)
    if has_control_characters(text) or text != text.strip():
        return (_error("passphrase_blanks"),)
    return ()


def _error(code: str, **facts: object) -> FieldError:
    return FieldError(pointer=_FIELD, code=code, facts=facts)
