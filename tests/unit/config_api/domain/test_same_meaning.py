from __future__ import annotations

import pytest

from services.config_api.domain.same_meaning import in_stored_form
from tests.support.settings import a_draft, given_a_setting, replace_by


@pytest.mark.parametrize(
    ("stored", "sent", "kept"),
    [
        ("smtp.acme.example", "SMTP.Acme.Example", "smtp.acme.example"),
        ("smtp.acme.example", "smtp.acme.example.", "smtp.acme.example"),
        ("Faß.example", "xn--fa-hia.example", "Faß.example"),
        ("Faß.example", "faß.example", "Faß.example"),
        ("xn--fa-hia.example", "faß.example", "faß.example"),
        ("smtp.acme.example", "Faß.example", "Faß.example"),
    ],
)
def test_the_host_as_it_was_typed_stays_where_it_is_the_same(
    stored: str, sent: str, kept: str
) -> None:
    before = a_draft(host=stored).values

    assert in_stored_form(a_draft(host=sent).values, before).host_unicode == kept


def test_the_order_of_tls_versions_means_nothing() -> None:
    before = a_draft(tls_protocols=["TLSv1.3", "TLSv1.2"]).values
    turned = a_draft(tls_protocols=["TLSv1.2", "TLSv1.3"]).values
    fewer = a_draft(tls_protocols=["TLSv1.2"]).values

    assert in_stored_form(turned, before) == before
    assert in_stored_form(fewer, before) == fewer


def test_a_new_setting_has_its_own_form() -> None:
    values = a_draft(host="Faß.example").values

    assert in_stored_form(values, None) == values


def test_forms_that_mean_the_same_record_nothing() -> None:
    given = given_a_setting(host="Smtp.Acme.Example", tls_protocols=["TLSv1.3", "TLSv1.2"])
    same = a_draft(host="smtp.acme.example.", tls_protocols=["TLSv1.2", "TLSv1.3"])

    assert given.when(replace_by(same, same=frozenset({"password"}))) == []
