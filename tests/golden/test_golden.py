"""Events that were stored once are understood for ever: one sample a type and schema version.

The samples are the stored bytes. A sample is never edited; a new schema version adds a file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from events.catalogue import CATALOGUE, Fact, UnknownEvent, decode, encode
from events.connection_test import ConnectionTestCompleted
from events.envelope import NewEvent
from events.smtp_setting import SettingRegistered

SAMPLES = sorted((Path(__file__).parent / "events").glob("*.json"))
VERSIONS = [
    (shape.TYPE, version)
    for shape in CATALOGUE.values()
    for version in range(1, shape.SCHEMA_VERSION + 1)
]


def event_in(path: Path) -> NewEvent:
    type_, _, version = path.stem.rpartition(".v")
    return NewEvent(type=type_, schema_version=int(version), tenant="acme", data=path.read_bytes())


def fact_in(name: str) -> Fact:
    fact = decode(event_in(Path(__file__).parent / "events" / f"{name}.json"))
    assert not isinstance(fact, UnknownEvent)
    return fact


def test_every_type_and_schema_version_has_a_sample() -> None:
    assert {(event_in(path).type, event_in(path).schema_version) for path in SAMPLES} == set(
        VERSIONS
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_understood(path: Path) -> None:
    event = event_in(path)
    fact = decode(event)
    assert type(fact) is CATALOGUE[event.type]
    assert event.schema_version <= fact.SCHEMA_VERSION


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_newest_shape_is_still_written_in_the_same_bytes(path: Path) -> None:
    event = event_in(path)
    fact = decode(event)
    assert not isinstance(fact, UnknownEvent)
    if event.schema_version == fact.SCHEMA_VERSION:
        assert encode(fact, tenant="acme").data == event.data


def test_a_setting_is_understood_field_by_field() -> None:
    fact = fact_in("smtp_setting.registered.v1")
    assert isinstance(fact, SettingRegistered)
    values = fact.values
    assert (values.host, values.host_unicode) == ("xn--mller-kva.example", "müller.example")
    assert (values.port, values.security) == (465, "implicit_tls")
    assert values.tls_protocols == ("TLSv1.2", "TLSv1.3")
    assert (values.auth.method, values.auth.mechanism) == ("password", "SCRAM-SHA-256")
    assert (values.connection_timeout_ms, values.timeout_ms) == (15_000, None)
    assert values.x_mailer == "Acme 請求書"
    assert (values.secret, values.secrets["password"].version) == ("stored", 3)


def test_a_test_result_is_understood_field_by_field() -> None:
    fact = fact_in("connection_test.completed.v1")
    assert isinstance(fact, ConnectionTestCompleted)
    result = fact.result
    assert (result.verdict, result.code, result.step) == ("failed", "bad_credentials", "auth")
    assert result.reply is not None
    assert (result.reply.code, result.reply.enhanced) == (535, "5.7.8")
    assert [step.state for step in result.steps] == ["passed", "passed", "skipped"]
    assert result.steps[1].duration_ms == 1.9
    assert [line.sender for line in result.transcript] == ["server", "client"]
    assert result.warnings[0].facts == {"days": 9}
