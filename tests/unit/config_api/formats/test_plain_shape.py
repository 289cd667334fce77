from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from services.config_api.formats.plain_shape import plain_reader
from services.config_api.formats.schema_errors import read_shape
from services.config_api.formats.schema_setting import SettingSchema

WHOLE = SettingSchema(partial=True)
read = plain_reader(WHOLE)

TEXT = st.text(max_size=4)
ODD = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.lists(TEXT)
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "id": TEXT, "host": TEXT, "port": st.integers(), "security": TEXT,
    "tls_protocols": st.lists(TEXT, max_size=3), "ca_pem": TEXT | st.none(),
    "x_mailer": TEXT | st.none(), "debug": st.booleans(), "timeout_ms": st.integers() | st.none(),
    "session_properties": st.dictionaries(TEXT, TEXT | st.none(), max_size=3),
    "auth": st.fixed_dictionaries(
        {}, optional={"method": TEXT, "user": TEXT | st.none(), "password": TEXT | st.none()}
    ),
    "version": ODD, "host_unicode": ODD,
}  # fmt: skip
PLAIN = st.fixed_dictionaries({}, optional=RIGHT)


@given(PLAIN)
def test_what_is_right_by_its_types_is_read_as_marshmallow_reads_it(document: Any) -> None:
    assert (read(document), ()) == read_shape(WHOLE, document)


@given(PLAIN, st.sampled_from([*RIGHT, "colour", "auth.user", "auth.colour"]), ODD)
def test_what_is_wrong_is_left_to_marshmallow(document: Any, place: str, value: Any) -> None:
    parent, _, member = place.rpartition(".")
    (document.setdefault(parent, {}) if parent else document)[member] = value
    found, (fields_, errors) = read(document), read_shape(WHOLE, document)
    assert found is None or (found, ()) == (fields_, errors)
    assert found is None or not errors


@pytest.mark.parametrize(
    "document",
    [
        None, [], "host", {"port": True}, {"port": 587.0}, {"debug": 1}, {"host": None},
        {"colour": "red"}, {"auth": []}, {"auth": {"colour": "red"}}, {"tls_protocols": "TLSv1.2"},
        {"tls_protocols": [None]}, {"session_properties": {"mail.debug": True}},
        {"session_properties": None},
    ],
)  # fmt: skip
def test_another_type_is_not_plain(document: Any) -> None:
    assert read(document) is None


def test_what_was_read_is_nobody_elses() -> None:
    properties, protocols = {"mail.debug": "true"}, ["TLSv1.2"]
    found = read({"session_properties": properties, "tls_protocols": protocols})
    assert found["session_properties"] == properties
    assert found["session_properties"] is not properties
    assert found["tls_protocols"] is not protocols


def test_a_field_of_another_kind_is_refused_from_the_beginning() -> None:
    class Dated(Schema):
        at = fields.DateTime()

    with pytest.raises(TypeError, match="no plain form"):
        plain_reader(Dated())
