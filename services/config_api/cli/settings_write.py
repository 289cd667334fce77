"""`relaybook settings register|update|restore|delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from services.config_api.cli.client import connect
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.configured import read_document
from services.config_api.cli.confirming import require_yes
from services.config_api.cli.failures import Refused, WrongUsage
from services.config_api.cli.language import N_, tr
from services.config_api.cli.named import if_version, setting_id
from services.config_api.cli.setting_options import (
    CLEARABLE,
    cleared,
    fields_of,
    merged,
    password_of,
    password_options,
    setting_options,
    with_method,
)
from services.config_api.cli.setting_shown import SETTINGS, path_of, show, tag_of

if TYPE_CHECKING:
    from services.config_api.cli.client import Client
    from services.config_api.cli.session import Session


@click.command(
    "register",
    cls=TeachingCommand,
    help=N_("Register a setting."),
    more=N_("Options win over the document of -f. With --user alone, --auth is `password`."),
    examples=(
        "relaybook settings register acme --host smtp.acme.example --user mailer --ask-password",
        "relaybook settings register acme --host 192.0.2.7 --user mailer --password-file secret",
        "relaybook settings register acme -f acme.json",
    ),
)
@click.argument("setting_id", metavar="ID", help=N_("The tenant's ID."))
@click.option("-f", "--file", help=N_("A JSON document of the setting; - reads stdin."))
@setting_options
@click.pass_obj
def register(session: Session, /, setting_id: str, file: str | None, **options: Any) -> None:  # noqa: ANN401 -- options
    """Send a new setting."""
    document = merged(_document(file), with_method(fields_of(options)))
    reply = connect(session).write("POST", SETTINGS, {**document, "id": setting_id})
    show(session.output, reply)
    session.output.note(tr("Registered {id}. `relaybook test {id}` tests it.", id=setting_id))


@click.command(
    "update",
    cls=TeachingCommand,
    help=N_("Change a setting."),
    more=N_(
        "Options change single fields and leave the others; -f replaces the whole setting. A"
        " password belongs to its destination: a change of host, port, security or user needs it"
        " again, or `--clear password`."
    ),
    examples=(
        "relaybook settings update acme --port 465 --security implicit_tls --ask-password",
        "relaybook settings update acme --clear x-mailer",
        "relaybook settings update acme -f acme.json",
    ),
)
@setting_id()
@click.option("-f", "--file", help=N_("A JSON document of the whole setting; - reads stdin."))
@click.option("--clear", multiple=True, type=click.Choice(list(CLEARABLE)),
              help=N_("A field to empty; may be repeated."))  # fmt: skip
@if_version
@setting_options
@click.pass_obj
def update(
    session: Session,
    /,
    setting_id: str,
    file: str | None,
    clear: tuple[str, ...],
    if_version: int | None,
    **options: Any,  # noqa: ANN401 -- the fields as options
) -> None:
    """Send a merge patch, or with a document the whole setting."""
    changes = merged(fields_of(options), cleared(clear))
    if file is None and not changes:
        raise WrongUsage(tr("Nothing to change: give an option, or a document with -f."))
    client = connect(session)
    method = "PATCH" if file is None else "PUT"
    tag = tag_of(client, setting_id, if_version)
    document = merged(_document(file), changes)
    reply = client.write(method, path_of(setting_id), document, if_match=tag)
    show(session.output, reply)
    words = tr("Nothing changed.") if reply.etag == tag else tr("Changed {id}.", id=setting_id)
    session.output.note(words)


@click.command(
    "restore",
    cls=TeachingCommand,
    help=N_("Bring back an earlier version of a setting."),
    more=N_(
        "Records a new version with the old one's values, also of a deleted setting. The password"
        " of that time is used where it is still held; otherwise give one, or --no-password."
    ),
    examples=(
        "relaybook settings history acme",
        "relaybook settings restore acme --version 3",
        "relaybook settings restore acme --version 3 --ask-password",
    ),
)
@setting_id()
@click.option("--version", required=True, type=click.IntRange(1),
              help=N_("The version to bring back, as in the history."))  # fmt: skip
@password_options
@click.option("--no-password", is_flag=True, help=N_("Bring it back without a password."))
@if_version
@click.pass_obj
def restore(
    session: Session,
    /,
    setting_id: str,
    version: int,
    no_password: bool,  # noqa: FBT001 -- an option
    if_version: int | None,
    **options: Any,  # noqa: ANN401 -- the options of the password
) -> None:
    """Restore over what is there now, or what was deleted."""
    given = password_of(options)
    if no_password and given:
        raise WrongUsage(tr("A password and --no-password contradict each other."))
    client = connect(session)
    tag = _tag_or_none(client, setting_id, if_version)
    body = {"version": version} | given | ({"password": None} if no_password else {})
    reply = client.write(
        "POST",
        f"{path_of(setting_id)}/restore",
        body,
        if_match=tag,
        if_none_match=None if tag else "*",
    )
    show(session.output, reply)
    same = tag is not None and reply.etag == tag
    words = tr("Nothing changed.") if same else tr("Restored {id}.", id=setting_id)
    session.output.note(words)


@click.command(
    "delete",
    cls=TeachingCommand,
    help=N_("Delete a setting."),
    examples=("relaybook settings delete acme",),
)
@setting_id()
@if_version
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
@click.pass_obj
def delete(session: Session, /, setting_id: str, if_version: int | None, yes: bool) -> None:  # noqa: FBT001 -- an option
    """Delete after a confirmation."""
    client = connect(session)
    tag = tag_of(client, setting_id, if_version)
    if not yes:
        question = tr("Delete {id}?", id=setting_id)
        require_yes(question, refused=tr("Nothing was deleted."))
    client.write("DELETE", path_of(setting_id), if_match=tag)
    session.output.note(tr("Deleted {id}.", id=setting_id))


def _tag_or_none(client: Client, setting_id: str, version: int | None) -> str | None:
    """Return the ETag to change from, None where there is no setting (any more)."""
    try:
        return tag_of(client, setting_id, version)
    except Refused as refusal:
        if not refusal.is_about("not-found"):
            raise
        return None


def _document(file: str | None) -> dict[str, Any]:
    return {} if file is None else read_document(file)
