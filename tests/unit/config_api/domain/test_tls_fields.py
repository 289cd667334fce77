from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from events.connection_test import Warned
from services.config_api.domain.certificates import read_trust_anchors
from services.config_api.domain.field_errors import describe
from services.config_api.domain.setting_fields import make_draft
from tests.support.der import LEAF, der_of
from tests.support.drafts import error_of, warnings_of
from tests.support.settings import a_certificate


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        (["TLS1.2"], ["TLSv1.2"]),
        (["tlsv1.2", "TLSv1.3"], ["TLSv1.2", "TLSv1.3"]),
        (["TLS 1.3"], ["TLSv1.3"]),
        (["1.2"], ["TLSv1.2"]),
        (["TLSv1.0"], ["TLSv1"]),
        (["TLSv1_1"], ["TLSv1.1"]),
        (["SSLv3"], ["TLSv1.2", "TLSv1.3"]),
        (["SSLv3", "TLSv1.2"], ["TLSv1.2"]),
        (["TLSv1.4"], ["TLSv1.2", "TLSv1.3"]),
        ([""], ["TLSv1.2", "TLSv1.3"]),
    ],
)
def test_a_misspelt_tls_version_is_refused_with_the_whole_list_mended(
    given: list[str], mended: list[str]
) -> None:
    error = error_of(tls_protocols=given)

    assert error.code == "protocol_unknown"
    assert error.fix == {"tls_protocols": mended}


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("TLS1.2", "Write TLSv1.2"),
        ("SSLv3", "SSL is broken"),
        ("TLSv1.4", "Choose among TLSv1, TLSv1.1"),
    ],
)
def test_what_to_do_about_a_tls_version_is_told(version: str, told: str) -> None:
    assert told in describe(error_of(tls_protocols=[version]), "en")


def test_a_long_list_of_tls_versions_is_refused() -> None:
    assert error_of(tls_protocols=["x"] * 17).code == "too_many"


CA = read_trust_anchors(a_certificate()).certificates[0]


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        (None, []),
        (CA.not_before, []),
        (CA.not_after + timedelta(seconds=1), ["ca_pem_expired"]),
        (CA.not_before - timedelta(seconds=1), ["ca_pem_not_yet_valid"]),
    ],
)
def test_a_certificate_out_of_its_time_is_a_warning(at: Any, codes: list[str]) -> None:
    draft = make_draft({"host": "h", "ca_pem": a_certificate()}, at=at)

    assert [one.code for one in draft.warnings] == codes
    assert all(one.facts["subject"] == "ACME Root" for one in draft.warnings)


def test_a_certificate_of_a_server_is_a_warning_with_its_authority() -> None:
    draft = make_draft({"host": "h", "ca_pem": a_certificate(der_of(LEAF))})

    facts = {"subject": "smtp.acme.example", "issuer": "経理部 CA"}
    assert draft.warnings == (Warned(code="ca_pem_not_a_ca", facts=facts),)


def test_a_certificate_that_a_server_signed_itself_may_be_trusted() -> None:
    assert warnings_of(ca_pem=a_certificate(der_of(LEAF, LEAF))) == []


@pytest.mark.parametrize("character", ["\0", "\t", "\x7f"])
def test_control_characters_between_certificates_are_refused(character: str) -> None:
    error = error_of(ca_pem=f"the root{character}\n{a_certificate()}")

    assert (error.pointer, error.code) == ("/ca_pem", "control_characters")


def test_a_text_that_is_no_certificate_is_refused_with_the_one_that_is_meant() -> None:
    error = error_of(ca_pem=a_certificate().replace("\n", " "))

    assert (error.code, error.facts["reason"]) == ("ca_pem_invalid", "layout")
    assert error.fix == {"ca_pem": a_certificate()}
