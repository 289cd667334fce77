"""`relaybook events`: the recorded events, from the log's beginning or as they happen."""

from __future__ import annotations

import json
from itertools import islice
from time import sleep
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.failures import NotReachable
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import complete_subject, complete_type, no_headers
from services.config_api.cli.output import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from services.config_api.cli.client import Client
    from services.config_api.cli.output import Output
    from services.config_api.cli.session import Session

Command = TypeVar("Command", bound="Callable[..., Any]")
EVENTS: Final = "/v1/events"
_AGAIN_S: Final = 2.0
_WIDTHS: Final = (8, 27, 42, 28, 42, 0)  # events come one by one: nobody knows the longest yet


@click.group(
    cls=TeachingGroup,
    help=N_("Read the recorded events."),
    lazy={
        "replay": (
            "services.config_api.cli.replay:replay",
            N_("Show the settings as of a moment, and what led there, from the events alone."),
        )
    },
)
def events() -> None:
    """Hold the commands below."""


def _filters(command: Command) -> Command:
    for option in (
        click.option("--until", help=N_("Recorded before this RFC 3339 instant.")),
        click.option("--since", help=N_("Recorded at this RFC 3339 instant or later.")),
        click.option("--correlation", help=N_("Of this story: the correlation ID of its events.")),
        click.option("--actor", help=N_("Caused by this actor, such as token:…")),
        click.option(
            "--subject",
            shell_complete=complete_subject,
            help=N_("About this subject, such as smtp_setting/acme."),
        ),
        click.option(
            "--type",
            shell_complete=complete_type,
            help=N_("Of this type, such as smtp_setting.updated."),
        ),
        click.option("--after", type=click.IntRange(0), help=N_("Behind this position.")),
    ):
        command = option(command)
    return command


@events.command(
    "list",
    help=N_("List events, oldest first."),
    more=N_("With --json a line holds one CloudEvent."),
    examples=(
        "relaybook events list --subject smtp_setting/acme",
        "relaybook events list --type connection_test.completed --json | jq .data.result.code",
    ),
)
@click.option("--limit", type=click.IntRange(1), help=N_("At most so many."))
@_filters
@no_headers
@click.pass_obj
def list_(session: Session, /, limit: int | None, **filters: Any) -> None:  # noqa: ANN401 -- options
    """Print events to the end of the log."""
    lines = connect(session).lines(EVENTS, **filters)
    _print(session.output, map(json.loads, islice(lines, limit)))


@events.command(
    "tail",
    help=N_("Print events as they are recorded, until Ctrl-C."),
    more=N_("With --json a line holds one CloudEvent. A lost connection is taken up again."),
    examples=("relaybook events tail", "relaybook events tail --after 0 --json"),
)
@_filters
@no_headers
@click.pass_obj
def tail(session: Session, /, **filters: Any) -> None:  # noqa: ANN401 -- options
    """Follow the log."""
    _print(session.output, _followed(connect(session), session.output, filters))


def _followed(
    client: Client, output: Output, filters: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    newest: str | None = None
    connected = False
    while True:
        try:
            with client.stream(f"{EVENTS}/stream", last_id=newest, **filters) as stream:
                connected = True
                for one in stream:
                    newest = one.id
                    yield json.loads(one.data)
        except NotReachable:
            if not connected:
                raise
            output.note(tr("The connection was lost; trying again."))
        sleep(_AGAIN_S)


def _print(output: Output, found: Iterable[Mapping[str, Any]]) -> None:
    """Print events as they come: JSON lines, columns on a terminal, cells and tabs elsewhere."""
    for count, event in enumerate(found):
        if output.as_json:
            output.line(json.dumps(event, ensure_ascii=False))
            continue
        if count == 0:
            _print_cells(output, _head(), head=True)
        _print_cells(output, _cells(event))


def _print_cells(output: Output, cells: Sequence[str], *, head: bool = False) -> None:
    if head and not output.headers:
        return
    if output.on_terminal:
        columns = (f"{plain(cell):<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
        output.line("  ".join(columns).rstrip())
    else:
        output.row([cell.upper() for cell in cells] if head else cells)


def _head() -> Sequence[str]:
    return (tr("Position"), tr("Time"), tr("Type"), tr("Subject"), tr("Actor"), tr("Address"))


def _cells(event: Mapping[str, Any]) -> Sequence[str]:
    return (
        event["position"],
        event["time"],
        event["type"],
        event.get("subject", ""),
        event["actor"],
        event.get("sourceip", ""),
    )
