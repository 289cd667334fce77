"""`relaybook tokens`: access tokens, on the host's own database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from events.access import Role
from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.failures import Refused
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import no_headers
from services.config_api.cli.opened import by_operator, opened
from services.config_api.cli.output import shown
from services.config_api.domain.errors import TokenNotFound

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


@click.group(
    cls=TeachingGroup,
    help=N_("Make, list and revoke access tokens."),
    more=N_("Works on the database of this host directly; no server needs to run."),
)
def tokens() -> None:
    """Hold the commands below."""


@tokens.command(
    "create",
    help=N_("Make a token and print it; it is shown once."),
    more=N_(
        "Roles: admin (all but secrets), operator (writes settings), reader, credentials (reads"
        " secrets), auditor (reads events), tester."
    ),
    examples=(
        "relaybook tokens create --role reader --name billing --tenant acme --days 90",
        "TOKEN=$(relaybook tokens create --role operator --name deploy)",
    ),
)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(get_args(Role)),
              help=N_("What it may do; may be repeated."))  # fmt: skip
@click.option("--name", required=True, help=N_("Who uses it."))
@click.option("--tenant", "tenants", multiple=True,
              help=N_("Only this tenant; may be repeated. Otherwise all."))  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), help=N_("It expires after so many days."))
@click.pass_obj
def create(session: Session, /, tenants: tuple[str, ...], **asked: Any) -> None:  # noqa: ANN401 -- options
    """Print the token alone, or with --json its whole document."""
    with opened(session) as relaybook:
        answer, token = relaybook.access.create_token(
            **asked, tenants=tenants or None, ctx=by_operator(relaybook)
        )
    if session.json:
        session.output.document(answer.document)
    else:
        session.output.line(token.reveal())


@tokens.command("list", help=N_("List the tokens, without their secrets."))
@no_headers
@click.pass_obj
def list_(session: Session) -> None:
    """Print a row a token."""
    with opened(session) as relaybook:
        items = [token.document() for token in relaybook.read_model.tokens()]
    if session.json:
        session.output.document({"items": items, "next": None})
        return
    head = (tr("ID"), tr("Name"), tr("Roles"), tr("Tenants"), tr("Expires"), tr("Revoked"))
    session.output.table((*head, tr("Last used")), [_row(item) for item in items])


@tokens.command(
    "revoke",
    help=N_("Revoke a token; it holds no more."),
    examples=("relaybook tokens revoke 0b0e6f9e-0c1a-4c57-9b0e-5a3c1d2e4f60",),
)
@click.argument("token_id", metavar="ID", help=N_("The token's ID, as in the list."))
@click.pass_obj
def revoke(session: Session, /, token_id: str) -> None:
    """Revoke by ID."""
    with opened(session) as relaybook:
        try:
            relaybook.access.revoke_token(token_id, by_operator(relaybook))
        except TokenNotFound as error:
            raise Refused(tr("There is no token {id}.", id=token_id)) from error
    session.output.note(tr("Revoked {id}.", id=token_id))


def _row(token: dict[str, Any]) -> tuple[str, ...]:
    return (
        token["id"],
        token["name"],
        ", ".join(token["roles"]),
        ", ".join(token["tenants"] or ["*"]),
        shown(token["expires_at"]),
        shown(token["revoked_at"]),
        shown(token["last_used_at"]),
    )
