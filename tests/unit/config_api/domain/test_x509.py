from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from services.config_api.domain.x509 import Certificate, NotACertificate, read_certificate
from tests.support.der import BEGIN, END, LEAF, a_name, basic, der_of


def test_an_authority_is_read() -> None:
    der = der_of(extensions=[(basic(ca=True), True)])

    assert read_certificate(der) == Certificate(
        subject="経理部 CA",
        issuer="経理部 CA",
        not_before=BEGIN,
        not_after=END,
        is_ca=True,
        self_issued=True,
    )


def test_a_certificate_of_a_server_is_read() -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("smtp.acme.example")])
    der = der_of(LEAF, extensions=[(names, False), (basic(ca=False), True)])
    read = read_certificate(der)

    assert (read.subject, read.issuer) == ("smtp.acme.example", "経理部 CA")
    assert (read.is_ca, read.self_issued) == (False, False)


def test_without_basic_constraints_it_is_no_authority() -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("smtp.acme.example")])

    assert not read_certificate(der_of()).is_ca
    assert not read_certificate(der_of(extensions=[(names, False)])).is_ca


def test_a_late_end_is_read() -> None:
    late = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

    assert read_certificate(der_of(end=late)).not_after == late


def test_any_kind_of_key_is_read() -> None:
    assert read_certificate(der_of(key=ed25519.Ed25519PrivateKey.generate())).subject == "経理部 CA"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (a_name((NameOID.ORGANIZATION_NAME, "ACME")), "ACME"),
        (
            a_name((NameOID.ORGANIZATION_NAME, "ACME"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "IT")),
            "IT",
        ),
        (a_name((NameOID.COUNTRY_NAME, "JP")), ""),
        (a_name(), ""),
        (a_name((NameOID.COMMON_NAME, "a\r\nb")), "a  b"),
    ],
)
def test_the_most_telling_part_of_a_name_is_shown(name: x509.Name, shown: str) -> None:
    assert read_certificate(der_of(name, name)).subject == shown


def encoded(tag: int, body: bytes) -> bytes:
    return bytes([tag, 0x82]) + len(body).to_bytes(2) + body


def test_a_certificate_of_the_first_version_is_read() -> None:
    name = encoded(0x30, b"")
    times = encoded(0x30, b"\x17\x0d200101000000Z\x17\x0d491231235959Z")
    empty = encoded(0x30, b"")
    signed = encoded(0x30, b"\x02\x01\x01" + empty + name + times + name + empty)
    read = read_certificate(encoded(0x30, signed + empty + b"\x03\x01\x00"))

    assert (read.not_before, read.not_after, read.is_ca) == (BEGIN, END, False)


WHOLE = der_of(extensions=[(basic(ca=True), True)])


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_a_certificate_that_was_cut_off_is_none(length: int) -> None:
    with pytest.raises(NotACertificate):
        read_certificate(WHOLE[:length])


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1), st.integers(0, 255))
def test_a_certificate_with_a_wrong_byte_is_read_or_none(place: int, byte: int) -> None:
    changed = bytearray(WHOLE)
    changed[place] = byte
    with suppress(NotACertificate):
        assert isinstance(read_certificate(bytes(changed)), Certificate)


@given(st.binary())
def test_any_bytes_are_judged(der: bytes) -> None:
    with pytest.raises(NotACertificate):
        read_certificate(der)


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        b"\x30\x80\x00\x00",
        b"\x30\x85\x00\x00\x00\x00\x00",
        WHOLE + b"\x00",
        WHOLE + WHOLE,
        b"\x31" + WHOLE[1:],
        WHOLE.replace(b"\x17\x0d200101", b"\x16\x0d200101"),
        WHOLE.replace(b"\x17\x0d200101", b"\x17\x0d209901"),
    ],
)
def test_other_bytes_are_no_certificate(der: bytes) -> None:
    with pytest.raises(NotACertificate):
        read_certificate(der)
