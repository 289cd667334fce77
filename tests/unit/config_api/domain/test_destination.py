from __future__ import annotations

from typing import Any

import pytest

from services.config_api.domain.destination import changed_destination
from services.config_api.domain.setting_fields import make_draft
from tests.support.settings import a_certificate, a_draft

BEFORE = a_draft().values


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"host": "other.example"}, ("/host",)),
        ({"port": 588}, ("/port",)),
        ({"security": "none"}, ("/security",)),
        ({"tls_protocols": ["TLSv1.2"]}, ("/tls_protocols",)),
        ({"ca_pem": a_certificate()}, ("/ca_pem",)),
        ({"auth": {"user": "other"}}, ("/auth/user",)),
        ({"auth": {"mechanism": "LOGIN"}}, ("/auth/mechanism",)),
        ({"auth": {"provider_id": "p"}}, ("/auth/provider_id",)),
        (
            {"session_properties": {"mail.smtp.ssl.trust": "*", "mail.smtp.proxy.host": "p"}},
            (
                "/session_properties/mail.smtp.ssl.trust",
                "/session_properties/mail.smtp.proxy.host",
            ),
        ),
    ],
)
def test_every_field_of_the_destination_counts(changes: Any, pointers: tuple[str, ...]) -> None:
    after = a_draft(**changes).values

    assert changed_destination(BEFORE, after) == pointers
    assert changed_destination(after, BEFORE) == pointers


def test_the_method_counts() -> None:
    after = make_draft({"host": "smtp.acme.example", "auth": {"user": "mailer@acme.example"}})

    assert changed_destination(BEFORE, after.values) == ("/auth/method",)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "SMTP.acme.example"},
        {"x_mailer": "x"},
        {"debug": True},
        {"timeout_ms": 1},
        {"connection_timeout_ms": None},
        {"session_properties": {"mail.smtp.localhost": "app01"}},
    ],
)
def test_other_fields_do_not(changes: Any) -> None:
    assert changed_destination(BEFORE, a_draft(**changes).values) == ()


def test_the_order_of_tls_versions_does_not_matter() -> None:
    one, other = (
        a_draft(tls_protocols=order).values
        for order in (["TLSv1.2", "TLSv1.3"], ["TLSv1.3", "TLSv1.2"])
    )

    assert changed_destination(one, other) == ()
