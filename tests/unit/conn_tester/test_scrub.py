from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from services.conn_tester.scrub import Scrub, plain_blob

USER = "mailer@acme.example"
PASSWORD = "s3cret/pass+word é"
BLOB = plain_blob(USER, PASSWORD)
FORMS = (
    PASSWORD,
    PASSWORD.upper(),
    b64encode(PASSWORD.encode()).decode(),
    PASSWORD.encode().hex(),
    quote(PASSWORD, safe=""),
    BLOB,
    BLOB[:30],
    BLOB[-20:].rstrip("="),
)


def test_every_form_of_a_secret_is_replaced() -> None:
    scrub = Scrub([PASSWORD], encoded=[BLOB])
    for form in FORMS:
        assert scrub.clean(f"you said {form} didn't you").count("***") == 1, form


def test_a_short_secret_is_replaced_as_a_word_only() -> None:
    scrub = Scrub(["abc"])
    assert scrub.clean("abc is not abcdef") == "*** is not abcdef"


def test_without_secrets_nothing_is_replaced() -> None:
    assert Scrub([]).clean("535 no") == "535 no"
    assert Scrub([""]).clean("535 no") == "535 no"


@given(st.text(min_size=6, max_size=40), st.binary(max_size=5), st.binary(max_size=5))
def test_a_secret_within_base64_leaves_only_its_edges(
    secret: str, before: bytes, after: bytes
) -> None:
    whole = before + secret.encode() + after
    left = Scrub([secret]).clean(b64encode(whole).decode())
    assert "***" in left
    edges = left.replace("***", "")
    assert len(edges) * 6 // 8 <= len(before) + len(after) + 4
