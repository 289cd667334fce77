"""Arguments and options that many commands share, and how a shell completes them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from services.config_api.cli.language import N_
from services.config_api.cli.session import Session

if TYPE_CHECKING:
    from services.config_api.cli.client import Client

Command = TypeVar("Command", bound=Callable[..., Any])

VERDICTS: Final = ("passed", "failed", "inconclusive")
#: What `/effective?render=` knows (contract §4).
RENDER_TARGETS: Final = ("javamail", "spring-boot", "django", "nodemailer", "env", "postfix")
_PATIENCE_S: Final = 1.0  # a shell that waits longer for Tab seems to hang
_MOST: Final = 200
_SUBJECT: Final = "smtp_setting/"


def setting_id(*, required: bool = True) -> Callable[[Command], Command]:
    """Give a command the argument ID."""
    return click.argument(
        "setting_id",
        metavar="ID",
        required=required,
        help=N_("The tenant's ID."),
        shell_complete=complete_id,
    )


def complete_id(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the IDs of settings that begin so; none, and no word, where the service is away."""
    with suppress(Exception):  # a completion that fails must not write into the command line
        return _ids(ctx.ensure_object(Session), incomplete)
    return []


def complete_subject(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the subjects of events that begin so."""
    if not incomplete.startswith(_SUBJECT):
        return [_SUBJECT] if _SUBJECT.startswith(incomplete) else []
    found = complete_id(ctx, param, incomplete.removeprefix(_SUBJECT))
    return [_SUBJECT + one for one in found]


def complete_type(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the types of events that begin so."""
    from events.catalogue import CATALOGUE  # noqa: PLC0415 -- loads slowly

    return [name for name in sorted(CATALOGUE) if name.startswith(incomplete)]


def no_headers(command: Command) -> Command:
    """Give a command that prints a table the option that leaves its head out."""
    return click.option(
        "--no-headers",
        is_flag=True,
        expose_value=False,
        callback=_without_headers,
        help=N_("Print the rows without a head."),
    )(command)


def if_version(command: Command) -> Command:
    """Give a command the option that names the version that it changes."""
    return click.option(
        "--if-version",
        type=click.IntRange(1),
        help=N_("Only if the setting is still at this version."),
    )(command)


def _without_headers(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    if value:
        ctx.ensure_object(Session).headers = False


def _ids(session: Session, incomplete: str) -> list[str]:
    from services.config_api.cli.client import connect  # noqa: PLC0415 -- loads slowly
    from services.config_api.cli.setting_shown import SETTINGS  # noqa: PLC0415 -- with it

    client: Client = connect(session, patience_s=_PATIENCE_S)
    page = client.get(SETTINGS, q=incomplete or None, limit=_MOST).document
    return [item["id"] for item in page["items"] if item["id"].startswith(incomplete)]
