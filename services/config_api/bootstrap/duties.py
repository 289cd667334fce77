"""Builds what the relay does, each duty on the parts that the whole service shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from events.bus.port import Bus
from events.store.sql.opening import OpenedStore
from services.config_api.application.connection_tests import ConnectionTests
from services.config_api.application.context import Clock
from services.config_api.application.defaults import Defaults
from services.config_api.application.denials import Denials
from services.config_api.application.detections import Detections
from services.config_api.application.idempotency import KeptAnswers
from services.config_api.application.relay.defaults import KeepingDefaults
from services.config_api.application.relay.housekeeping import Housekeeping
from services.config_api.application.relay.overdue import (
    Overdue,
    dispatched_detection,
    dispatched_test,
)
from services.config_api.application.relay.publishing import Publishing
from services.config_api.application.relay.renewal import Renewal
from services.config_api.application.relay.results import Results
from services.config_api.application.relay.run import Duty, Relay
from services.config_api.application.relay.scheduling import Scheduling
from services.config_api.application.relay.sealing import Sealing
from services.config_api.application.retests import Retests
from services.config_api.application.sealed_log.sealer import Sealer
from services.config_api.application.sign_in import SignIn
from services.config_api.bootstrap.oauth import OAuth
from services.config_api.bootstrap.webhooks import WebhookParts
from services.config_api.read_model.retests import RetestRows


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What the duties work with."""

    opened: OpenedStore
    bus: Bus
    clock: Clock
    tests: ConnectionTests
    detections: Detections
    defaults: Defaults
    answers: KeptAnswers
    sign_in: SignIn
    denials: Denials
    oauth: OAuth
    webhooks: WebhookParts
    retest_every: timedelta | None
    sealer: Sealer


def build_relay(parts: Parts) -> Relay:
    """Return the relay with all its duties."""
    opened, bus, clock, tests = parts.opened, parts.bus, parts.clock, parts.tests
    publishing = Publishing(
        store=opened.store, cursors=opened.cursors, wakeup=opened.wakeup, bus=bus, clock=clock
    )
    keeping = Housekeeping(
        answers=parts.answers,
        sessions=parts.sign_in.access.sessions,
        tries=parts.sign_in.tries,
        rate=tests.rate,
        denials=parts.denials,
        consents=parts.oauth.consents,
        openid_attempts=parts.sign_in.openid_attempts,
        deliveries=parts.webhooks.deliveries,
        messages=parts.webhooks.messages,
        clock=clock,
    )
    duty_list: tuple[Duty, ...] = (
        publishing,
        Results(bus=bus, connection_tests=tests, detections=parts.detections, clock=clock),
        *_overdue(parts),
        keeping,
        KeepingDefaults(defaults=parts.defaults),
        Renewal(tokens=parts.oauth.tokens),
        *_scheduling(parts),
        Sealing(sealer=parts.sealer),
        parts.webhooks.telling,
    )
    return Relay(duties=opened.duties, duty_list=duty_list)


def _overdue(parts: Parts) -> tuple[Overdue, Overdue]:
    """Return the duty that looks after tests, and that for detections."""
    tests = Overdue(
        name="overdue",
        bus=parts.bus,
        attempts=parts.tests.attempts,
        closing=parts.tests,
        dispatch=dispatched_test,
        clock=parts.clock,
    )
    detections = replace(
        tests,
        name="overdue-detections",
        attempts=parts.detections.attempts,
        closing=parts.detections,
        dispatch=dispatched_detection,
    )
    return tests, detections


def _scheduling(parts: Parts) -> tuple[Scheduling, ...]:
    """Return the duty of re-tests, none where they are off."""
    if parts.retest_every is None:
        return ()
    retests = Retests(
        rows=RetestRows(engine=parts.opened.read_engine),
        connection_tests=parts.tests,
        period=parts.retest_every,
    )
    return (Scheduling(retests=retests, clock=parts.clock),)
