from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from html import escape
from quopri import encodestring
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.scrub import Scrub, basic_blob, plain_blob

USER = "mailer@acme.example"
PASSWORD = 's3cret/pass+word é<"=>'
BLOB = plain_blob(USER, PASSWORD)
FORMS = (
    PASSWORD,
    PASSWORD.upper(),
    b64encode(PASSWORD.encode()).decode(),
    PASSWORD.encode().hex(),
    quote(PASSWORD, safe=""),
    quote_plus(PASSWORD),
    json.dumps(PASSWORD)[1:-1],
    escape(PASSWORD),
    encodestring(PASSWORD.encode()).decode(),
    encodestring(PASSWORD.encode(), quotetabs=True).decode(),
    "\0".join(PASSWORD),
    BLOB,
    BLOB[:30],
    BLOB[-20:].rstrip("="),
)


def test_every_form_of_a_secret_is_replaced() -> None:
    scrub = Scrub([PASSWORD], encoded=[BLOB])
    for form in FORMS:
        assert scrub.clean(f"you said {form} didn't you").count("***") == 1, form


#: Holds no long word by which a piece of it would be known.
JAGGED = '7f"a3=9c\\e1%44/b2+<5d é0'


@pytest.mark.parametrize(
    "form",
    [
        JAGGED,
        json.dumps(JAGGED),
        json.dumps(json.dumps(JAGGED)),
        json.dumps(JAGGED, ensure_ascii=False).replace("/", "\\/"),
        escape(JAGGED),
        quote(JAGGED),
        quote_plus(JAGGED).lower(),
        encodestring(JAGGED.encode()).decode(),
        JAGGED.encode("utf-16-le").decode("utf-8", "backslashreplace"),
        JAGGED.encode("utf-16-be").decode("utf-8", "backslashreplace"),
        b64encode(b"id:" + quote_plus(JAGGED).encode()).decode(),
        urlsafe_b64encode(b"x" + JAGGED.encode()).decode(),
    ],
)
def test_every_form_of_a_secret_without_long_words_is_replaced(form: str) -> None:
    assert "***" in Scrub([JAGGED]).clean(f"you said {form} didn't you")
    left = Scrub([JAGGED]).clean(f"{form}").replace("***", "")
    assert len(left) <= 8, left


def test_blobs_are_those_of_the_wire() -> None:
    assert plain_blob("u", "p", "a") == b64encode(b"a\0u\0p").decode()
    assert basic_blob("u", "p") == b64encode(b"u:p").decode()


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
