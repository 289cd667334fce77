"""`relaybook openapi`: the description of the HTTP API without a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.configured import settings_of
from services.config_api.cli.language import N_
from services.config_api.http.app import openapi_document

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


@click.command(
    cls=TeachingCommand,
    help=N_("Print the description of the HTTP API."),
    more=N_("OpenAPI 3.1; a running service answers the same at /v1/openapi.json."),
)
@click.pass_obj
def openapi(session: Session) -> None:
    """Print the OpenAPI document."""
    session.output.document(openapi_document(settings_of(session).base_url))
