"""`relaybook users`: people who sign in by password, on the host's own database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, get_args

import click

from events.access import Role
from services.config_api.application.users import NewUser
from services.config_api.cli.commands import TeachingGroup
from services.config_api.cli.configured import read_line
from services.config_api.cli.failures import Refused, WrongUsage
from services.config_api.cli.language import N_, current, tr
from services.config_api.cli.named import no_headers
from services.config_api.cli.opened import by_operator, opened
from services.config_api.cli.output import shown
from services.config_api.domain.errors import InvalidUser, UserExists, UserNotFound
from services.config_api.domain.field_errors import describe
from services.config_api.domain.secret import Secret

if TYPE_CHECKING:
    from services.config_api.cli.session import Session


@click.group(
    cls=TeachingGroup,
    help=N_("Make, list and revoke users of the web client."),
    more=N_("Works on the database of this host directly; no server needs to run."),
)
def users() -> None:
    """Hold the commands below."""


@users.command(
    "create",
    help=N_("Make a user, who signs in by password; asks for the password."),
    more=N_(
        "A password has 12 characters at least. A user who was revoked may be made again, with"
        " another password and other roles."
    ),
    examples=(
        "relaybook users create alice --role admin",
        "relaybook users create bob --role operator --tenant acme --password-file -",
    ),
)
@click.argument("name", metavar="NAME", help=N_("The name to sign in with."))
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(get_args(Role)),
              help=N_("What the user may do; may be repeated."))  # fmt: skip
@click.option("--tenant", "tenants", multiple=True,
              help=N_("Only this tenant; may be repeated. Otherwise all."))  # fmt: skip
@click.option("--password-file", help=N_("A file with the password; - reads stdin."))
@click.pass_obj
def create(
    session: Session,
    /,
    name: str,
    roles: tuple[Role, ...],
    tenants: tuple[str, ...],
    password_file: str | None,
) -> None:
    """Make a user; with --json print its document."""
    password = Secret(_password(password_file))
    new = NewUser(name=name, password=password, roles=roles, tenants=tenants or None)
    with opened(session) as relaybook:
        try:
            answer = relaybook.users.create(new, by_operator(relaybook))
        except InvalidUser as error:
            lines = [f"{one.pointer}: {describe(one, current())}" for one in error.errors]
            raise WrongUsage("\n".join(lines)) from error
        except UserExists as error:
            raise Refused(
                tr("There is a user {name} already.", name=name),
                advice=tr("Revoke it first to give it another password or other roles."),
            ) from error
    if session.json:
        session.output.document(answer.document)
    else:
        session.output.note(tr("{name} may sign in now.", name=name))


@users.command("list", help=N_("List the users, also those who were revoked."))
@no_headers
@click.pass_obj
def list_(session: Session) -> None:
    """Print a row a user."""
    with opened(session) as relaybook:
        items = [user.document() for user in relaybook.read_model.users()]
    if session.json:
        session.output.document({"items": items, "next": None})
        return
    head = (tr("Name"), tr("Roles"), tr("Tenants"), tr("Created"), tr("Revoked"))
    session.output.table(head, [_row(item) for item in items])


@users.command(
    "revoke",
    help=N_("Revoke a user; its sessions end."),
    examples=("relaybook users revoke alice",),
)
@click.argument("name", metavar="NAME", help=N_("The user's name, as in the list."))
@click.pass_obj
def revoke(session: Session, /, name: str) -> None:
    """Revoke by name."""
    with opened(session) as relaybook:
        try:
            relaybook.users.revoke(name, by_operator(relaybook))
        except UserNotFound as error:
            raise Refused(tr("There is no user {name}.", name=name)) from error
    session.output.note(tr("Revoked {id}.", id=name))


def _password(file: str | None) -> str:
    if file is not None:
        return read_line(file)
    if not sys.stdin.isatty():
        raise WrongUsage(tr("A user needs a password: give --password-file."))
    return str(
        click.prompt(tr("Password"), hide_input=True, err=True, confirmation_prompt=tr("Repeat it"))
    )


def _row(user: dict[str, Any]) -> tuple[str, ...]:
    return (
        user["name"],
        ", ".join(user["roles"]),
        ", ".join(user["tenants"] or ["*"]),
        shown(user["created_at"]),
        shown(user["revoked_at"]),
    )
