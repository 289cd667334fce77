"""`relaybook projections`: whether the read model is complete, and making it anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.language import N_, tr
from services.config_api.cli.opened import opened
from services.config_api.read_model import rebuild as read_model

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


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
        " Exit code 1 where a row differed from the events."
    ),
)
@click.pass_obj
def rebuild(session: Session) -> int:
    """Rebuild, print what was found and return the exit code."""
    with opened(session) as relaybook:
        report = read_model.rebuild(relaybook.engine, relaybook.store)
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
    return 1 if report.differing else 0
