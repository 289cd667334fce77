"""The fields of a webhook."""

from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.secret import Secret
from services.config_api.domain.webhook_errors import InvalidWebhook
from services.config_api.domain.webhook_fields import MAX_TENANTS, MAX_TYPES, make_webhook

URL = "https://hooks.acme.example/in"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FIELDS: dict[str, Any] = {"url": URL, "types": ["smtp_setting.*"]}


def wrong(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidWebhook) as refused:
        make_webhook("chat", FIELDS | changes)
    return {error.pointer: error.code for error in refused.value.errors}


def test_what_is_missing_is_filled_in() -> None:
    draft = make_webhook("chat", FIELDS | {"name": None, "active": None})
    values = draft.values
    assert (values.name, values.url, values.types) == ("chat", URL, ("smtp_setting.*",))
    assert (values.tenants, values.active, draft.secret, draft.renews) == (None, True, None, False)


def test_everything_is_read() -> None:
    given = {"name": "Chat", "active": False, "tenants": ["b", "a", "b"], "secret": SECRET}
    draft = make_webhook("chat", FIELDS | given | {"types": ["#", "#"]})
    values = draft.values
    assert (values.name, values.active, values.tenants) == ("Chat", False, ("a", "b"))
    assert (values.types, draft.secret, draft.renews) == (("#",), Secret(SECRET), False)


def test_a_null_secret_asks_for_a_new_one() -> None:
    assert make_webhook("chat", FIELDS | {"secret": None}).renews


def test_everything_wrong_is_told_at_once() -> None:
    assert wrong(url=None, types=["smtp_setting.*", "nothing"], tenants=["/"], secret="short") == {
        "/url": "required",
        "/types/1": "type_unknown",
        "/tenants/0": "id_invalid",
        "/secret": "signing_secret_invalid",
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("url", "ftp://hooks.acme.example", "url_invalid"),
        ("url", "https://user:pass@hooks.acme.example", "url_invalid"),
        ("types", [], "required"),
        ("types", ["#"] * (MAX_TYPES + 1), "too_many"),
        ("tenants", [], "required"),
        ("tenants", ["a"] * (MAX_TENANTS + 1), "too_many"),
        ("secret", "*****", "masked_password"),
    ],
)
def test_a_wrong_field(field: str, value: object, code: str) -> None:
    assert wrong(**{field: value}) == {f"/{field}": code}
