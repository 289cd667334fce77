"""Alerts to a real endpoint: a test that turned, what is about to end; each told once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from events.connection_test import Verdict, Warned
from events.store.port import PutRow
from services.config_api.application.oauth_token_rows import HeldToken, token_row
from services.config_api.read_model.writing import write_rows
from tests.support.asking import a_report, register, request_test
from tests.support.relaybook import eventually
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from tests.integration.webhooks.telling import Told

ALERTS = ["alert.*"]
SOON = Warned(
    code="cert_expires_soon",
    facts={"subject": "smtp.acme.example", "not_after": "2026-03-10T00:00:00Z", "days": 9},
)


def ended(told: Told, verdict: Verdict, **changes: Any) -> str:
    """Let a test of `acme` end so, and return its id."""
    draft = changes.pop("draft", None)
    test_id = request_test(told.house, draft=draft)
    code = {"passed": "ok", "failed": "refused", "inconclusive": "timeout"}[verdict]
    report = a_report(test_id, verdict=verdict, code=code, step="tcp", **changes)
    told.house.relaybook.connection_tests.record(report, told.house.ctx())
    return test_id


def heard(told: Told, number: int) -> list[tuple[str, dict[str, Any]]]:
    """Wait until so many messages came, and return type and data of all, in order of time."""
    eventually(lambda: len(told.receiver.taken) >= number)
    bodies = [json.loads(one.body) for one in told.receiver.taken]
    return [(one["type"], one["data"]) for one in sorted(bodies, key=lambda one: one["timestamp"])]


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, store_url: str) -> str:
        return store_url

    def test_a_setting_whose_test_turned_is_told_of_each_time(self, told: Told) -> None:
        told.webhook(types=ALERTS)
        register(told.house)
        tests: list[str] = []
        for verdict in ("failed", "passed", "failed", "failed", "inconclusive", "passed"):
            tests.append(ended(told, verdict))
            told.house.watch.forward(seconds=1)
        with told.telling():
            told.ended("delivered", 3)
        found = heard(told, 3)
        types = [type_ for type_, _data in found]
        assert types == ["alert.test_recovered", "alert.test_failed", "alert.test_recovered"]
        data = found[-1][1]
        assert (data["setting_id"], data["test_id"]) == ("acme", tests[-1])
        assert (data["verdict"], data["code"], data["setting_version"]) == ("passed", "ok", 1)

    def test_what_is_read_again_after_a_crash_is_told_once(self, told: Told) -> None:
        told.webhook(types=ALERTS)
        register(told.house)
        for verdict in ("passed", "failed"):
            ended(told, verdict)
        events = told.house.relaybook.store.read_all(after=0, limit=100).events
        fanout = told.house.relaybook.webhooks.telling.fanout
        fanout.take(events)
        fanout.take(events)  # the cursor was not stored
        fanout.take([events[-1]])
        assert [one.type for one in told.deliveries()] == ["alert.test_failed"]

    def test_an_end_that_comes_near_is_told_of_once(self, told: Told) -> None:
        told.webhook(types=ALERTS)
        ctx = told.house.ctx()
        access = told.house.relaybook.access
        made, _ = access.create_token(
            name="mailer", roles=["reader"], tenants=None, days=30, ctx=ctx
        )
        revoked, _ = access.create_token(
            name="old", roles=["reader"], tenants=None, days=30, ctx=ctx
        )
        access.revoke_token((revoked.document or {})["id"], ctx)
        _grant_until(told, ctx.at + timedelta(days=30))
        fanout = told.house.relaybook.webhooks.telling.fanout
        fanout.look_at_ends()
        assert told.deliveries() == []
        told.house.watch.forward(days=24)
        fanout.look_at_ends()
        _grant_until(told, ctx.at + timedelta(days=30, seconds=5))  # renewed with the same end
        fanout.look_at_ends()
        with told.telling():
            told.ended("delivered", 2)
        found = heard(told, 2)
        assert {type_ for type_, _data in found} == {"alert.token_expiring"}
        ends = {data["kind"]: data for _type, data in found}
        assert ends["api_token"]["id"] == (made.document or {})["id"]
        assert ends["api_token"]["name"] == "mailer"
        assert ends["api_token"]["expires_at"] == "2026-03-31T12:00:00Z"
        assert ends["oauth_grant"]["id"] == "idp"


def _grant_until(told: Told, ends_at: datetime) -> None:
    nothing: dict[str, Any] = dict.fromkeys(HeldToken.__slots__)
    fields = nothing | {"provider_version": 1, "failures": 0, "refresh_expires_at": ends_at}
    row = token_row("idp", HeldToken(**fields))
    assert isinstance(row, PutRow)
    write_rows(told.house.relaybook.engine, [row])


def test_a_certificate_is_told_of_once_however_many_tests_warn_of_it(told: Told) -> None:
    told.webhook(types=["alert.certificate_expiring"])
    register(told.house)
    tls = {"certificate": {"sha256": "ab" * 32}}
    for _ in range(3):
        ended(told, "passed", warnings=(SOON,), tls=tls)
    with told.telling():
        ((type_, data),) = heard(told, 1)
        told.ended("delivered")
        ended(told, "passed", warnings=(SOON,), tls={"certificate": {"sha256": "cd" * 32}})
        told.ended("delivered", 2)
    assert type_ == "alert.certificate_expiring"
    assert (data["setting_id"], data["subject"], data["days"]) == ("acme", "smtp.acme.example", 9)


def test_drafts_and_settings_that_were_deleted_turn_nothing(told: Told) -> None:
    told.webhook(types=ALERTS)
    register(told.house)
    ended(told, "passed")
    ended(told, "failed", draft=a_draft(host="other.acme.example"))
    told.house.relaybook.smtp_settings.delete("acme", 1, told.house.ctx())
    register(told.house)
    ended(told, "failed")  # the first one of the new setting
    ended(told, "passed")
    with told.telling():
        told.ended("delivered")
    assert [type_ for type_, _data in heard(told, 1)] == ["alert.test_recovered"]


def test_an_alert_that_nobody_asked_for_is_told_to_who_asks_later(told: Told) -> None:
    told.webhook(types=["smtp_setting.*"])
    fanout = told.house.relaybook.webhooks.telling.fanout
    _grant_until(told, told.house.watch() + timedelta(days=3))
    fanout.look_at_ends()
    assert told.deliveries() == []
    told.webhook("later", types=ALERTS)
    fanout.look_at_ends()
    assert [one.type for one in told.deliveries("later")] == ["alert.token_expiring"]


def test_old_messages_are_forgotten_and_their_deliveries_parked(told: Told) -> None:
    told.webhook(types=ALERTS)
    _grant_until(told, told.house.watch() + timedelta(days=3))
    told.house.relaybook.webhooks.telling.fanout.look_at_ends()
    messages = told.house.relaybook.webhooks.messages
    messages.forget_old(told.house.watch() + timedelta(days=401))
    _grant_until(told, told.house.watch() + timedelta(days=30))  # so that it is not told of anew
    with told.telling():
        (parked,) = told.ended("parked")
    assert parked.reason == "message_gone"
