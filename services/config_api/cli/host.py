"""Commands on the host about its database and its configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from services.config_api.bootstrap import migrate as migrate_database
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.configured import settings_of
from services.config_api.cli.language import N_, tr
from services.config_api.cli.opened import host_failures

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


@click.command(
    cls=TeachingCommand,
    help=N_("Bring the database to this version's schema."),
    more=N_("Uses RELAYBOOK_MIGRATION_DATABASE_URL. An up-to-date database is left as it is."),
)
@click.pass_obj
def migrate(session: Session) -> None:
    """Migrate."""
    settings = settings_of(session)
    os.umask(0o077)  # an embedded database holds what the tokens beside it protect
    with host_failures():
        migrate_database(settings)
    session.output.note(tr("The database has this version's schema."))


@click.command(
    cls=TeachingCommand,
    help=N_("Show the configuration and where it came from."),
    more=N_("Secrets are masked. Wrong values are listed all at once."),
)
@click.pass_obj
def config(session: Session) -> None:
    """Print a row a variable."""
    origins = settings_of(session).origins
    if session.json:
        session.output.document(
            {"items": [{"name": o.name, "value": o.value, "source": o.source} for o in origins]}
        )
        return
    head = (tr("Name"), tr("Value"), tr("Source"))
    session.output.table(head, [(one.name, one.value, one.source) for one in origins])
