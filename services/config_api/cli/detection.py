"""`relaybook detect`: which server a domain hands mail in at, and what speaks for it."""

from __future__ import annotations

from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import click

from events.diagnosis import UNSETTLED
from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.language import N_, tr
from services.config_api.cli.output import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.config_api.cli.client import Client
    from services.config_api.cli.output import Output
    from services.config_api.cli.session import Session

DETECTIONS: Final = "/v1/detections"
FOUND, NOTHING_FOUND, UNDECIDED = 0, 1, 3
_AGAIN_S: Final = 0.3


@click.command(
    cls=TeachingCommand,
    help=N_("Find the mail server of a domain."),
    more=N_(
        "Looks into the domain's DNS (SRV, MX), the configuration that it publishes for mail"
        " programs, and tries the usual names and ports; proposals come best first, each with what"
        " speaks for it. Exit codes: 0 found, 1 nothing found, 3 nobody could tell."
    ),
    examples=("relaybook detect acme.example", "relaybook detect acme.example --json"),
)
@click.argument("domain", help=N_("The domain, what follows the @ of e-mail addresses."))
@click.pass_obj
def detect(session: Session, /, domain: str) -> int:
    """Run one detection and return its exit code."""
    client = connect(session)
    asked = client.write("POST", DETECTIONS, {"domain": domain}).document
    with _shown_waiting(session.output):
        found = _ended(client, asked)
    if session.json:
        session.output.document(found)
    else:
        _report(session.output, found)
    if found["proposals"]:
        return FOUND
    unsettled = any(note["code"] in UNSETTLED for note in found["notes"])
    return UNDECIDED if unsettled else NOTHING_FOUND


def _ended(client: Client, detection: dict[str, Any]) -> dict[str, Any]:
    path = f"{DETECTIONS}/{quote(detection['id'], safe='')}"
    while detection["state"] != "completed":
        sleep(_AGAIN_S)
        detection = client.get(path).document
    return detection


@contextmanager
def _shown_waiting(output: Output) -> Iterator[None]:
    """Tell on a terminal that something is being done."""
    if output.as_json or not output.on_terminal:
        yield
        return
    from services.config_api.cli.drawing import waiting  # noqa: PLC0415 -- rich loads slowly

    with waiting(tr("Looking for the mail server … Ctrl-C stops waiting.")):
        yield


def _report(output: Output, found: Mapping[str, Any]) -> None:
    for number, proposal in enumerate(found["proposals"], start=1):
        server = f"{proposal['host']}:{proposal['port']} {proposal['security']}"
        output.line(plain(f"{number}. {server}"))
        for one in proposal["evidence"]:
            output.line(plain(f"   {one['title']}"))
    for note in found["notes"]:
        output.note(plain(note["title"]))
    if not found["proposals"]:
        output.note(tr("No mail server was found for {domain}.", domain=found["domain"]))
