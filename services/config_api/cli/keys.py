"""`relaybook keys`: the keys that seal secrets, on the host's own database."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from events.store.port import RowExists
from services.config_api.application.keys import NoKey, NothingToRotate, RotationUnderWay
from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.confirming import require_yes
from services.config_api.cli.failures import Refused
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import no_headers
from services.config_api.cli.opened import by_operator, opened

if TYPE_CHECKING:
    from services.config_api.application.keys import MasterKeyStatus
    from services.config_api.bootstrap import Relaybook
    from services.config_api.cli.session import Session


@click.group(
    cls=TeachingGroup,
    help=N_("Show and rotate keys, destroy a tenant's."),
    more=N_("Works on the database of this host directly; the service may run meanwhile."),
)
def keys() -> None:
    """Hold the commands below."""


@keys.command(
    "status",
    help=N_("Show each master key and how many keys of tenants it wraps."),
    more=N_("Exit code 1 where stored keys need a master key that is not at hand."),
)
@no_headers
@click.pass_obj
def status(session: Session) -> int:
    """Print a row a master key and return the exit code."""
    with opened(session) as relaybook:
        found = relaybook.keys.status()
    if session.json:
        session.output.document({"items": [asdict(one) for one in found]})
    else:
        head = (tr("Master key"), tr("Wraps"), tr("State"))
        session.output.table(head, [(one.id, str(one.count), _state(one)) for one in found])
    return 0 if all(one.at_hand for one in found if one.needed) else 1


@keys.command(
    "rotate",
    help=N_("Let a new master key wrap every tenant's key; an interrupted run is finished."),
    more=N_(
        "A key in a file is replaced there, and running services read it again. For keys in"
        " RELAYBOOK_MASTER_KEY put the new one before the old one, parted by a blank, restart the"
        " services with both, then rotate; afterwards the old one may be taken away."
    ),
    examples=("relaybook keys rotate",),
)
@click.pass_obj
def rotate(session: Session) -> None:
    """Rotate, and say what was done."""
    with opened(session) as relaybook:
        try:
            fact = relaybook.keys.rotate(by_operator(relaybook), lambda _: None)
        except NothingToRotate as error:
            raise Refused(
                tr("RELAYBOOK_MASTER_KEY holds one key only."),
                advice=tr("Put a new one before it, parted by a blank: `openssl rand -base64 32`."),
            ) from error
        except RotationUnderWay as error:
            raise Refused(tr("Another rotation is running.")) from error
        except OSError as error:
            raise Refused(tr("The file of master keys: {reason}", reason=error)) from error
        spare = _spare(relaybook)
    session.output.note(
        tr(
            "The master key {id} wraps the keys of {count} tenants.",
            id=fact.master,
            count=fact.count,
        )
    )
    for one in spare:
        session.output.note(tr("The master key {id} may be taken away.", id=one.id))


@keys.command(
    "rotate-signing",
    help=N_("Let a new key sign the log's checkpoints."),
    more=N_(
        "The key before signs a note that hands the log over, and an event tells of it: auditors"
        " who know the old key verify what the new one signs, and see the change."
    ),
    examples=("relaybook keys rotate-signing",),
)
@click.pass_obj
def rotate_signing(session: Session) -> None:
    """Rotate the log's key and print the new one's public part."""
    with opened(session) as relaybook:
        try:
            fact = relaybook.log.rotation.rotate(by_operator(relaybook))
        except RowExists as error:
            raise Refused(tr("Another rotation is running.")) from error
    if session.json:
        session.output.document(asdict(fact))
    else:
        session.output.line(fact.verifier)


@keys.command(
    "shred",
    help=N_("Destroy a tenant's keys for ever, and its secrets with them."),
    more=N_(
        "The setting stays; its secrets must be entered again. A backup of the database that was"
        " made before still holds the wrapped keys: rotate the master key and destroy the old one."
    ),
    examples=("relaybook keys shred acme",),
)
@click.argument("tenant", metavar="ID", help=N_("The ID of the tenant's setting."))
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@click.pass_obj
def shred(session: Session, /, tenant: str, yes: bool) -> None:  # noqa: FBT001 -- an option
    """Destroy after a confirmation."""
    if not yes:
        question = tr("Destroy all secrets of {id} for ever?", id=tenant)
        require_yes(question, refused=tr("Nothing was destroyed."))
    with opened(session) as relaybook:
        try:
            fact = relaybook.keys.shred(tenant, by_operator(relaybook))
        except NoKey as error:
            raise Refused(tr("The tenant {id} has no key.", id=tenant)) from error
    count = len(fact.key_numbers)
    session.output.note(tr("Destroyed the keys of {id}: {count}.", id=tenant, count=count))


def _state(one: MasterKeyStatus) -> str:
    if not one.at_hand:
        return tr("missing")
    if one.wraps:
        return tr("in use")
    return tr("still needed") if one.needed else tr("may be taken away")


def _spare(relaybook: Relaybook) -> list[MasterKeyStatus]:
    return [one for one in relaybook.keys.status() if one.at_hand and not one.needed]
