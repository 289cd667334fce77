"""Webhooks to a real HTTPS endpoint on loopback: told, retried, parked, replayed."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.config_api.domain.webhook_fields import make_webhook
from services.config_api.domain.webhook_retries import MOST_ATTEMPTS
from services.config_api.read_model.webhooks import StoredWebhook
from tests.integration.webhooks.telling import Told
from tests.support.asking import register
from tests.support.relaybook import eventually
from tests.support.webhook_receiver import receiving


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, store_url: str) -> str:
        return store_url

    def test_an_event_arrives_signed_and_the_reference_library_verifies_it(
        self, told: Told
    ) -> None:
        told.house.watch.now = datetime.now(UTC)  # the library compares with its own clock
        register(told.house, "before")  # before the webhook was made
        told.house.watch.forward(seconds=1)
        secret = told.webhook()
        register(told.house)
        with told.telling():
            (delivery,) = told.ended("delivered")
        (taken,) = told.receiver.taken
        message = taken.verified(secret)
        assert message["type"] == "smtp_setting.registered"
        assert message["data"]["setting_id"] == "acme"
        assert taken.id == delivery.message_id
        assert taken.headers["content-type"] == "application/json"
        assert (delivery.status, delivery.attempts, delivery.next_at) == (204, 1, None)
        (event,) = told.house.relaybook.store.read_stream("smtp_setting-acme")
        assert (taken.id, delivery.position) == (event.id, event.position)
        assert message["data"] == json.loads(event.data)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(taken.body + b" ", dict(taken.headers))

    def test_what_fails_comes_again_ever_later_and_is_parked_at_last(self, told: Told) -> None:
        told.receiver.answer = lambda _taken, _number: (500, {})
        told.webhook()
        register(told.house)
        with told.telling():
            for attempt in range(1, MOST_ATTEMPTS):
                waits = told.attempted(attempt)
                assert (waits.state, waits.status, waits.reason) == ("pending", 500, "status")
                assert waits.next_at is not None
                assert waits.next_at > told.house.watch()
                told.house.watch.now = waits.next_at
            (parked,) = told.ended("parked")
        assert (parked.attempts, parked.next_at) == (MOST_ATTEMPTS, None)
        assert len({taken.id for taken in told.receiver.taken}) == 1
        assert len(told.receiver.taken) == MOST_ATTEMPTS

    def test_what_is_parked_is_replayed_one_by_one_or_all_at_once(self, told: Told) -> None:
        told.receiver.answer = lambda _taken, _number: (500, {})
        told.webhook()
        for name in ("a", "b", "c"):
            register(told.house, name)
        deliveries = told.house.relaybook.webhooks.deliveries
        with told.telling():
            eventually(lambda: sum(one.attempts for one in told.deliveries()) == 3)
            assert deliveries.park_pending("hook", "status") == 3
            told.receiver.answer = lambda _taken, _number: (200, {})
            again = told.house.relaybook.webhooks.redelivery
            first = told.deliveries()[0]
            again.replay("hook", first.id, told.house.ctx())
            (delivered,) = told.ended("delivered")
            assert (delivered.id, delivered.attempts, delivered.reason) == (first.id, 1, None)
            answer = again.replay_parked("hook", told.house.ctx())
            assert answer.document == {"replayed": 2}
            told.ended("delivered", 3)
        assert deliveries.counts("hook") == {"pending": 0, "delivered": 3, "parked": 0}

    def test_nothing_is_lost_or_made_twice_where_the_duty_ends_and_begins_again(
        self, told: Told
    ) -> None:
        told.webhook()
        for number in range(30):
            register(told.house, f"t{number}")
            if number % 10 == 9:
                with told.telling():
                    told.ended("delivered", number // 2)
        with told.telling():
            told.ended("delivered", 30)
        assert len(told.deliveries()) == 30
        assert {taken.id for taken in told.receiver.taken} == {
            one.message_id for one in told.deliveries()
        }


def test_a_deleted_webhook_is_told_nothing_more(told: Told) -> None:
    told.receiver.answer = lambda _taken, _number: (500, {})
    told.webhook()
    register(told.house)
    with told.telling():
        told.attempted(1)
        told.house.relaybook.webhooks.commands.delete("hook", None, told.house.ctx())
        assert told.deliveries() == []
        told.house.watch.forward(hours=1)
        register(told.house, "later")
        told.webhook("other")
        register(told.house, "last")
        told.receiver.answer = lambda _taken, _number: (200, {})
        told.ended("delivered", webhook_id="other")
    assert told.deliveries() == []


def test_a_gone_endpoint_makes_its_webhook_inactive(told: Told) -> None:
    told.receiver.answer = lambda _taken, _number: (410, {})
    told.webhook()
    register(told.house, "a")
    with told.telling():
        (parked,) = told.ended("parked")
        assert (parked.reason, parked.status) == ("gone", 410)
        stored = told.house.relaybook.webhooks.stored
        document = eventually(lambda: _inactive(stored.by_id("hook")))
        assert document["disabled"] == "gone"
        register(told.house, "b")
        told.webhook("other", types=["smtp_setting.registered"])
        told.house.watch.forward(seconds=1)
        register(told.house, "c")
        told.ended("parked", webhook_id="other")
    assert len(told.deliveries()) == 1  # the inactive one got nothing more
    (event,) = [
        one
        for one in told.house.relaybook.store.read_stream("webhook-hook")
        if one.type == "webhook.updated"
    ]
    assert event.actor == "system:webhooks"


def _inactive(stored: StoredWebhook | None) -> dict[str, Any] | None:
    document = None if stored is None else stored.read()
    return None if document is None or document["active"] else document


def test_an_endpoint_says_when_to_come_again(told: Told) -> None:
    told.receiver.answer = lambda _taken, _number: (503, {"Retry-After": "3600"})
    told.webhook()
    register(told.house)
    with told.telling():
        waits = told.attempted(1)
    assert waits.next_at == told.house.watch() + timedelta(hours=1)


def test_a_redirect_is_not_followed(told: Told, tmp_path: Path) -> None:
    with receiving(tmp_path / "other.pem", plain=True) as other:
        told.receiver.answer = lambda _taken, _number: (307, {"Location": other.url})
        told.webhook()
        register(told.house)
        with told.telling():
            waits = told.attempted(1)
        assert (waits.state, waits.reason, waits.status) == ("pending", "redirect", 307)
        assert other.taken == []


def test_no_packet_goes_where_the_deployment_does_not_allow_it(told: Told, tmp_path: Path) -> None:
    with receiving(tmp_path / "other.pem", plain=True) as other:
        told.webhook("elsewhere", url=other.url.replace("http://", "https://"))
        told.webhook("plain", url=other.url)
        told.webhook("metadata", url="https://169.254.169.254/latest")
        register(told.house)
        with told.telling():
            for name in ("elsewhere", "plain", "metadata"):
                (parked,) = told.ended("parked", webhook_id=name)
                assert (parked.reason, parked.attempts) == ("not_allowed", 1)
        assert other.taken == []


def test_an_endpoint_that_hangs_holds_up_no_other(told: Told) -> None:
    free = Event()

    def hang(taken: object, _number: int) -> tuple[int, dict[str, str]]:
        if getattr(taken, "path", "") == "/hangs":
            free.wait(10)
        return 200, {}

    told.receiver.answer = hang
    with ExitStack() as stack:
        stack.callback(free.set)
        told.webhook("slow", url=told.receiver.url.replace("/in", "/hangs"))
        told.webhook()
        for number in range(8):
            register(told.house, f"t{number}")
        with told.telling():
            told.ended("delivered", 8)
            assert not [one for one in told.deliveries("slow") if one.state == "delivered"]
            hung = [one for one in told.receiver.taken if one.path == "/hangs"]
            assert 1 <= len(hung) <= 4
            free.set()
            told.ended("delivered", 8, webhook_id="slow")


def test_a_new_secret_signs_beside_the_old_one_for_a_day(told: Told) -> None:
    told.house.watch.now = datetime.now(UTC)
    old = told.webhook()
    commands = told.house.relaybook.webhooks.commands
    given = {"url": told.receiver.url, "types": ["smtp_setting.*"], "secret": None}
    answer = commands.replace(
        "hook", make_webhook("hook", given), None, told.house.ctx(), as_auditor=True
    )
    new = (answer.document or {})["secret"]
    assert new != old
    register(told.house, "a")
    with told.telling():
        told.ended("delivered")
    (taken,) = told.receiver.taken
    assert taken.verified(old) == taken.verified(new)
    told.house.watch.forward(hours=24)
    register(told.house, "b")
    with told.telling():
        told.ended("delivered", 2)
    assert len(told.receiver.taken[1].headers["webhook-signature"].split()) == 1


def test_a_webhook_of_some_tenants_hears_of_no_others(told: Told) -> None:
    told.webhook(tenants=["acme"], types=["smtp_setting.*", "webhook.*", "access.*"])
    register(told.house, "globex")
    register(told.house, "acme")
    with told.telling():
        told.ended("delivered")
    assert [json.loads(one.body)["data"]["setting_id"] for one in told.receiver.taken] == ["acme"]


def test_a_test_message_comes_whatever_is_asked_for(told: Told) -> None:
    secret = told.webhook()
    told.house.watch.now = datetime.now(UTC)
    told.house.relaybook.webhooks.redelivery.ping("hook", told.house.ctx())
    with told.telling():
        told.ended("delivered")
    (taken,) = told.receiver.taken
    message = taken.verified(secret)
    assert (message["type"], message["data"]) == ("webhook.ping", {"webhook_id": "hook"})


def test_the_history_before_the_first_webhook_is_passed_over(told: Told) -> None:
    register(told.house)
    with told.telling():
        eventually(lambda: told.house.relaybook.cursors.load("webhooks"))
    head = told.house.relaybook.store.head()
    assert told.house.relaybook.cursors.load("webhooks") == head


def test_old_deliveries_are_forgotten(told: Told) -> None:
    told.webhook()
    register(told.house)
    with told.telling():
        told.ended("delivered")
    deliveries = told.house.relaybook.webhooks.deliveries
    deliveries.forget_old(told.house.watch() + timedelta(days=29))
    assert len(told.deliveries()) == 1
    deliveries.forget_old(told.house.watch() + timedelta(days=31))
    assert told.deliveries() == []
