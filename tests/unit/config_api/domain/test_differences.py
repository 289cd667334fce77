from __future__ import annotations

from services.config_api.domain.differences import differences
from tests.support.settings import a_draft, a_draft_without_password, given_a_setting, replace_by


def test_equal_versions_do_not_differ() -> None:
    assert differences(given_a_setting().values, given_a_setting().values) == []


def test_changed_fields_are_told_with_both_values() -> None:
    before = a_draft(session_properties={"mail.debug": "true"}).values
    after = a_draft(
        host="Faß.example",
        tls_protocols=["TLSv1.3"],
        auth={"user": "other"},
        session_properties={"mail.smtp.from": "a"},
    ).values

    assert differences(before, after) == [
        {"path": "/host", "before": "smtp.acme.example", "after": "xn--fa-hia.example"},
        {"path": "/host_unicode", "before": "smtp.acme.example", "after": "Faß.example"},
        {"path": "/tls_protocols", "before": [], "after": ["TLSv1.3"]},
        {"path": "/auth/user", "before": "mailer@acme.example", "after": "other"},
        {"path": "/session_properties/mail.debug", "before": "true", "after": None},
        {"path": "/session_properties/mail.smtp.from", "before": None, "after": "a"},
    ]


def test_secrets_are_told_by_their_versions() -> None:
    given = given_a_setting()
    before = given.values
    given.when(replace_by(a_draft(auth={"password": "new"})))
    assert differences(before, given.values) == [
        {"path": "/auth/password", "before": {"version": 1}, "after": {"version": 2}}
    ]

    middle = given.values
    given.when(replace_by(a_draft(auth={"password": None})))
    assert differences(middle, given.values) == [
        {"path": "/secret", "before": "stored", "after": "none"},
        {"path": "/auth/password", "before": {"version": 2}, "after": None},
    ]


def test_a_new_setting_differs_in_every_field_that_has_a_value() -> None:
    after = a_draft_without_password().values
    created = differences(None, after)

    assert {change["path"]: change["after"] for change in created} == {
        "/host": "smtp.acme.example",
        "/host_unicode": "smtp.acme.example",
        "/port": 587,
        "/security": "starttls",
        "/tls_protocols": [],
        "/auth/method": "password",
        "/auth/user": "mailer@acme.example",
        "/debug": False,
        "/connection_timeout_ms": 60_000,
        "/timeout_ms": 60_000,
        "/secret": "none",
    }
    assert [change["before"] for change in differences(after, None)] == [
        change["after"] for change in created
    ]
