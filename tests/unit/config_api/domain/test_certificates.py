from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.certificates import PemRefused, read_trust_anchors
from tests.support.settings import a_certificate

PEM = a_certificate()
BASE64 = "".join(PEM.split("\n")[1:-2])
KEY = "-----BEGIN PRIVATE KEY-----\nMAMCAQU=\n-----END PRIVATE KEY-----\n"


def refused(text: str) -> PemRefused:
    with pytest.raises(PemRefused) as raised:
        read_trust_anchors(text)
    return raised.value


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (PEM, 1),
        (PEM.rstrip(), 1),
        (PEM + PEM, 2),
        ("the root of ACME\n" + PEM + "\nthe next one\n" + PEM, 2),
        (PEM.replace("\n", "  \n"), 1),
        (f"-----BEGIN CERTIFICATE-----\n{BASE64}\n-----END CERTIFICATE-----", 1),
    ],
)
def test_one_or_more_certificates_are_taken_as_they_are(text: str, count: int) -> None:
    anchors = read_trust_anchors(text)

    assert anchors.text == text
    assert [one.subject for one in anchors.certificates] == ["ACME Root"] * count


@pytest.mark.parametrize(
    "text", [PEM.replace("\n", "\r\n"), PEM.replace("\n", "\r"), "\ufeff" + PEM]
)
def test_line_ends_are_those_of_unix(text: str) -> None:
    assert read_trust_anchors(text).text == PEM


@pytest.mark.parametrize(
    ("text", "reason", "fix"),
    [
        (KEY, "private_key", None),
        (KEY + PEM, "private_key", PEM),
        (PEM + KEY.replace("PRIVATE", "RSA PRIVATE"), "private_key", PEM),
        (BASE64, "no_armour", PEM),
        ("\n".join(PEM.split("\n")[1:-2]), "no_armour", PEM),
        (PEM.replace("\n", " "), "layout", PEM),
        (PEM.replace("\n", "\\n"), "layout", PEM),
        (PEM.replace("\n", ""), "layout", PEM),
        (PEM.replace("CERTIFICATE", "X509 CERTIFICATE"), "layout", PEM),
        (PEM.replace("-----END CERTIFICATE-----", ""), "incomplete", None),
        (PEM + "-----BEGIN CERTIFICATE-----\n", "incomplete", None),
        ("-----BEGIN CERTIFICATE-----\n" + PEM, "incomplete", None),
        (PEM.replace("MII", "M*I", 1), "damaged", None),
        (PEM.replace("MII", "MIJ", 1), "damaged", None),
        (PEM + a_certificate(b"\x30\x03\x02\x01\x05"), "damaged", None),
        (PEM.replace("CERTIFICATE", "PUBLIC KEY"), "other_block", None),
        (PEM.replace("CERTIFICATE", "PKCS7"), "other_block", None),
        ("", None, None),
        ("not a certificate", None, None),
        ("-----END CERTIFICATE-----", None, None),
        ("AAAA", None, None),
    ],
)
def test_anything_else_is_refused_with_its_reason_and_perhaps_a_fix(
    text: str, reason: str | None, fix: str | None
) -> None:
    error = refused(text)

    assert (error.reason, error.fix) == (reason, fix)


def test_the_damaged_certificate_and_the_other_block_are_named() -> None:
    assert refused(PEM + PEM.replace("MII", "MIJ", 1)).facts == {"number": 2}
    assert refused(PEM.replace("CERTIFICATE", "CERTIFICATE REQUEST")).facts == {
        "label": "CERTIFICATE REQUEST"
    }


def test_a_private_key_is_not_repeated() -> None:
    error = refused(KEY + PEM)

    assert "MAMCAQU" not in f"{error!r}{error.fix}{error.facts}"


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    refused(text)
