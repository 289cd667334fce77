"""`relaybook audit`: the log as a bundle for auditors, and its verification without a service."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from events.sealing.checkpoint import checkpoint_in
from events.sealing.note import MalformedNote, VerifierKey
from events.sealing.verify import Mismatch, verify
from services.config_api.application.sealed_log.bundle import BundleRequest, NothingSealed
from services.config_api.application.sealed_log.packing import write_files
from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.failures import Refused, WrongUsage
from services.config_api.cli.language import N_, tr
from services.config_api.cli.opened import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.sealing.verify import Report
    from services.config_api.cli.session import Session

_REASONS: Final = {
    "unreadable": N_("The bundle cannot be read here: {detail}"),
    "signature": N_("No trusted key signed this: {what}"),
    "origin": N_("A checkpoint belongs to another log."),
    "order": N_("The positions do not increase."),
    "leaf": N_("This is not what was sealed here."),
    "content": N_("The event is not the one that was recorded."),
    "missing_event": N_("The event is missing."),
    "unsealed": N_("The event was never sealed."),
    "gap": N_("An earlier version of the event's stream is missing."),
    "root": N_("From here on the log is not the one whose checkpoint has {size} leaves."),
    "rolled_back": N_("The log ends before an earlier checkpoint, which has {size} leaves."),
    "begins_later": N_("The bundle begins behind an earlier checkpoint, which has {size} leaves."),
    "manifest": N_("The bundle does not hold what its manifest says."),
}


@click.group(
    cls=TeachingGroup,
    help=N_("Hand the log to auditors and verify it."),
)
def audit() -> None:
    """Hold the commands below."""


@audit.command(
    "export",
    help=N_("Write the whole sealed log into a folder that proves itself."),
    more=N_(
        "The folder holds the tree over every event, the events, and the program that verifies"
        " both. With --tenant only these tenants' events are shown; the tree stays whole."
    ),
    examples=(
        "relaybook audit export -o audit-2026-11",
        "relaybook audit export -o for-acme --tenant acme",
    ),
)
@click.option("-o", "--output", "folder", required=True, metavar="DIR",
              type=click.Path(file_okay=False, path_type=Path),
              help=N_("A folder that is new or empty."))  # fmt: skip
@click.option("--tenant", "tenants", multiple=True,
              help=N_("Only this tenant's events; may be repeated."))  # fmt: skip
@click.option("--since", type=click.IntRange(0), default=0,
              help=N_("Leaves and events from about this position on."))  # fmt: skip
@click.pass_obj
def export(session: Session, /, folder: Path, tenants: tuple[str, ...], since: int) -> None:
    """Write a bundle and print the key that verifies it."""
    with opened(session) as relaybook:
        request = BundleRequest(tenants=frozenset(tenants) or None, since=since)
        try:
            write_files(relaybook.log.bundles.files(request), folder)
        except NothingSealed as error:
            raise Refused(
                tr("Nothing is sealed yet."), advice=tr("Is `relaybook relay` or `up` running?")
            ) from error
        except OSError as error:
            raise WrongUsage(tr("The folder cannot be written: {reason}", reason=error)) from error
        vkey = relaybook.log.keys.newest().verifier.text
    if session.json:
        session.output.document({"folder": str(folder), "vkey": vkey})
        return
    session.output.line(vkey)
    session.output.note(tr("Hand this key to the auditor by another way than the folder."))


@audit.command(
    "verify",
    help=N_("Verify a bundle, without a service, a database or a network."),
    more=N_(
        "Exit code 0 where everything fits, otherwise 1 with the first position that does not."
        " Without --key the bundle's own key is trusted, so that only what was changed afterwards"
        " is found. With --since a checkpoint that was kept must be in the log as it is now."
    ),
    examples=(
        "relaybook audit verify audit-2026-11 --key relaybook/0f1e…+3ea0a3f5+AX6y…",
        "relaybook audit verify audit-2026-11 --since audit-2026-10/checkpoint",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, path_type=Path),
                help=N_("The bundle's folder."))  # fmt: skip
@click.option("--key", "keys", multiple=True, metavar="VKEY",
              help=N_("A verifier key that you got another way; may be repeated."))  # fmt: skip
@click.option("--since", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help=N_("A file with an earlier checkpoint."))  # fmt: skip
@click.pass_obj
def verify_(session: Session, /, folder: Path, keys: tuple[str, ...], since: Path | None) -> int:
    """Verify and return the exit code."""
    _require_keys(keys)
    earlier = None if since is None else _checkpoint_in(since)
    try:
        report = verify(folder, keys=keys, since=earlier)
    except Mismatch as error:
        _print_mismatch(session, error)
        return 1
    _print_report(session, report)
    return 0


def _require_keys(texts: Sequence[str]) -> None:
    """Raise WrongUsage for a key that is none: the bundle is not what is wrong."""
    for text in texts:
        try:
            VerifierKey.from_text(text)
        except MalformedNote as error:
            raise WrongUsage(
                tr("{text} is no verifier key.", text=text),
                advice=tr("It is NAME+ID+BASE64, as `relaybook audit export` prints it."),
            ) from error


def _checkpoint_in(path: Path) -> str:
    """Return the note in a file; raises WrongUsage for a file without checkpoint."""
    try:
        note = path.read_text(encoding="utf-8")
        checkpoint_in(note)
    except (OSError, ValueError) as error:
        raise WrongUsage(
            tr("{path} is no checkpoint.", path=path),
            advice=tr("The file “checkpoint” of an earlier bundle is one."),
        ) from error
    return note


def _print_mismatch(session: Session, error: Mismatch) -> None:
    reason = tr(_REASONS[error.code], **error.facts)
    if session.json:
        told = {"verified": False, "position": error.position, "code": error.code}
        session.output.document({**told, "reason": reason})
        return
    session.output.line(tr("Position {position}: {reason}", position=error.position, reason=reason))


def _print_report(session: Session, report: Report) -> None:
    if session.json:
        session.output.document({"verified": True, **asdict(report)})
        return
    session.output.line(
        tr(
            "{size} leaves, {events} events and {checkpoints} checkpoints fit, up to position"
            " {position}.",
            size=report.size,
            events=report.events,
            checkpoints=report.checkpoints,
            position=report.last_position,
        )
    )
    session.output.line(tr("Signed by {keys}.", keys=", ".join(report.keys)))
    if not report.pinned:
        session.output.note(
            tr("The key is the bundle's own: compare it with what you got another way.")
        )
