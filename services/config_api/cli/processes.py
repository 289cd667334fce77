"""`relaybook serve` and `relaybook relay`: the service's long-running processes."""

from __future__ import annotations

import os
import signal
from threading import Event
from typing import TYPE_CHECKING

import click

from events.figures import serve_figures
from events.tracing.configuring import configure_tracing
from services.config_api.application.relay.tally import RELAY
from services.config_api.bootstrap import check, configure_logging
from services.config_api.cli.commands import TeachingCommand
from services.config_api.cli.configured import settings_of
from services.config_api.cli.failures import Refused
from services.config_api.cli.language import N_, tr
from services.config_api.cli.opened import opened
from services.config_api.http.serve import serve as serve_http

if TYPE_CHECKING:
    from services.config_api.cli.session import Session
    from services.config_api.settings_values import Bind


@click.command(
    cls=TeachingCommand,
    help=N_("Run the HTTP API and the web client."),
    more=N_("Listens on RELAYBOOK_BIND until SIGTERM or SIGINT; may run any number of times."),
)
@click.pass_obj
def serve(session: Session, /) -> None:
    """Check that the service may start, then serve HTTP until a signal."""
    settings = settings_of(session)
    configure_logging(settings.log_level, settings.log_format)
    with opened(session) as relaybook:
        check(relaybook)
    os.environ.update(session.overrides)  # the server's workers read their environment themselves
    serve_http(settings)


@click.command(
    cls=TeachingCommand,
    help=N_("Run the relay between the event log and the bus."),
    more=N_("Runs until SIGTERM or SIGINT; of several, one holds each duty and the others wait."),
)
@click.pass_obj
def relay(session: Session, /) -> None:
    """Carry out the relay's duties until a signal."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    settings = settings_of(session)
    configure_logging(settings.log_level, settings.log_format)
    with opened(session) as relaybook:
        check(relaybook)
        configure_tracing(session.environment, service_name="relaybook-relay")
        _serve_figures(settings.metrics_bind)
        relaybook.relay.run(stop)


def _serve_figures(bind: Bind | None) -> None:
    if bind is None:
        return
    try:
        serve_figures(bind.host, bind.port, RELAY)
    except OSError as error:
        raise Refused(
            tr("{bind} cannot be listened on: {reason}", bind=bind, reason=error.strerror),
            advice=tr("Stop what listens there, or change RELAYBOOK_METRICS_BIND."),
        ) from error
