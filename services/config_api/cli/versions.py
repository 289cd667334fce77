"""`relaybook version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Final

import click

from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.language import N_
from services.config_api.http.description import product_version

if TYPE_CHECKING:
    from services.config_api.cli.session import Session

LIBRARIES: Final = ("flask", "sqlalchemy", "kombu", "granian", "cryptography")


@click.command(cls=TeachingCommand, help=N_("Print the versions in use."))
@click.pass_obj
def version(session: Session) -> None:
    """Print a line a part."""
    libraries = {name: version_of(name) for name in LIBRARIES}
    versions = {"relaybook": product_version(), "python": platform.python_version(), **libraries}
    if session.json:
        session.output.document(versions)
    else:
        session.output.pairs(versions)
