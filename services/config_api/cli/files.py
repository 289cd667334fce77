"""Files of settings on this machine: their format, their passphrase, reading and writing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

from services.config_api.cli.configured import read_line
from services.config_api.cli.failures import WrongUsage
from services.config_api.cli.language import N_, tr
from services.config_api.formats.names import NAMES, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Command = TypeVar("Command", bound=Callable[..., Any])

STREAM: Final = "-"
SEALED_SUFFIX: Final = ".age"
_CHUNK: Final = 64 * 1024
_KEPT_IN_MEMORY: Final = 8 * 1024 * 1024
_PRIVATE: Final = 0o600
_OPEN: Final = 0o666


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file that can be sent, more than once; `passphrase` is None where it is not sealed."""

    name: str
    format_name: str
    size: int
    passphrase: str | None
    file: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Yield the file from its beginning."""
        self.file.seek(0)
        while chunk := self.file.read(_CHUNK):
            yield chunk


def is_sealed(file: str) -> bool:
    """Tell by its name whether a file is sealed: `settings.json.age`."""
    return PurePath(file).suffix.lower() == SEALED_SUFFIX


def format_of(file: str) -> str:
    """Return the format that a file's suffix stands for, the inner one of a sealed file.

    Raises WrongUsage.
    """
    inner = PurePath(file).with_suffix("") if is_sealed(file) else PurePath(file)
    try:
        return SUFFIXES[inner.suffix.lower()]
    except KeyError:
        names = ", ".join(NAMES)
        raise WrongUsage(
            tr("The format of {file} is unknown: give --format ({names}).", file=file, names=names)
        ) from None


def format_option(command: Command) -> Command:
    """Give a command the option that names a file's format."""
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(NAMES),
        help=N_("The file's format; otherwise by its suffix."),
    )(command)


def passphrase_options(command: Command) -> Command:
    """Give a command the options that read a sealed file's passphrase."""
    ask = click.option("--ask-passphrase", is_flag=True, help=N_("Ask for the passphrase."))
    file = click.option(
        "--passphrase-file", help=N_("A file with the sealed file's passphrase; - reads stdin.")
    )
    return file(ask(command))


def passphrase(file: str | None, *, ask: bool, twice: bool) -> str:
    """Return the passphrase from a file or a person; `twice` for one that seals.

    Raises WrongUsage where neither is there: it is never taken from a command line.
    """
    if file is not None:
        found = read_line(file)
    elif ask or sys.stdin.isatty():
        found = click.prompt(
            tr("Passphrase"), hide_input=True, err=True,
            confirmation_prompt=tr("Repeat it") if twice else False,
        )  # fmt: skip
    else:
        raise WrongUsage(
            tr("A sealed file needs a passphrase: give --passphrase-file or --ask-passphrase.")
        )
    if not found:
        raise WrongUsage(tr("The passphrase is empty."))
    return str(found)


@contextmanager
def opened_source(
    name: str,
    *,
    format_name: str | None,
    passphrase_file: str | None,
    ask_passphrase: bool,
) -> Iterator[Source]:
    """Open a file to be sent, `-` is stdin; raises WrongUsage where it cannot be read."""
    format_name = format_name or format_of(name)
    sealed = is_sealed(name) or passphrase_file is not None or ask_passphrase
    if name == STREAM and passphrase_file == STREAM:
        raise WrongUsage(tr("File and passphrase cannot both come from stdin."))
    secret = passphrase(passphrase_file, ask=ask_passphrase, twice=False) if sealed else None
    with _readable(name) as file:
        size = file.seek(0, os.SEEK_END)
        yield Source(name=name, format_name=format_name, size=size, passphrase=secret, file=file)


@contextmanager
def _readable(name: str) -> Iterator[IO[bytes]]:
    if name == STREAM:
        with _put_aside(sys.stdin.buffer) as aside:
            yield aside
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 -- only its opening is tried here
    except OSError as error:
        raise _unreadable(name, error) from error
    with file:
        if file.seekable():
            yield file
            return
        with _put_aside(file) as aside:
            yield aside


@contextmanager
def _put_aside(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Copy what can be read once only; a large one goes to a file without a name."""
    with tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY) as aside:
        shutil.copyfileobj(file, aside)
        yield aside


def _unreadable(name: str, error: OSError) -> WrongUsage:
    reason = error.strerror or str(error)
    return WrongUsage(tr("{path} cannot be read: {reason}", path=name, reason=reason))


@contextmanager
def written(name: str, *, private: bool) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name once it is whole, `-` is stdout.

    A failure leaves what was there before. `private` files are for their owner only. Raises
    WrongUsage where the file cannot be written.
    """
    if name == STREAM:
        yield sys.stdout.buffer
        return
    path = Path(name).resolve()
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as device:  # a pipe or a device has no whole to wait for
                yield device
            return
        with _replaced(path, private=private) as file:
            yield file
    except OSError as error:
        reason = error.strerror or str(error)
        raise WrongUsage(
            tr("{path} cannot be written: {reason}", path=name, reason=reason)
        ) from error


@contextmanager
def _replaced(path: Path, *, private: bool) -> Iterator[IO[bytes]]:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 -- a descriptor
            yield file
            os.fchmod(file.fileno(), _PRIVATE if private else _OPEN & ~_umask())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
