from __future__ import annotations

import re
import subprocess

import pytest

from services.conn_tester.ciphers import is_known, is_tls_1_3, openssl_names
from tests.support.smtp.process import program

_JAVA_HAS_NONE = re.compile("PSK|SRP|CAMELLIA|ARIA|anon|NULL|CCM")


def test_names_are_those_that_openssl_itself_gives() -> None:
    command = [program("openssl", "openssl"), "ciphers", "-stdname", "ALL:@SECLEVEL=0"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pairs = [(line.split()[0], line.split()[2]) for line in listed.splitlines()]
    compared = [pair for pair in pairs if not _JAVA_HAS_NONE.search(pair[0])]
    assert len(compared) > 20
    for standard, own in compared:
        assert is_known(standard), standard
        if is_tls_1_3(standard):
            assert own == standard
        else:
            assert openssl_names([standard]) == [own]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", ["ECDHE-ECDSA-AES256-CCM8"]),
        ("TLS_RSA_WITH_AES_128_CCM", ["AES128-CCM"]),
        ("SSL_RSA_WITH_3DES_EDE_CBC_SHA", ["DES-CBC3-SHA"]),
        ("TLS_AES_256_GCM_SHA384", []),
        ("TLS_EMPTY_RENEGOTIATION_INFO_SCSV", []),
    ],
)
def test_what_java_names_is_known(name: str, own: list[str]) -> None:
    assert (is_known(name), openssl_names([name])) == (True, own)


@pytest.mark.parametrize(
    "name", ["ECDHE-RSA-AES128-SHA", "TLS_RSA_WITH_RC4", "tls_aes_128_gcm_sha256", "HIGH", ""]
)
def test_other_names_are_not(name: str) -> None:
    assert not is_known(name)
