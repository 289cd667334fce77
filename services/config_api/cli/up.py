"""`relaybook up`: everything on one machine, supervised."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Final

import click
import httpx

from events import core_dumps
from services.config_api.bootstrap import prepare
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.configured import settings_of
from services.config_api.cli.data_dir import held
from services.config_api.cli.demo import Demo
from services.config_api.cli.failures import Internal, Refused
from services.config_api.cli.language import N_, tr
from services.config_api.cli.opened import host_failures
from services.config_api.cli.programs import children, local_url, surroundings
from services.config_api.cli.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.config_api.application.access import SignInLink
    from services.config_api.cli.session import Session
    from services.config_api.settings import Settings

READY_S: Final = 60.0
_ASK_S: Final = 2.0


@click.command(
    cls=TeachingCommand,
    help=N_("Run everything on this machine."),
    more=N_(
        "Migrates the database, makes keys and tokens where they lack, then runs the HTTP API with"
        " the web client, the relay and a connection tester, and starts again what dies. Prints the"
        " address and the first administrator's sign-in link. SIGTERM or Ctrl-C stops all. --demo"
        " adds an SMTP server on loopback and settings that pass and fail against it."
    ),
    examples=(
        "relaybook up --demo",
        "relaybook up --bind 0.0.0.0:8587 --data-dir /var/lib/relaybook",
        "RELAYBOOK_DATABASE_URL=postgresql+psycopg://… RELAYBOOK_BROKER_URL=amqp://… relaybook up",
    ),
)
@click.option("--bind", metavar="HOST:PORT", help=N_("Where to listen; otherwise RELAYBOOK_BIND."))
@click.option("--data-dir", help=N_("Where the data is; otherwise RELAYBOOK_DATA_DIR, or ./var."))
@click.option("--demo", "with_demo", is_flag=True, help=N_("Add an SMTP server and settings."))
@click.pass_obj
def up(session: Session, /, bind: str | None, data_dir: str | None, with_demo: bool) -> None:  # noqa: FBT001 -- an option
    """Prepare, start, wait until ready, tell, and supervise until a signal."""
    given = {"RELAYBOOK_BIND": bind, "RELAYBOOK_DATA_DIR": data_dir}
    session.overrides.update({name: value for name, value in given.items() if value})
    settings = settings_of(session)
    settings = replace(settings, data_dir=settings.data_dir.absolute())
    core_dumps.switch_off()
    os.umask(0o077)  # the databases hold what the tokens beside them protect
    with held(settings.data_dir):
        _require_free_port(settings)
        with host_failures():
            link = prepare(settings)
        demo = Demo.arranged(settings) if with_demo else None
        _supervise(session, settings, link, demo)


def _supervise(
    session: Session, settings: Settings, link: SignInLink | None, demo: Demo | None
) -> None:
    supervisor = Supervisor(children(session.environment, settings, demo), tell=session.output.note)
    supervisor.stop_on_signals()
    try:
        if supervisor.run(until=_ready(supervisor, local_url(settings))):
            if demo is not None:
                demo.register(local_url(settings))
            _tell(session, settings, link, demo)
            supervisor.run()
    finally:
        session.output.note(tr("Stopping …"))
        supervisor.stop()


def _ready(supervisor: Supervisor, url: str) -> Callable[[], bool]:
    """Return the question whether everything runs; it raises Internal if that takes too long."""
    until = monotonic() + READY_S

    def ready() -> bool:
        if monotonic() > until:
            raise Internal(
                tr("The service was not ready within {seconds} s.", seconds=int(READY_S)),
                advice=tr("Its messages are above."),
            )
        try:
            answer = httpx.get(f"{url}/readyz", timeout=_ASK_S, trust_env=False)
        except httpx.TransportError:
            return False
        return answer.is_success and supervisor.all_run

    return ready


def _tell(session: Session, settings: Settings, link: SignInLink | None, demo: Demo | None) -> None:
    url = settings.public_url or local_url(settings)
    sign_in = None if link is None else f"{url}/sign-in?link={link.secret.reveal()}"
    if session.json:
        told = {"url": url, "data_dir": str(settings.data_dir), "sign_in": sign_in}
        session.output.document(told)
        return
    lines = [
        tr("Relaybook runs at {url}", url=url),
        tr("Its data is in {path}", path=settings.data_dir),
    ]
    if sign_in is not None:
        lines.append(tr("Sign in (once, within an hour): {link}", link=sign_in))
    if demo is not None:
        prefix = surroundings(settings)
        lines += [tr("In another terminal:"), *(f"  {prefix}{one}" for one in demo.commands())]
    session.output.line("\n".join(lines))


def _require_free_port(settings: Settings) -> None:
    bind = settings.bind
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            bind.host, bind.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Refused(
            tr("{bind} cannot be listened on: {reason}", bind=bind, reason=error.strerror),
            advice=tr("Stop what listens there, or give another address with --bind."),
        ) from error
