"""The rules of an OAuth provider's fields."""

from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.errors import InvalidProvider
from services.config_api.domain.field_errors import describe
from services.config_api.domain.provider_fields import MAX_ENTRIES, make_provider
from services.config_api.domain.secret import Secret

FIELDS: dict[str, Any] = {
    "grant": "client_credentials",
    "token_url": "https://login.example/token",
    "client_id": "relaybook",
}
MICROSOFT = {"preset": "microsoft365", "client_id": "c"}


def refused(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidProvider) as error:
        make_provider("idp", FIELDS | changes)
    for one in error.value.errors:
        for language in ("en", "ja"):
            assert describe(one, language)
    return [(one.pointer, one.code) for one in error.value.errors]


def test_what_is_missing_has_a_default() -> None:
    draft = make_provider("idp", FIELDS)
    values = draft.values
    assert (values.name, values.preset, values.scopes, values.mail_hosts) == ("idp", None, (), ())
    assert (values.authorize_url, values.extra, values.secrets) == (None, {}, {})
    assert not draft.hosts_chosen
    assert draft.secrets == {}


def test_null_asks_for_the_default_and_removes_a_secret() -> None:
    changes = {"name": None, "scopes": None, "mail_hosts": None, "extra": None}
    draft = make_provider("idp", FIELDS | changes | {"client_secret": None, "private_key": "k"})
    assert draft.values == make_provider("idp", FIELDS).values
    assert draft.secrets == {"client_secret": None, "private_key": Secret("k")}


def test_hosts_are_kept_in_the_form_of_settings_once_each() -> None:
    hosts = ["SMTP.Example", "smtp.example", "[::1]", "メール.example"]
    draft = make_provider("idp", FIELDS | {"mail_hosts": hosts, "scopes": ["a", "b", "a"]})
    assert draft.values.mail_hosts == ("smtp.example", "::1", "xn--4dkua4c.example")
    assert draft.values.scopes == ("a", "b")
    assert draft.hosts_chosen


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"grant": None}, [("/grant", "required")]),
        ({"client_id": None}, [("/client_id", "required")]),
        ({"token_url": "https://u:p@a.example/"}, [("/token_url", "url_invalid")]),
        ({"token_url": "https://a.example/#f"}, [("/token_url", "url_invalid")]),
        ({"token_url": "https://2130706433/"}, [("/token_url", "url_invalid")]),
        ({"scopes": ["a b"]}, [("/scopes", "scope_invalid")]),
        ({"mail_hosts": ["https://x"]}, [("/mail_hosts/0", "host_is_url")]),
        ({"extra": {"state": "x"}}, [("/extra/state", "parameter_reserved")]),
        ({"private_key": "***"}, [("/private_key", "masked_password")]),
        ({"preset": "gogle"}, [("/preset", "not_one_of")]),
        ({"scopes": ["a"] * (MAX_ENTRIES + 1)}, [("/scopes", "too_many")]),
        ({"mail_hosts": ["a.example"] * (MAX_ENTRIES + 1)}, [("/mail_hosts", "too_many")]),
        ({"extra": {f"x{n}": "" for n in range(MAX_ENTRIES + 1)}}, [("/extra", "too_many")]),
        ({"extra": {"": "x"}}, [("/extra/", "parameter_invalid")]),
        ({"extra": {"x": "a\nb"}}, [("/extra/x", "control_characters")]),
        ({"token_url": "https://[::1/"}, [("/token_url", "url_invalid")]),
        ({"token_url": "https://a:0/"}, [("/token_url", "url_invalid")]),
        ({"token_url": "https://ä.example/"}, [("/token_url", "url_invalid")]),
        ({"token_url": "https:///path"}, [("/token_url", "url_invalid")]),
        ({"grant": "authorization_code"}, [("/authorize_url", "required")]),
        (MICROSOFT | {"token_url": None}, [("/directory", "directory_missing")]),
        (MICROSOFT | {"directory": "a/b"}, [("/directory", "directory_invalid")]),
        ({"preset": "google", "directory": "a"}, [("/directory", "directory_without_preset")]),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    assert refused(**changes) == errors


def test_urls_that_are_given_win_over_a_preset() -> None:
    draft = make_provider("idp", FIELDS | MICROSOFT)
    assert draft.values.token_url == FIELDS["token_url"]
    assert draft.values.authorize_url is None
    assert not draft.hosts_chosen
    own = make_provider("idp", FIELDS | MICROSOFT | {"mail_hosts": ["smtp.office365.com"]})
    assert own.hosts_chosen


def test_a_person_of_any_organisation_may_consent_at_microsoft() -> None:
    fields = MICROSOFT | {"grant": "authorization_code"}
    assert "/organizations/" in (make_provider("idp", fields).values.authorize_url or "")
