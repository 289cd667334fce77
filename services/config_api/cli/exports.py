"""`relaybook export`: writes settings to a file, whole or not at all."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from services.config_api.cli.client import connect, require_good
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.files import (
    STREAM,
    format_of,
    is_sealed,
    passphrase,
    passphrase_options,
    written,
)
from services.config_api.cli.language import N_, tr
from services.config_api.cli.meter import metered
from services.config_api.cli.named import complete_id
from services.config_api.formats.names import NAMES

if TYPE_CHECKING:
    from typing import IO

    from services.config_api.cli.session import Session

EXPORTS: Final = "/v1/exports"
_USUAL: Final = "json"
_CHUNK: Final = 64 * 1024


@click.command(
    "export",
    cls=TeachingCommand,
    help=N_("Export settings to a file."),
    more=N_(
        "Without --id every setting but the defaults. The format follows from the suffix of -o,"
        " otherwise it is json. Passwords stay out, unless --sealed encrypts the whole file for a"
        " passphrase (age); that needs the role `credentials` and is recorded. The file appears"
        " when it is whole."
    ),
    examples=(
        "relaybook export -o settings.yaml",
        "relaybook export --id acme --id globex --format csv > settings.csv",
        "relaybook export --sealed --ask-passphrase -o settings.json.age",
    ),
)
@click.option("--id", "ids", multiple=True, shell_complete=complete_id,
              help=N_("Only this setting; may be repeated."))  # fmt: skip
@click.option("--format", "format_name", type=click.Choice(NAMES),
              help=N_("The file's format; otherwise by its suffix."))  # fmt: skip
@click.option("--sealed", is_flag=True, help=N_("With secrets, encrypted for a passphrase."))
@passphrase_options
@click.option("--lossy", is_flag=True,
              help=N_("Leave out what the format has no place for."))  # fmt: skip
@click.option("-o", "--output", "file", default=STREAM, type=click.Path(allow_dash=True),
              help=N_("The file to write; otherwise stdout."))  # fmt: skip
@click.pass_obj
def export(
    session: Session,
    /,
    ids: tuple[str, ...],
    format_name: str | None,
    file: str,
    lossy: bool,  # noqa: FBT001 -- an option
    **secrecy: Any,  # noqa: ANN401 -- the options of a sealed file
) -> None:
    """Ask for the file and write it as it comes."""
    format_name = format_name or (_USUAL if file == STREAM else format_of(file))
    _require_sense(session, file, format_name, sealed=secrecy["sealed"])
    asked: dict[str, Any] = {"ids": list(ids) or None, "format": format_name, "lossy": lossy}
    asked |= _secrets(**secrecy)
    size = 0
    with (
        metered(tr("Exporting")) as meter,
        connect(session).exchange(EXPORTS, document=asked) as answer,
    ):
        require_good(answer)
        meter.total(int(answer.headers.get("Content-Length", 0)) or None)
        with written(file, private=secrecy["sealed"]) as target:
            for chunk in answer.iter_bytes(_CHUNK):
                size += _put(target, chunk)
                meter.moved(len(chunk))
    if file != STREAM:
        _tell(session, file, format_name, size)


def _put(target: IO[bytes], chunk: bytes) -> int:
    target.write(chunk)
    return len(chunk)


def _require_sense(session: Session, file: str, format_name: str, *, sealed: bool) -> None:
    """Refuse what would surprise; raises WrongUsage."""
    if is_sealed(file) and not sealed:
        raise WrongUsage(tr("{file} is the name of a sealed file: give --sealed.", file=file))
    if file != STREAM:
        return
    if sealed and sys.stdout.isatty():
        raise WrongUsage(tr("A sealed file is not for a terminal: give -o FILE."))
    if session.json and (sealed or format_name != _USUAL):
        raise WrongUsage(tr("With --json, give -o FILE, or export as json."))


def _secrets(*, sealed: bool, passphrase_file: str | None, ask_passphrase: bool) -> dict[str, str]:
    if sealed:
        secret = passphrase(passphrase_file, ask=ask_passphrase, twice=True)
        return {"secrets": "sealed", "passphrase": secret}
    if passphrase_file is not None or ask_passphrase:
        raise WrongUsage(tr("A passphrase is for a sealed file: give --sealed."))
    return {"secrets": "none"}


def _tell(session: Session, file: str, format_name: str, size: int) -> None:
    if session.json:
        session.output.document({"file": file, "format": format_name, "bytes": size})
    else:
        session.output.note(tr("Wrote {file} ({size} bytes).", file=file, size=f"{size:,}"))
