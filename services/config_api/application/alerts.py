"""Alerts from what events mean together, and from what is about to end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, get_args

from sqlalchemy import Engine, select

from events.catalogue import decode
from events.connection_test import ConnectionTestCompleted, ConnectionTestRequested, Verdict
from events.envelope import RecordedEvent
from events.smtp_setting import SettingDeleted
from events.store.port import DropRow, EventStore, PutRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.application.loading import load_test
from services.config_api.application.webhook_messages import WebhookMessage, message_id
from services.config_api.domain.alerts import (
    AHEAD,
    CERTIFICATE_EXPIRING,
    EXPIRES_SOON,
    TOKEN_EXPIRING,
    expires_soon,
    turned,
)
from services.config_api.read_model.documents import instant
from services.config_api.read_model.operational_tables import oauth_tokens
from services.config_api.read_model.tokens import Tokens
from services.config_api.read_model.webhook_tables import alert_states

_VERDICTS: Final = get_args(Verdict)
_DAY_S: Final = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a page of events leads to: alerts, and the rows that the next page hangs on."""

    alerts: Sequence[WebhookMessage]
    rows: Sequence[RowWrite]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ended:
    """How a setting's last conclusive test ended, and at which position."""

    verdict: Verdict
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerts:
    """Derives alerts; the same ones, with the same ids, from the same events."""

    store: EventStore
    read_engine: Engine
    tokens: Tokens

    def of_page(self, events: Sequence[RecordedEvent]) -> Told:
        """Return what the next events of the log lead to; raises StoreUnavailable."""
        ended: dict[str, _Ended | None] = {}
        alerts: list[WebhookMessage] = []
        for event in events:
            if event.type == SettingDeleted.TYPE and event.tenant is not None:
                ended[event.tenant] = None
            elif event.type == ConnectionTestCompleted.TYPE:
                alerts.extend(self._of_test(event, ended))
        return Told(alerts=alerts, rows=[_state_row(*one) for one in ended.items()])

    def of_ends(self, at: datetime) -> list[WebhookMessage]:
        """Return alerts of the tokens and grants that are about to end; raises StoreUnavailable."""
        ends = [
            ("api_token", one.id, one.name, one.expires_at)
            for one in self.tokens.all()
            if one.revoked_at is None
            and one.expires_at is not None
            and expires_soon(one.created_at, one.expires_at, at)
        ]
        ends += [("oauth_grant", name, name, until) for name, until in self._grants(at)]
        return [_of_end(kind, id_, name, until, at) for kind, id_, name, until in ends]

    def _of_test(
        self, event: RecordedEvent, ended: dict[str, _Ended | None]
    ) -> Iterator[WebhookMessage]:
        fact = decode(event)
        _, _, test_id = event.stream.partition("-")
        requested = load_test(self.store, test_id).state.requested
        if not isinstance(fact, ConnectionTestCompleted) or requested is None:
            return
        setting_id = requested.setting_id
        if setting_id is None or requested.draft is not None:
            return
        yield from _of_certificate(event, setting_id, fact)
        if setting_id not in ended:
            ended[setting_id] = self._ended(setting_id)
        before = ended[setting_id]
        if fact.result.verdict == "inconclusive" or (before and before.position >= event.position):
            return
        ended[setting_id] = _Ended(verdict=fact.result.verdict, position=event.position)
        type_ = turned(before.verdict if before else None, fact.result.verdict)
        if type_ is not None:
            yield _of_turn(event, type_, requested, fact)

    def _ended(self, setting_id: str) -> _Ended | None:
        wanted = select(alert_states).where(alert_states.c.setting_id == setting_id)
        with translated(), self.read_engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None or row.verdict not in _VERDICTS:
            return None
        return _Ended(verdict=row.verdict, position=row.position)

    def _grants(self, at: datetime) -> list[tuple[str, datetime]]:
        ends = oauth_tokens.c.refresh_expires_at
        soon = select(oauth_tokens.c.provider_id, ends).where(ends > at, ends <= at + AHEAD)
        with translated(), self.read_engine.connect() as connection:
            return [(row.provider_id, row.refresh_expires_at) for row in connection.execute(soon)]


def _state_row(setting_id: str, ended: _Ended | None) -> RowWrite:
    if ended is None:
        return DropRow(table=alert_states, key={"setting_id": setting_id})
    values = {"setting_id": setting_id, "verdict": ended.verdict, "position": ended.position}
    return PutRow(table=alert_states, values=values, newer_by="position")


def _of_turn(
    event: RecordedEvent,
    type_: str,
    requested: ConnectionTestRequested,
    fact: ConnectionTestCompleted,
) -> WebhookMessage:
    result = fact.result
    data = {
        "setting_id": requested.setting_id,
        "setting_version": requested.setting_version,
        "test_id": fact.test_id,
        "verdict": result.verdict,
        "code": result.code,
        "step": result.step,
    }
    return _alert(type_, event.id, tenant=requested.setting_id, at=event.recorded_at, data=data)


def _of_certificate(
    event: RecordedEvent, setting_id: str, fact: ConnectionTestCompleted
) -> Iterator[WebhookMessage]:
    """Yield an alert a certificate, however many tests warn of it."""
    certificate = (fact.result.tls or {}).get("certificate") or {}
    for warned in fact.result.warnings:
        if warned.code == EXPIRES_SOON:
            told = {name: warned.facts.get(name) for name in ("subject", "not_after", "days")}
            data = {"setting_id": setting_id, "test_id": fact.test_id, **told}
            which = f"{setting_id} {certificate.get('sha256') or told['not_after']}"
            at = event.recorded_at
            yield _alert(CERTIFICATE_EXPIRING, which, tenant=setting_id, at=at, data=data)


def _of_end(kind: str, id_: str, name: str, until: datetime, at: datetime) -> WebhookMessage:
    """Return the alert of an end; a grant that is renewed with the same end moves by seconds."""
    day = round(until.astimezone(UTC).timestamp() / _DAY_S)
    data = {"kind": kind, "id": id_, "name": name, "expires_at": instant(until)}
    return _alert(TOKEN_EXPIRING, f"{kind} {id_} {day}", tenant=None, at=at, data=data)


def _alert(
    type_: str, which: str, *, tenant: str | None, at: datetime, data: dict[str, Any]
) -> WebhookMessage:
    return WebhookMessage(id=message_id(type_, which), type=type_, tenant=tenant, at=at, data=data)
