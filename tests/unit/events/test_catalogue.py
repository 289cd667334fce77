from __future__ import annotations

import re

import pytest

from events.catalogue import CATALOGUE, UnknownEvent, decode, encode
from events.codec import MalformedData
from events.smtp_setting import SettingDeleted
from tests.support.events import a_recorded_event, an_event


@pytest.mark.parametrize("type_", CATALOGUE)
def test_a_type_is_a_subject_and_a_past_tense(type_: str) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]*(ed|in|made|read|withdrawn)", type_)
    assert type_ == CATALOGUE[type_].TYPE
    assert CATALOGUE[type_].SCHEMA_VERSION >= 1


def test_a_fact_goes_into_an_event_and_out_again() -> None:
    fact = SettingDeleted(setting_id="acme")
    event = encode(fact, tenant="acme")
    assert (event.type, event.schema_version, event.tenant) == ("smtp_setting.deleted", 1, "acme")
    assert event.data == b'{"setting_id":"acme"}'
    assert decode(event) == fact


def test_every_event_has_an_id_of_its_own() -> None:
    fact = SettingDeleted(setting_id="acme")
    assert encode(fact, tenant=None).id != encode(fact, tenant=None).id


def test_a_stored_event_is_decoded_too() -> None:
    event = a_recorded_event(type="smtp_setting.deleted", data=b'{"setting_id":"acme"}')
    assert decode(event) == SettingDeleted(setting_id="acme")


@pytest.mark.parametrize(
    ("type_", "schema_version"), [("smtp_setting.painted", 1), ("smtp_setting.deleted", 2)]
)
def test_an_event_from_the_future_is_kept_as_it_is(type_: str, schema_version: int) -> None:
    event = an_event(type_, schema_version=schema_version, data={"colour": "red"})
    assert decode(event) == UnknownEvent(
        type=type_, schema_version=schema_version, data={"colour": "red"}
    )


def test_known_data_of_another_shape_is_refused() -> None:
    with pytest.raises(MalformedData, match="SettingDeleted"):
        decode(an_event("smtp_setting.deleted", data={"setting": "acme"}))
