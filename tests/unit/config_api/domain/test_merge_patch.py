from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.merge_patch import merge_patch, patched_fields
from services.config_api.domain.setting_fields import fields_of, make_draft
from tests.support.settings import a_draft, given_a_setting

NAMES = st.sampled_from(["host", "port", "auth", "user", "x_mailer", "session_properties"])
LEAVES = st.integers() | st.text(max_size=3) | st.booleans()
DOCUMENTS = st.dictionaries(NAMES, LEAVES | st.dictionaries(NAMES, LEAVES))
PATCHES = st.dictionaries(NAMES, LEAVES | st.none() | st.dictionaries(NAMES, LEAVES | st.none()))
FIELDS = fields_of(a_draft(session_properties={"mail.smtp.from": "a", "mail.debug": "true"}).values)


def rfc_7396(target: Any, patch: Any) -> Any:
    """The pseudocode of RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc_7396(target.get(name), value)
    return target


@given(DOCUMENTS, PATCHES)
def test_a_patch_is_merged_as_rfc_7396_says(document: Any, patch: Any) -> None:
    assert merge_patch(document, patch) == rfc_7396(document, patch)


@given(DOCUMENTS, PATCHES)
def test_a_patch_merged_twice_is_merged_once(document: Any, patch: Any) -> None:
    once = merge_patch(document, patch)

    assert merge_patch(once, patch) == once


def test_an_empty_patch_changes_nothing() -> None:
    assert merge_patch(FIELDS, {}) == FIELDS


def test_one_field_changes_alone() -> None:
    assert merge_patch(FIELDS, {"auth": {"mechanism": "PLAIN"}}) == FIELDS | {
        "auth": FIELDS["auth"] | {"mechanism": "PLAIN"}
    }


def test_null_is_a_timeout() -> None:
    patched = merge_patch(FIELDS, {"timeout_ms": None, "connection_timeout_ms": None})

    assert make_draft(patched).values.timeout_ms is None
    assert make_draft(patched).values.connection_timeout_ms is None


def test_null_elsewhere_is_the_default() -> None:
    patched = merge_patch(FIELDS, {"port": None, "security": None, "auth": None, "x_mailer": None})
    values = make_draft(patched).values

    assert (values.port, values.security, values.auth.method) == (587, "starttls", "none")


def test_null_removes_a_password_and_a_property() -> None:
    patched = merge_patch(
        FIELDS, {"auth": {"password": None}, "session_properties": {"mail.smtp.from": None}}
    )

    assert make_draft(patched).secrets == {"password": None}
    assert make_draft(patched).values.session_properties == {"mail.debug": "true"}


def test_null_for_all_properties_removes_the_secret_ones_too() -> None:
    given = given_a_setting(
        session_properties={"mail.smtp.proxy.password": "p", "mail.debug": "true"}
    )
    draft = make_draft(patched_fields(given.values, {"session_properties": None}))

    assert draft.values.session_properties == {}
    assert draft.secrets == {"mail.smtp.proxy.password": None}


def test_a_patch_of_one_property_leaves_the_others() -> None:
    given = given_a_setting(session_properties={"mail.debug": "true"})
    patch = {"session_properties": {"mail.smtp.from": "a"}}

    assert make_draft(patched_fields(given.values, patch)).values.session_properties == {
        "mail.debug": "true",
        "mail.smtp.from": "a",
    }
