"""Sends a file of settings and reads the plan or the result of its import, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

import httpx

from services.config_api.cli.client import require_good
from services.config_api.cli.failures import Internal
from services.config_api.cli.json_text import BrokenOff, JsonText
from services.config_api.cli.language import tr
from services.config_api.cli.meter import metered
from services.config_api.cli.refusals import failure_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.config_api.cli.client import Client
    from services.config_api.cli.files import Source
    from services.config_api.cli.meter import Meter

IMPORTS: Final = "/v1/imports"
_AGE: Final = "application/age"
_FILE: Final = "application/octet-stream"  # `?format=` names what it is
_ENCODED: Final = "UTF-8''"
_PLAN: Final = "plan"
_ITEMS: Final = "items"


class PlanPrinter(Protocol):
    """Prints a plan while it comes in."""

    def item(self, item: Mapping[str, Any]) -> None:
        """Take one setting of the plan."""

    def end(self, facts: Mapping[str, Any]) -> None:
        """Take everything else of the plan once it is whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRequest:
    """What is asked of the service for a file."""

    source: Source
    mode: str
    dry_run: bool = False
    skip_invalid: bool = False


def plan_of(client: Client, request: ImportRequest, printer: PlanPrinter) -> dict[str, Any]:
    """Send the file, hand the plan over piece by piece, and return the rest of it.

    Raises what the client raises; a refusal that carries a plan has it printed first.
    """
    with metered(tr("Sending {file}", file=request.source.name)) as meter:
        meter.total(request.source.size)
        with client.exchange(
            IMPORTS,
            content=lambda: _sent(request.source, meter),
            headers=_headers(request.source),
            params={
                "mode": request.mode,
                "dry_run": request.dry_run,
                "skip_invalid": request.skip_invalid,
                "format": request.source.format_name,
            },
        ) as answer:
            if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
                require_good(answer)
            return _read(answer, meter, printer)


def _read(answer: httpx.Response, meter: Meter, printer: PlanPrinter) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    problem: dict[str, Any] = {}
    try:
        for path, value in _pieces(JsonText(answer.iter_text())):
            meter.end()
            inside = not answer.is_error or path[0] == _PLAN
            if inside and path[-1] == _ITEMS:
                printer.item(value)
            else:
                (facts if inside else problem)[path[-1]] = value
    except BrokenOff as error:
        raise Internal(tr("The answer of the service broke off.")) from error
    if facts:
        printer.end(facts)
    if answer.is_error:
        raise failure_from(answer.status_code, problem)
    return facts


def _pieces(text: JsonText, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the members of a plan, or of a problem with one, and each item by itself."""
    for name in text.members():
        here = (*path, name)
        if name == _PLAN and text.peek() == "{":
            yield from _pieces(text, here)
        elif name == _ITEMS and text.peek() == "[":
            for _ in text.elements():
                yield here, text.value()
        else:
            yield here, text.value()


def _sent(source: Source, meter: Meter) -> Iterator[bytes]:
    for chunk in source.chunks():
        yield chunk
        meter.moved(len(chunk))
    meter.waiting(tr("The service is deciding"))


def _headers(source: Source) -> dict[str, str]:
    headers = {
        "Content-Type": _FILE if source.passphrase is None else _AGE,
        "Content-Length": str(source.size),
    }
    if source.passphrase is not None:
        headers["Relaybook-Passphrase"] = _header_text(source.passphrase)
    return headers


def _header_text(passphrase: str) -> str:
    """Return a passphrase as a header carries it: beyond ASCII as RFC 8187 has it."""
    if passphrase.isascii() and not passphrase.upper().startswith(_ENCODED):
        return passphrase
    return _ENCODED + quote(passphrase, safe="")
