"""The page of limits says what the code does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest

from events.bus import topology
from events.store.sql.postgresql import leases
from services.config_api.application import (
    attempts,
    idempotency,
    sessions,
    sign_in_tries,
    webhook_deliveries,
    webhook_sending,
)
from services.config_api.application.relay import overdue, sealing
from services.config_api.bootstrap import examined_servers
from services.config_api.domain import (
    auth_fields,
    findings,
    host,
    provider_fields,
    session_properties,
    setting_fields,
    setting_id,
    tls_fields,
    user,
    webhook_fields,
    webhook_retries,
)
from services.config_api.formats import items, json_reader, strict_json
from services.config_api.http import bodies, incoming, passphrases, query, serve, streams
from services.config_api.http.schemas import requests
from services.config_api.http.slow_peers import PATIENCE_S, SLOWEST
from services.config_api.settings import read_settings
from services.conn_tester import dialogue, journal, service
from services.conn_tester.probe import state
from services.conn_tester.sasl.mechanisms import FOR_PASSWORDS
from tests.architecture.tree import ROOT

PAGE: Final = re.sub(r"\s+", " ", (ROOT / "deploy" / "limits.md").read_text(encoding="utf-8"))
KIB: Final = 1024
MIB: Final = 1024 * KIB
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
SETTINGS: Final = read_settings({})

SENTENCES: Final = (
    f"{bodies.USUAL_LIMIT // MIB} MiB; an import {bodies.FILE_LIMIT // MIB} MiB",
    f"not signed in {bodies.FORM_LIMIT // KIB} KiB",
    f"{strict_json.MAX_DEPTH} levels deep",
    f"{json_reader.MAX_SETTING:,} characters, {items._MAX_VALUES:,} values",
    f"{query.MOST_ITEMS} items, {query.USUAL_ITEMS} if nothing",
    f"{host._MAX_NAME} characters as an A-label",
    f"user, X-Mailer | {auth_fields._MAX_USER} characters each",
    f"user, X-Mailer | {setting_fields._MAX_X_MAILER} characters each",
    f"private key | {findings.MAX_SECRET:,} characters",
    f"(`ca_pem`) | {tls_fields._MAX_CA_PEM:,} characters",
    f"{session_properties._MAX_COUNT}, names of {session_properties._MAX_NAME}",
    f"values of {session_properties._MAX_VALUE:,} characters",
    f"{setting_fields.MAX_TIMEOUT_MS:,} ms",
    f"{provider_fields.MAX_ENTRIES} each of scopes",
    f"{webhook_fields.MAX_TYPES} patterns of types, {webhook_fields.MAX_TENANTS:,} tenants",
    f"{user.LEAST_CHARACTERS} to {user.MOST_CHARACTERS:,} characters",
    f"{passphrases.LEAST} to {passphrases.MOST} characters",
    f"{requests._MOST_DAYS:,} days",
    f"{serve._CONNECTIONS:,}; {streams.MOST_STREAMS} event streams and {incoming.MOST_BODIES}",
    f"must be there within {serve._HEADERS_MS // 1000} s",
    f"less than {SLOWEST // KIB} KiB/s for {PATIENCE_S:.0f} s",
    f"{idempotency.KEPT_FOR // HOUR} hours",
    f"{sign_in_tries.MOST_TRIES} tries in {sign_in_tries.WINDOW // MINUTE} minutes",
    f"after {sessions.IDLE_LIMIT // MINUTE} minutes without use",
    f"after {sessions.WHOLE_LIMIT // HOUR} hours",
    f"{SETTINGS.probe_deadline_ms // 1000} s (`RELAYBOOK_PROBE_DEADLINE_MS`)",
    f"{state.MOST_CONNECTIONS} connections an attempt; {overdue.MOST_ATTEMPTS} attempts",
    f"ends after {attempts.UNCLAIMED_LIMIT // MINUTE} minutes as `no_tester`",
    f"{SETTINGS.probe_concurrency} tests at once",
    f"and {service._MOST_DETECTIONS} detections",
    f"{dialogue.REPLY_LIMIT // KIB} KiB a reply, {dialogue.SESSION_LIMIT // KIB} KiB a session",
    f"{journal._MAXIMUM_LINES} lines of transcript",
    f"{webhook_sending.LIMIT_S:.0f} s an attempt, {webhook_retries.MOST_ATTEMPTS} attempts",
    f"kept for {webhook_deliveries.KEPT['parked'].days} days",
    f"what arrived for {webhook_deliveries.KEPT['delivered'].days}",
    f"given to a receiver {topology.DELIVERY_LIMIT} times",
    f"signed every {sealing._EVERY_SECONDS:.0f} s",
    f"PostgreSQL {examined_servers._OLDEST_POSTGRESQL} or newer",
    f"RabbitMQ {'.'.join(map(str, examined_servers._OLDEST_RABBITMQ))} or newer",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_number_is_that_of_the_code(sentence: str) -> None:
    assert sentence in PAGE


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_readme_repeats_the_numbers_that_matter_most(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    for number in (
        f"{bodies.USUAL_LIMIT // MIB} MiB",
        f"{bodies.FILE_LIMIT // MIB} MiB",
        f" {query.MOST_ITEMS} ",
    ):
        assert number in text
    assert SETTINGS.test_rate is not None
    assert (SETTINGS.test_rate.count, SETTINGS.test_rate.seconds) == (30, 60)
    assert re.search("ten attempts|10 回の試行", text)
    assert webhook_retries.MOST_ATTEMPTS == 10
    assert re.search("three seconds|3 秒", text)
    assert leases.LASTS == 3.0


def test_the_longest_id_is_that_of_the_page() -> None:
    assert setting_id.is_setting_id("a" * 64)
    assert not setting_id.is_setting_id("a" * 65)
    assert "64 characters of `A-Z a-z 0-9 . _ @ -`" in PAGE


def test_the_last_attempt_for_a_webhook_comes_when_the_page_says() -> None:
    longest = sum(webhook_retries.PAUSES, timedelta())
    assert longest > timedelta(days=3)
    assert longest * (1 + webhook_retries._JITTER) < timedelta(days=4)


@pytest.mark.parametrize("mechanism", ["DIGEST-MD5", "NTLM", "GSSAPI"])
def test_what_the_tester_does_not_speak_is_what_it_does_not_speak(mechanism: str) -> None:
    assert mechanism in PAGE
    assert mechanism not in FOR_PASSWORDS
