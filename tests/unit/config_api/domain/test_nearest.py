from __future__ import annotations

import pytest

from services.config_api.domain.nearest import nearest, pairs, same_word

KNOWN = ("starttls", "implicit_tls", "CRAM-MD5")
OTHERS = pairs({"implicit_tls": ["ssl/tls", "smtps"]})


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("STARTTLS", "starttls"),
        ("start_tls", "starttls"),
        (" implicit-tls ", "implicit_tls"),
        ("cram_md5", "CRAM-MD5"),
        ("SSL/TLS", "implicit_tls"),
        ("smtps", "implicit_tls"),
        ("starttl", None),
        ("", None),
    ],
)
def test_the_same_word_may_be_written_in_other_ways(word: str, meant: str | None) -> None:
    assert same_word(word, KNOWN, OTHERS) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [("START-TLS", "starttls"), ("starttl", "starttls"), ("tls", None), ("quite other", None)],
)
def test_a_near_word_is_found(word: str, meant: str | None) -> None:
    assert nearest(word, KNOWN, OTHERS) == meant
