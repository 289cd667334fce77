"""The console script `relaybook`: its commands."""

from __future__ import annotations

import sys
from typing import Final

import click

from services.config_api.cli import language
from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.endings import ended
from services.config_api.cli.language import N_
from services.config_api.cli.session import Session

_CLI: Final = "services.config_api.cli"

#: Every command: where it is, and its summary, which its own help repeats.
COMMANDS: Final = {
    "up": (f"{_CLI}.up:up", N_("Run everything on this machine.")),
    "settings": (f"{_CLI}.smtp_settings:settings", N_("Read and change SMTP settings.")),
    "test": (f"{_CLI}.connection_test:test", N_("Test whether a setting works.")),
    "detect": (f"{_CLI}.detection:detect", N_("Find the mail server of a domain.")),
    "import": (f"{_CLI}.imports:import_", N_("Import settings from a file.")),
    "export": (f"{_CLI}.exports:export", N_("Export settings to a file.")),
    "events": (f"{_CLI}.events:events", N_("Read the recorded events.")),
    "serve": (f"{_CLI}.processes:serve", N_("Run the HTTP API and the web client.")),
    "relay": (f"{_CLI}.processes:relay", N_("Run the relay between the event log and the bus.")),
    "migrate": (f"{_CLI}.host:migrate", N_("Bring the database to this version's schema.")),
    "doctor": (f"{_CLI}.doctor:doctor", N_("Examine this host's set-up and say what to change.")),
    "config": (f"{_CLI}.host:config", N_("Show the configuration and where it came from.")),
    "tokens": (f"{_CLI}.tokens:tokens", N_("Make, list and revoke access tokens.")),
    "users": (f"{_CLI}.users:users", N_("Make, list and revoke users of the web client.")),
    "keys": (f"{_CLI}.keys:keys", N_("Show and rotate keys, destroy a tenant's.")),
    "projections": (f"{_CLI}.projections:projections", N_("Check and rebuild the read model.")),
    "audit": (
        f"{_CLI}.audit:audit",
        N_("Hand the log to auditors and verify it."),
    ),
    "openapi": (f"{_CLI}.openapi:openapi", N_("Print the description of the HTTP API.")),
    "asyncapi": (f"{_CLI}.asyncapi:asyncapi", N_("Print the description of the bus.")),
    "version": (f"{_CLI}.versions:version", N_("Print the versions in use.")),
}


def _override(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Let an option stand for the variable of its name."""
    if value is not None:
        ctx.ensure_object(Session).overrides[f"RELAYBOOK_{param.name.upper()}"] = value


@click.group(
    cls=TeachingGroup,
    lazy=COMMANDS,
    help=N_("Relaybook: the SMTP settings of your tenants, tested and recorded."),
    more=N_(
        "Commands that read or change settings speak to the service over HTTP; the others work on"
        " this host's data directory. Data goes to stdout, notes go to stderr. Exit codes: 0 done,"
        " 1 no, 2 usage, 69 not reachable, 70 internal error."
    ),
    examples=(
        "relaybook up --demo",
        "relaybook settings list",
        "relaybook test demo",
        'eval "$(_RELAYBOOK_COMPLETE=bash_source relaybook)"   # or zsh_source, fish_source',
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--url", callback=_override, expose_value=False,
              help=N_("Where the service is; otherwise RELAYBOOK_URL."))  # fmt: skip
@click.option("--data-dir", callback=_override, expose_value=False,
              help=N_("The data directory; otherwise RELAYBOOK_DATA_DIR, or ./var."))  # fmt: skip
@click.option("--log-level", callback=_override, expose_value=False,
              help=N_("debug, info, warning or error; otherwise RELAYBOOK_LOG_LEVEL."))  # fmt: skip
@click.pass_context
def root(ctx: click.Context) -> None:
    """Make the session of this run."""
    ctx.ensure_object(Session)


def run(arguments: list[str]) -> int:
    """Carry out one command line and return its exit code."""
    session = Session()
    language.use_environment(session.environment)
    with ended(session) as end:
        code = root.main(arguments, prog_name="relaybook", standalone_mode=False, obj=session)
        end.code = code if isinstance(code, int) else 0
    return end.code


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(run(sys.argv[1:]))
