"""Facts are read from the stored bytes at once: as exactly as from the JSON values one by one."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import CATALOGUE, Fact, decode, encode
from events.codec import MalformedData, canonical_json, from_data, from_json, to_data
from events.smtp_setting import SettingDeleted
from tests.support.generated_events import ANY_FACT, FACTS, JSON

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("type_", CATALOGUE)
@given(data=st.data())
def test_what_was_written_is_read_as_it_was(type_: str, data: st.DataObject) -> None:
    fact: Fact = data.draw(FACTS[type_])
    event = encode(fact, tenant=None)
    assert decode(event) == fact
    assert encode(fact, tenant=None).data == event.data
    assert from_data(type(fact), json.loads(event.data)) == fact


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a JSON value: what holds it, and its name or number there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [(value, key) for key, _ in inner]
    for holder, key in list(found):
        if isinstance(holder[key], dict | list):
            found += _places(holder[key])
    return found


def _told(read: Callable[[], object]) -> object:
    with suppress(MalformedData):
        return read()
    return MalformedData


@given(fact=ANY_FACT, data=st.data())
def test_what_does_not_fit_is_refused_alike(fact: Fact, data: st.DataObject) -> None:
    spoiled = to_data(fact)
    holder, key = data.draw(st.sampled_from(_places(spoiled)))
    if data.draw(st.booleans()):
        holder[key] = data.draw(JSON)
    else:
        del holder[key]
    stored = canonical_json(spoiled)
    one_by_one = _told(lambda: from_data(type(fact), json.loads(stored)))
    assert _told(lambda: from_json(type(fact), stored)) == one_by_one


@pytest.mark.parametrize("stored", [b"", b"{", b"[]", b"null", b'{"setting_id":"acme"} x'])
def test_what_is_no_object_is_refused(stored: bytes) -> None:
    with pytest.raises(MalformedData, match="SettingDeleted"):
        from_json(SettingDeleted, stored)
