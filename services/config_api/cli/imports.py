"""`relaybook import`: reads a file of settings, says what it does, and does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.files import format_option, opened_source, passphrase_options
from services.config_api.cli.language import N_
from services.config_api.cli.named import no_headers
from services.config_api.cli.plan_request import ImportRequest, plan_of
from services.config_api.cli.plan_shown import plan_printer

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


@click.command(
    "import",
    cls=TeachingCommand,
    help=N_("Import settings from a file."),
    more=N_(
        "All or nothing: one invalid setting refuses the whole file, unless --skip-invalid leaves"
        " it out. --dry-run shows the plan, field by field, and changes nothing. Formats by suffix:"
        " .xml (javamail), .json, .yaml, .csv; with .age behind it the file is sealed and needs its"
        " passphrase. Exit code 1 where the file is, or would be, refused."
    ),
    examples=(
        "relaybook import javamail-config.xml --mode new --dry-run",
        "relaybook import javamail-config.xml --mode update",
        "relaybook import settings.json.age --mode update --ask-passphrase",
        "curl -s https://example.com/settings.csv | relaybook import - --format csv --mode new",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True), help=N_("The file; - reads stdin."))
@click.option(
    "--mode",
    required=True,
    type=click.Choice(["new", "update"]),
    help=N_("new: only settings that do not exist yet; update: overwrite as well."),
)
@click.option("--dry-run", is_flag=True, help=N_("Show what would happen; change nothing."))
@click.option("--skip-invalid", is_flag=True, help=N_("Leave invalid settings out."))
@format_option
@passphrase_options
@no_headers
@click.pass_obj
def import_(
    session: Session,
    /,
    file: str,
    mode: str,
    dry_run: bool,  # noqa: FBT001 -- an option
    skip_invalid: bool,  # noqa: FBT001 -- an option
    **how: Any,  # noqa: ANN401 -- options of the file
) -> int:
    """Send the file and print the plan or the result."""
    with opened_source(file, **how) as source:
        request = ImportRequest(
            source=source, mode=mode, dry_run=dry_run, skip_invalid=skip_invalid
        )
        plan = plan_of(connect(session), request, plan_printer(session.output))
    return 1 if plan["counts"]["invalid"] and not skip_invalid else 0
