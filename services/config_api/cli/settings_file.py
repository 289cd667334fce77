"""`relaybook settings diff|apply`: a file of settings against what is in force."""

from __future__ import annotations

import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import click

from services.config_api.cli.applied import Applied, Diff, Planned
from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.failures import Refused
from services.config_api.cli.files import format_option, opened_source, passphrase_options
from services.config_api.cli.language import N_, tr
from services.config_api.cli.plan_request import ImportRequest, plan_of
from services.config_api.cli.plan_shown import PlanJson, counts_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.config_api.cli.client import Client
    from services.config_api.cli.session import Session


@click.command(
    "diff",
    cls=TeachingCommand,
    help=N_("Show what applying a file would change."),
    more=N_(
        "A setting that differs is shown as a unified diff; settings that the file does not name"
        " are left alone. Secrets are only said to be changed. Exit codes: 0 nothing differs, 1"
        " something differs, or the file is invalid."
    ),
    examples=(
        "relaybook settings diff settings.yaml",
        "relaybook settings diff settings.json.age --passphrase-file passphrase",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True), help=N_("The file; - reads stdin."))
@format_option
@passphrase_options
@click.pass_obj
def diff(session: Session, /, file: str, **how: Any) -> int:  # noqa: ANN401 -- options of the file
    """Print the differences and return whether there are any."""
    printer = PlanJson(sys.stdout) if session.json else Diff(session.output, file)
    with opened_source(file, **how) as source:
        request = ImportRequest(source=source, mode="update", dry_run=True)
        plan = plan_of(connect(session), request, printer)
    _require_valid(plan)
    return 1 if _changes(plan) else 0


@click.command(
    "apply",
    cls=TeachingCommand,
    help=N_("Bring the settings of a file into force."),
    more=N_(
        "Registers what is not there and changes what differs, all or nothing; settings that the"
        " file does not name are left alone. Plans first, and asks on a terminal before it changes"
        " anything. A second run finds everything unchanged. A setting that moves to another"
        " destination without a password in the file loses the stored one."
    ),
    examples=(
        "relaybook settings apply settings.yaml",
        "relaybook settings apply settings.yaml --dry-run",
        "relaybook export | jq … | relaybook settings apply - --format json",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True), help=N_("The file; - reads stdin."))
@click.option("--dry-run", is_flag=True, help=N_("Show what would happen; change nothing."))
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@format_option
@passphrase_options
@click.pass_obj
def apply(session: Session, /, file: str, dry_run: bool, yes: bool, **how: Any) -> None:  # noqa: ANN401, FBT001 -- options
    """Plan, ask, do, and print a line a setting."""
    client = connect(session)
    with (
        tempfile.SpooledTemporaryFile(mode="w+", max_size=2**23, encoding="utf-8") as spool,
        opened_source(file, **how) as source,
    ):
        planned = Planned(session.output, spool, dry_run=dry_run)
        request = ImportRequest(source=source, mode="update", dry_run=True)
        plan = plan_of(client, request, planned)
        _require_valid(plan)
        if not dry_run and _changes(plan):
            _confirm(plan, yes=yes)
            _carry_out(session, client, ImportRequest(source=source, mode="update"))
            return
        spool.seek(0)
        shutil.copyfileobj(spool, sys.stdout)


def _carry_out(session: Session, client: Client, request: ImportRequest) -> None:
    printer = PlanJson(sys.stdout) if session.json else Applied(session.output, sys.stdout)
    plan_of(client, request, printer)


def _changes(plan: Mapping[str, Any]) -> int:
    return int(plan["counts"]["create"] + plan["counts"]["overwrite"])


def _require_valid(plan: Mapping[str, Any]) -> None:
    invalid = plan["counts"]["invalid"]
    if invalid:
        raise Refused(
            tr("The file cannot be applied: {count} settings in it are invalid.", count=invalid),
            advice=tr("Nothing was changed."),
        )


def _confirm(plan: Mapping[str, Any], *, yes: bool) -> None:
    """Ask where somebody can answer; a pipe has decided already, as with kubectl."""
    if yes or not sys.stdin.isatty():
        return
    words = counts_words(plan["counts"])
    if not click.confirm(tr("{counts}. Apply?", counts=words), err=True):
        raise Refused(tr("Nothing was changed."))
