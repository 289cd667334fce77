from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.errors import InvalidSetting
from services.config_api.domain.merge_patch import merge_patch
from services.config_api.domain.setting_fields import fields_of, make_draft
from services.config_api.formats.document import READ_ONLY, load_fields, read_draft, read_setting
from tests.support.settings import a_draft, some_fields

DOCUMENT = some_fields(id="acme")
NAMES = [
    "id", "host", "port", "security", "tls_protocols", "ca_pem", "auth", "x_mailer", "debug",
    "connection_timeout_ms", "timeout_ms", "session_properties", "method", "user", "password",
    "mail.smtp.port", "mail.smtp.proxy.password", "other",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(string.printable, max_size=5), inner)
    ),
    max_leaves=10,
)


def errors_of(read: Any, *args: Any, **kwargs: Any) -> dict[str, str]:
    with pytest.raises(InvalidSetting) as raised:
        read(*args, **kwargs)
    return {error.pointer: error.code for error in raised.value.errors}


def test_a_document_is_a_setting_with_its_id() -> None:
    setting_id, draft = read_setting(DOCUMENT)

    assert (setting_id, draft) == ("acme", a_draft())


@pytest.mark.parametrize("document", [some_fields(), DOCUMENT])
def test_the_path_gives_the_id(document: Any) -> None:
    assert read_setting(document, path_id="acme") == ("acme", a_draft())


@pytest.mark.parametrize(
    ("document", "path_id", "code"),
    [
        (some_fields(), None, "required"),
        (some_fields(id=""), None, "id_invalid"),
        (some_fields(id="a b"), None, "id_invalid"),
        (some_fields(id="other"), "acme", "id_differs"),
        (some_fields(), "-acme", "id_invalid"),
        (some_fields(id=7), "acme", "wrong_type"),
    ],
)
def test_a_wrong_id_is_refused(document: Any, path_id: str | None, code: str) -> None:
    assert errors_of(read_setting, document, path_id=path_id) == {"/id": code}


def test_the_id_of_a_draft_does_not_matter() -> None:
    assert read_draft(some_fields(id="a b")) == a_draft()


def test_known_providers_reach_the_rules() -> None:
    document = some_fields(auth={"method": "access_token", "provider_id": "p"})
    del document["auth"]["password"]

    assert read_draft(document, known_providers=["p"]).warnings == ()
    assert read_setting(document, path_id="acme", known_providers=["p"])[1].warnings == ()
    assert read_draft(document).warnings != ()


def test_read_only_fields_are_passed_over_whatever_they_hold() -> None:
    sent = DOCUMENT | {name: {"any": "thing"} for name in READ_ONLY}

    assert read_setting(sent) == read_setting(DOCUMENT)


@pytest.mark.parametrize("document", [None, [], "text", 1, True])
def test_a_document_is_an_object(document: Any) -> None:
    assert errors_of(read_setting, document, path_id="acme") == {"": "wrong_type"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"host": 1}, "/host"),
        ({"host": None}, "/host"),
        ({"port": "587"}, "/port"),
        ({"port": 1.5}, "/port"),
        ({"port": True}, "/port"),
        ({"port": None}, "/port"),
        ({"security": None}, "/security"),
        ({"tls_protocols": "TLSv1.2"}, "/tls_protocols"),
        ({"tls_protocols": None}, "/tls_protocols"),
        ({"tls_protocols": ["TLSv1.2", 1]}, "/tls_protocols/1"),
        ({"ca_pem": 1}, "/ca_pem"),
        ({"auth": []}, "/auth"),
        ({"auth": {"method": None}}, "/auth/method"),
        ({"auth": {"user": 1}}, "/auth/user"),
        ({"auth": {"password": 1}}, "/auth/password"),
        ({"x_mailer": 1}, "/x_mailer"),
        ({"debug": 0}, "/debug"),
        ({"debug": "true"}, "/debug"),
        ({"timeout_ms": "1"}, "/timeout_ms"),
        ({"timeout_ms": False}, "/timeout_ms"),
        ({"session_properties": []}, "/session_properties"),
        ({"session_properties": None}, "/session_properties"),
        ({"session_properties": {"mail.a/b": 1}}, "/session_properties/mail.a~1b"),
    ],
)
def test_nothing_is_converted(changes: Any, pointer: str) -> None:
    document = some_fields(**changes) if isinstance(changes.get("auth", {}), dict) else changes
    document = {"host": "smtp.acme.example"} | document

    code = "port_invalid" if pointer == "/port" else "wrong_type"
    assert errors_of(read_draft, document) == {pointer: code}


def test_true_and_false_are_booleans() -> None:
    assert read_draft({"host": "h", "debug": True}).values.debug is True


def test_an_integral_number_is_an_integer() -> None:
    draft = read_draft({"host": "h", "port": 587.0})

    assert draft.values.port == 587
    assert isinstance(draft.values.port, int)


def test_unknown_fields_are_refused_wherever_they_stand() -> None:
    document = {"host": "h", "tls": True, "auth": {"pass": "x", "method": "none"}}

    assert errors_of(read_draft, document) == {
        "/tls": "unknown_field",
        "/auth/pass": "unknown_field",
    }


def test_shape_and_rules_are_told_together() -> None:
    document = {
        "id": "a b",
        "host": "smtp://x.example",
        "port": "587",
        "debug": 1,
        "tls_protocols": ["SSLv3"],
        "auth": {"user": 1, "password": "***", "method": "password"},
        "session_properties": {"mail.a": 1, "smtp.b": "x"},
    }

    assert errors_of(read_setting, document) == {
        "/id": "id_invalid",
        "/host": "host_is_url",
        "/port": "port_invalid",
        "/debug": "wrong_type",
        "/tls_protocols/0": "protocol_unknown",
        "/auth/user": "wrong_type",
        "/auth/password": "masked_password",
        "/session_properties/mail.a": "wrong_type",
        "/session_properties/smtp.b": "property_name_invalid",
    }


def test_names_that_mean_something_to_the_reading_library_are_names_like_others() -> None:
    document = {
        "host": "h",
        "_schema": 1,
        "auth": {"_schema": 1, "user": 1},
        "session_properties": {"_schema": 1, "value": 1, "key": 1},
    }

    assert errors_of(load_fields, document) == {
        "/_schema": "unknown_field",
        "/auth/_schema": "unknown_field",
        "/auth/user": "wrong_type",
        "/session_properties/_schema": "wrong_type",
        "/session_properties/value": "wrong_type",
        "/session_properties/key": "wrong_type",
    }


def test_errors_come_in_the_order_of_the_document() -> None:
    names = [f"n{place}" for place in range(20)]
    document = {"port": "1", **dict.fromkeys(names), "host": 1}

    assert list(errors_of(load_fields, document)) == [
        "/port",
        *(f"/{name}" for name in names),
        "/host",
    ]


def test_an_id_that_is_null_is_one_mistake() -> None:
    with pytest.raises(InvalidSetting) as raised:
        read_setting(some_fields(id=None))

    assert [(error.pointer, error.code) for error in raised.value.errors] == [("/id", "wrong_type")]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"auth": {"method": 1, "password": "x"}}, "/auth/method"),
        ({"security": 1, "session_properties": {"mail.smtp.ssl.enable": "true"}}, "/security"),
        ({"tls_protocols": ["SSLv3", 1]}, "/tls_protocols/1"),
    ],
)
def test_what_depends_on_a_wrong_field_is_not_judged(document: Any, pointer: str) -> None:
    assert errors_of(read_draft, {"host": "h"} | document) == {pointer: "wrong_type"}


@given(VALUES)
def test_any_json_value_is_a_setting_or_refused(document: Any) -> None:
    try:
        draft = read_draft(document)
    except InvalidSetting as invalid:
        pointers = [error.pointer for error in invalid.errors]
    else:
        pointers = []
        assert make_draft(fields_of(draft.values)).values.port == draft.values.port

    assert all(pointer == "" or pointer.startswith("/") for pointer in pointers)


# patches


def test_a_patch_may_hold_null_everywhere() -> None:
    patch = {name: None for name in NAMES[:12] if name != "id"}

    assert load_fields(patch, partial=True) == patch
    inner = {"auth": dict.fromkeys(("method", "user", "password"))}
    assert load_fields(inner, partial=True) == inner


def test_a_patch_needs_no_host_and_no_unknown_field() -> None:
    assert load_fields({"port": 465}, partial=True) == {"port": 465}
    assert errors_of(load_fields, {"tls": None}, partial=True) == {"/tls": "unknown_field"}
    assert errors_of(load_fields, {"port": "1"}, partial=True) == {"/port": "port_invalid"}


def test_a_whole_document_may_hold_null_only_where_it_is_a_value() -> None:
    assert errors_of(load_fields, {"host": None}) == {"/host": "wrong_type"}
    assert load_fields({"timeout_ms": None}) == {"timeout_ms": None}


def test_read_only_fields_of_a_patch_are_passed_over() -> None:
    assert load_fields({"version": 3, "secret": "none"}, partial=True) == {}


@given(VALUES)
def test_any_patch_is_applied_or_refused(patch: Any) -> None:
    try:
        fields = load_fields(patch, partial=True)
        draft = make_draft(merge_patch(fields_of(a_draft().values), fields))
    except InvalidSetting as invalid:
        assert invalid.errors  # noqa: PT017 -- refusals and drafts are both right answers
    else:
        assert draft.values.host
