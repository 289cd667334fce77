"""`relaybook projections`: whether the read model is complete, and making it anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.failures import Internal
from services.config_api.cli.language import N_, tr
from services.config_api.cli.opened import opened
from services.config_api.read_model import rebuild as read_model
from services.config_api.read_model.folding import UnfoldableEvent

if TYPE_CHECKING:
    from services.config_api.bootstrap import Relaybook
    from services.config_api.cli.session import Session
    from services.config_api.read_model.rebuild import RebuildReport


@click.group(cls=TeachingGroup, help=N_("Check and rebuild the read model."))
def projections() -> None:
    """Hold the commands below."""


@projections.command("status", help=N_("Show each projection and how far behind it is."))
@click.pass_obj
def status(session: Session) -> None:
    """Print a row a projection."""
    with opened(session) as relaybook:
        found = read_model.status(relaybook.engine, relaybook.store)
    if session.json:
        session.output.document({"items": [asdict(one) for one in found]})
        return
    head = (tr("Projection"), tr("Rows"), tr("Lag"))
    session.output.table(head, [(one.name, str(one.rows), str(one.lag)) for one in found])


@projections.command(
    "rebuild",
    help=N_("Make the read model anew from the events."),
    more=N_(
        "Folds all events beside the live rows, compares and swaps them in; the service may run."
        " Exit code 1 where a row differed from the events; 70 where an event cannot be folded,"
        " and then nothing is changed."
    ),
)
@click.pass_obj
def rebuild(session: Session) -> int:
    """Rebuild, print what was found and return the exit code."""
    with opened(session) as relaybook:
        report = _rebuilt(relaybook)
    if session.json:
        session.output.document(asdict(report))
    else:
        session.output.line(
            tr(
                "{rows} rows from the events in {seconds} s, {differing} differed.",
                rows=report.rows,
                seconds=f"{report.seconds:.1f}",
                differing=report.differing,
            )
        )
    if report.later:
        session.output.note(
            tr(
                "{count} streams hold events of a later release; their rows were left as they are.",
                count=report.later,
            )
        )
    return 1 if report.differing else 0


def _rebuilt(relaybook: Relaybook) -> RebuildReport:
    """Rebuild; raises Internal for an event that cannot be folded."""
    try:
        with relaybook.notices.changing(None):
            return read_model.rebuild(relaybook.engine, relaybook.store)
    except UnfoldableEvent as error:
        kind = f"{error.type} v{error.schema_version}"
        raise Internal(
            tr(
                "Stopped at position {position}: {type} in {stream} cannot be folded: {reason}",
                position=error.position,
                type=kind,
                stream=error.stream,
                reason=error.reason,
            ),
            advice=tr(
                "No row was changed. `relaybook audit export` and `audit verify` tell whether the"
                " event is the one that was recorded."
            ),
        ) from error
