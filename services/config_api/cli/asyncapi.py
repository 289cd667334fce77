"""`relaybook asyncapi`: the description of the bus without a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from events.bus.asyncapi import asyncapi_document
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.language import N_
from services.config_api.http.description import product_version

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


@click.command(
    cls=TeachingCommand,
    help=N_("Print the description of the bus."),
    more=N_("AsyncAPI 3; a running service answers the same at /v1/asyncapi.json."),
)
@click.pass_obj
def asyncapi(session: Session) -> None:
    """Print the AsyncAPI document."""
    session.output.document(asyncapi_document(product_version()))
