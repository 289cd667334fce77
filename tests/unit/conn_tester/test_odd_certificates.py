from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.conn_tester.certificate import describe, end_point, load_chain
from services.conn_tester.diagnosis.certificate import Refused, judge_certificate
from tests.support.smtp.certificates import HOST, Wanted, issue

DER = issue(Wanted()).certificate.public_bytes(Encoding.DER)
NAMED = b"\x0c" + bytes([len(HOST)]) + HOST.encode()
ECDSA_WITH_SHA256 = bytes.fromhex("06082a8648ce3d040302")
ALTERNATIVE_NAME = bytes.fromhex("0603551d11")
EC_KEY = bytes.fromhex("06072a8648ce3d0201")


def changed(before: bytes, after: bytes) -> bytes:
    assert before in DER
    assert len(before) == len(after)
    return DER.replace(before, after)


def test_a_certificate_whose_subject_cannot_be_read_is_none() -> None:
    printable = changed(NAMED, b"\x13" + NAMED[1:].replace(b".", b"*"))
    bits = changed(NAMED, b"\x03" + NAMED[1:2] + b"\0" + NAMED[3:])
    for broken in (printable, bits):
        assert load_chain([DER, broken, DER]) == load_chain([DER])


@pytest.mark.parametrize(
    "der",
    [
        changed(ECDSA_WITH_SHA256, ECDSA_WITH_SHA256[:-1] + b"\x7f"),
        changed(ALTERNATIVE_NAME, bytes.fromhex("0603551d13")),
        changed(EC_KEY, EC_KEY[:-1] + b"\x7f"),
    ],
    ids=["an unknown signature", "an extension twice", "an unknown key"],
)
@pytest.mark.parametrize("verify_code", [10, 18, 20, 26, 62, 66])
def test_what_is_unknown_in_a_certificate_does_not_hide_the_rest(
    der: bytes, verify_code: int
) -> None:
    chain = load_chain([der])
    end_point(chain[0])
    described = describe(chain)
    assert described is not None
    assert described["subject"] == f"CN={HOST}"
    now = datetime.now(UTC)
    found = judge_certificate(Refused(verify_code=verify_code, chain=chain, private_ca=(), now=now))
    assert found.facts["subject"] == f"CN={HOST}"


def test_the_certificate_itself_is_good() -> None:
    assert load_chain([DER]) == (x509.load_der_x509_certificate(DER),)


def test_what_was_told_of_a_certificate_is_told_again_whatever_was_made_of_it() -> None:
    chain = load_chain([DER, DER])
    first, again = describe(chain), describe(chain)
    assert first is not None
    first["subject"] = first["chain"][0]["subject"] = "CN=elsewhere.example"
    assert again == describe(load_chain([DER, DER]))
    assert again is not None
    assert again["subject"] == again["chain"][0]["subject"] == f"CN={HOST}"
