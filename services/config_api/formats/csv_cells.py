"""The cells of a CSV file: columns of dotted fields, and texts that no spreadsheet calculates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from services.config_api.domain.session_properties import FIELD as PROPERTIES
from services.config_api.formats.strict_json import strict_json

COLUMNS: Final = (
    "id", "host", "host_unicode", "port", "security", "tls_protocols", "ca_pem",
    "auth.method", "auth.user", "auth.password", "auth.mechanism", "auth.provider_id",
    "x_mailer", "debug", "connection_timeout_ms", "timeout_ms", "session_properties",
)  # fmt: skip
_TIMEOUTS: Final = ("connection_timeout_ms", "timeout_ms")
_NO_LIMIT: Final = "null"
_GUARD: Final = "'"
_GUARDED: Final = re.compile("'*[=+\\-@\t\r]")
_DIGITS: Final = re.compile("-?[0-9]{1,10}")
_FLAGS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_BETWEEN: Final = re.compile(r"[\s,;]+")


def written_cell(column: str, value: Any) -> str:  # noqa: ANN401 -- a field's
    """Return the cell of a field; an empty one is the default, `null` a timeout without limit."""
    if value is None:
        return _NO_LIMIT if column in _TIMEOUTS else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return guarded(" ".join(value) if isinstance(value, list) else str(value))


def read_cell(column: str, cell: str) -> Any:  # noqa: ANN401 -- any JSON value
    """Return the value of a cell that is not empty, for the schema to check.

    Raises MalformedDocument for a cell of session properties that is not JSON.
    """
    text = unguarded(cell)
    read = _READ.get(column)
    return read(text.strip()) if read else text


def guarded(text: str) -> str:
    """Return the text of a cell so that no spreadsheet takes it for a formula (contract §8).

    A text that looks guarded is guarded once more, so that each comes back as it was.
    """
    return _GUARD + text if _GUARDED.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text that was guarded."""
    return cell[1:] if cell.startswith(_GUARD) and _GUARDED.match(cell) else cell


def _number(text: str) -> int | str:
    return int(text) if _DIGITS.fullmatch(text) else text


def _timeout(text: str) -> int | str | None:
    return None if text == _NO_LIMIT else _number(text)


def _flag(text: str) -> bool | str:
    return _FLAGS.get(text.lower(), text)


def _json(text: str) -> Any:  # noqa: ANN401 -- any JSON value
    return strict_json(text.encode())


#: Column → how its cell is read, without the blanks around it; other cells are texts.
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "port": _number,
    "security": str,
    "tls_protocols": _BETWEEN.split,
    "auth.method": str,
    "auth.mechanism": str,
    "debug": _flag,
    "connection_timeout_ms": _timeout,
    "timeout_ms": _timeout,
    PROPERTIES: _json,
}
