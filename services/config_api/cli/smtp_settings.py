"""`relaybook settings`: the commands that read and change SMTP settings over HTTP."""

from __future__ import annotations

from typing import Final

import click

from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.language import N_

_CLI: Final = "services.config_api.cli"
_READ: Final = f"{_CLI}.settings_read"
_WRITE: Final = f"{_CLI}.settings_write"
_FILE: Final = f"{_CLI}.settings_file"

#: Every command: where it is, and its summary, which its own help repeats.
COMMANDS: Final = {
    "list": (f"{_READ}:list_", N_("List the settings.")),
    "get": (f"{_READ}:get", N_("Show one setting.")),
    "effective": (f"{_READ}:effective", N_("Show the setting that applies to a tenant.")),
    "history": (f"{_CLI}.settings_history:history", N_("Show what happened to a setting.")),
    "register": (f"{_WRITE}:register", N_("Register a setting.")),
    "update": (f"{_WRITE}:update", N_("Change a setting.")),
    "restore": (f"{_WRITE}:restore", N_("Bring back an earlier version of a setting.")),
    "delete": (f"{_WRITE}:delete", N_("Delete a setting.")),
    "diff": (f"{_FILE}:diff", N_("Show what applying a file would change.")),
    "apply": (f"{_FILE}:apply", N_("Bring the settings of a file into force.")),
}


@click.group(
    cls=TeachingGroup,
    lazy=COMMANDS,
    help=N_("Read and change SMTP settings."),
    more=N_("The ID is the tenant's; `default` is the setting of tenants without one."),
)
def settings() -> None:
    """Hold the commands above."""
